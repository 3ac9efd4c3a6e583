//! Who said it: finding or creating the customers and accounts named inline with feedback.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::domain::text::{bare, email_fold, fold};
use crate::domain::{CustomerRef, Id, NewAccount, NewCustomer};
use crate::error::Result;
use crate::store::customers::{self as store, AccountRow, CustomerRow, mention};
use crate::store::{Tx, stale, types::DbTime};

/// A row with what must be done with it at the end.
struct Kept<R> {
    row: R,
    new: bool,
    changed: bool,
}

/// Finds or creates the customers of one batch: loads in bulk, decides in memory, writes in bulk.
#[derive(Default)]
pub struct Resolver {
    customers: HashMap<Id, Kept<CustomerRow>>,
    accounts: HashMap<Id, Kept<AccountRow>>,
    by_identity: HashMap<(String, String), Id>,
    by_email: HashMap<String, Id>,
    by_account: HashMap<String, Id>,
    /// Addresses of those merged away: they lead to the one who stays, whose own address they are not.
    old_addresses: HashSet<String>,
    new_identities: Vec<((String, String), Id)>,
}

impl Resolver {
    /// Loads everyone these inputs may mean; `origin` is where each input comes from.
    ///
    /// # Errors
    /// Those of the database.
    pub fn load<'a>(tx: &mut Tx<'_>, inputs: impl Iterator<Item = (&'a str, &'a NewCustomer)>) -> Result<Self> {
        let (mut identities, mut emails, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
        for (origin, input) in inputs {
            identities.extend(input.external_id.iter().map(|id| (origin.to_owned(), id.clone())));
            emails.extend(input.email.as_deref().map(email_fold));
            accounts.extend(input.account.iter().map(|a| fold(&a.name)));
        }
        let mut all = Self::default();
        if !identities.is_empty() {
            for (identity, row, account) in store::by_identity(tx.conn, &identities)? {
                all.by_identity.insert(identity, row.id.into());
                all.keep_customers(vec![row]);
                all.keep_accounts(account.into_iter().collect());
            }
        }
        // Mostly an identity comes with the address and the account it is known to have.
        emails.retain(|email| !all.by_email.contains_key(email));
        accounts.retain(|name| !all.by_account.contains_key(name));
        if !emails.is_empty() {
            let found = store::by_email(tx.conn, &emails)?;
            let (merged, present): (Vec<_>, Vec<_>) = found.into_iter().partition(|row| row.merged_into.is_some());
            all.keep_customers(present);
            all.follow(tx, &merged)?;
        }
        if !accounts.is_empty() {
            all.keep_accounts(store::accounts_by_name(tx.conn, &accounts)?);
        }
        let has: Vec<Id> = all.customers.values().filter_map(|c| c.row.account_id.map(Id::from)).collect();
        let missing: Vec<Id> = has.into_iter().filter(|id| !all.accounts.contains_key(id)).collect();
        if !missing.is_empty() {
            all.keep_accounts(store::accounts_by_id(tx.conn, &missing)?);
        }
        Ok(all)
    }

    /// Loads those who said what is filed again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn remember(&mut self, tx: &mut Tx<'_>, speakers: impl Iterator<Item = Id>) -> Result<()> {
        let unknown: Vec<Id> = speakers.filter(|id| !self.customers.contains_key(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let found = store::by_id(tx.conn, &unknown)?;
        let accounts: Vec<Id> = found.iter().filter_map(|row| row.account_id.map(Id::from)).collect();
        let missing: Vec<Id> = accounts.into_iter().filter(|id| !self.accounts.contains_key(id)).collect();
        self.keep_customers(found);
        if !missing.is_empty() {
            let accounts = store::accounts_by_id(tx.conn, &missing)?;
            self.keep_accounts(accounts);
        }
        Ok(())
    }

    /// Whether someone without an id and an address is who said the same thing before: then their name is the same, or
    /// that one has none, or has nothing but a name, which may have changed.
    fn is_still(&self, id: Id, input: &NewCustomer) -> bool {
        let Some(kept) = self.customers.get(&id) else { return false };
        let row = &kept.row;
        let same = match (&row.name, &input.name) {
            (Some(one), Some(other)) => fold(one) == fold(other),
            _ => true,
        };
        input.external_id.is_none()
            && input.email.is_none()
            && row.merged_into.is_none()
            && row.erased_at.is_none()
            && (same || row.email.is_none())
    }

    fn keep_customers(&mut self, rows: Vec<CustomerRow>) {
        for row in rows {
            let id = row.id.into();
            self.by_email.extend(row.email_folded.clone().map(|email| (email, id)));
            self.customers.insert(id, Kept { row, new: false, changed: false });
        }
    }

    fn follow(&mut self, tx: &mut Tx<'_>, merged: &[CustomerRow]) -> Result<()> {
        let into: Vec<Id> = merged.iter().filter_map(|row| row.merged_into.map(Id::from)).collect();
        let unknown: Vec<Id> = into.into_iter().filter(|id| !self.customers.contains_key(id)).collect();
        if !unknown.is_empty() {
            self.keep_customers(store::by_id(tx.conn, &unknown)?);
        }
        for row in merged {
            if let (Some(address), Some(into)) = (&row.email_folded, row.merged_into) {
                self.by_email.insert(address.clone(), into.into());
                self.old_addresses.insert(address.clone());
            }
        }
        Ok(())
    }

    fn keep_accounts(&mut self, rows: Vec<AccountRow>) {
        for row in rows {
            let id = row.id.into();
            self.by_account.insert(row.name_folded.clone(), id);
            self.accounts.insert(id, Kept { row, new: false, changed: false });
        }
    }

    /// The customer an input means: by `(origin, external_id)`, then by e-mail, else a new one. `None` where the
    /// input says nothing about who it is. Absent fields leave what is there. `said_by` is who said what is filed again:
    /// someone known by name only is that one, not another new one each time.
    pub fn resolve(&mut self, tx: &Tx<'_>, origin: &str, input: &NewCustomer, said_by: Option<Id>) -> Option<Id> {
        let identity = input.external_id.clone().map(|id| (origin.to_owned(), id));
        let email = input.email.as_deref().map(email_fold);
        let known = identity
            .as_ref()
            .and_then(|key| self.by_identity.get(key))
            .or_else(|| email.as_ref().and_then(|email| self.by_email.get(email)))
            .copied()
            .or_else(|| said_by.filter(|id| self.is_still(*id, input)));
        let nameless = identity.is_none() && email.is_none() && input.name.is_none() && input.account.is_none();
        if known.is_none() && nameless {
            return None;
        }
        let account = input.account.as_ref().map(|account| self.account(tx, account));
        let id = known.unwrap_or_else(|| self.create(tx));
        if let Some(key) = identity.filter(|key| !self.by_identity.contains_key(key)) {
            self.by_identity.insert(key.clone(), id);
            self.new_identities.push((key, id));
        }
        let taken = email.as_ref().is_some_and(|email| {
            self.old_addresses.contains(email) || self.by_email.get(email).is_some_and(|owner| *owner != id)
        });
        if let Some(kept) = self.customers.get_mut(&id) {
            let before = (kept.row.name.clone(), kept.row.email.clone(), kept.row.account_id);
            if let Some(name) = &input.name {
                kept.row.name = Some(name.clone());
            }
            // Someone else has this address: the identity decides who it is, the address stays where it is.
            if let (Some(address), Some(folded), false) = (&input.email, email, taken) {
                if kept.row.email_folded.as_ref() != Some(&folded) {
                    // Another mailbox may well take mail.
                    kept.row.bounced_at = None;
                }
                kept.row.email = Some(address.trim().to_owned());
                kept.row.email_folded = Some(folded.clone());
                self.by_email.insert(folded, id);
            }
            if let Some(account) = account {
                kept.row.account_id = Some(account.into());
            }
            kept.changed |= before != (kept.row.name.clone(), kept.row.email.clone(), kept.row.account_id);
        }
        Some(id)
    }

    fn create(&mut self, tx: &Tx<'_>) -> Id {
        let (id, now) = (Id::next(), DbTime(tx.now));
        let row = CustomerRow {
            id: id.into(),
            account_id: None,
            name: None,
            email: None,
            email_folded: None,
            merged_into: None,
            erased_at: None,
            version: 1,
            created_at: now,
            updated_at: now,
            unsubscribed_at: None,
            bounced_at: None,
        };
        self.customers.insert(id, Kept { row, new: true, changed: false });
        id
    }

    fn account(&mut self, tx: &Tx<'_>, input: &NewAccount) -> Id {
        let folded = fold(&input.name);
        let now = DbTime(tx.now);
        let id = *self.by_account.entry(folded.clone()).or_insert_with(Id::next);
        let kept = self.accounts.entry(id).or_insert_with(|| Kept {
            row: AccountRow {
                id: id.into(),
                name: bare(&input.name).to_owned(),
                name_folded: folded,
                segment: None,
                annual_value_minor: None,
                annual_value_currency: None,
                version: 1,
                created_at: now,
                updated_at: now,
            },
            new: true,
            changed: false,
        });
        let row = &mut kept.row;
        if let Some(segment) = input.segment.as_ref().filter(|s| row.segment.as_ref() != Some(s)) {
            row.segment = Some(segment.clone());
            kept.changed = true;
        }
        if let Some(value) = &input.annual_value {
            let same = row.annual_value_minor == Some(value.amount_minor)
                && row.annual_value_currency.as_ref() == Some(&value.currency);
            row.annual_value_minor = Some(value.amount_minor);
            row.annual_value_currency = Some(value.currency.clone());
            kept.changed |= !same;
        }
        id
    }

    /// Whether anything of them must be written.
    pub fn have_changed(&self) -> bool {
        let mut marks = self.customers.values().map(|kept| kept.new || kept.changed);
        let mut of_accounts = self.accounts.values().map(|kept| kept.new || kept.changed);
        marks.any(|mark| mark) || of_accounts.any(|mark| mark) || !self.new_identities.is_empty()
    }

    /// Whether a resolved customer was not there before.
    pub fn is_new(&self, id: Id) -> bool {
        self.customers.get(&id).is_some_and(|kept| kept.new)
    }

    /// How a resolved customer is mentioned.
    pub fn mention(&self, id: Id) -> Option<CustomerRef> {
        let customer = &self.customers.get(&id)?.row;
        let account = customer.account_id.and_then(|id| self.accounts.get(&id.into()));
        Some(mention(customer, account.map(|a| &a.row)))
    }

    /// Writes what is new or changed, with its events.
    ///
    /// # Errors
    /// Those of the database.
    pub fn save(self, tx: &mut Tx<'_>) -> Result<()> {
        let now = DbTime(tx.now);
        let (new, old): (Vec<_>, Vec<_>) = self.accounts.into_values().partition(|kept| kept.new);
        store::insert_accounts(tx, &by_id(new, |row| row.id.0))?;
        for kept in old.into_iter().filter(|kept| kept.changed) {
            store::update_account(tx, &AccountRow { updated_at: now, ..kept.row.clone() })?;
            stale::of_account(tx, kept.row.id.into())?;
            tx.event("account.updated", kept.row.id.into(), None, json!({}));
        }
        let (new, old): (Vec<_>, Vec<_>) = self.customers.into_values().partition(|kept| kept.new);
        let new = by_id(new, |row| row.id.0);
        store::insert(tx, &new)?;
        for row in new {
            tx.event("customer.created", row.id.into(), None, json!({}));
        }
        for kept in old.into_iter().filter(|kept| kept.changed) {
            store::update(tx, &CustomerRow { updated_at: now, ..kept.row.clone() })?;
            tx.event("customer.updated", kept.row.id.into(), None, json!({}));
        }
        store::insert_identities(tx, &self.new_identities)
    }
}

/// In the order of their ids, which is the order they were met in.
fn by_id<R>(kept: Vec<Kept<R>>, id: impl Fn(&R) -> Id) -> Vec<R> {
    let mut rows: Vec<R> = kept.into_iter().map(|kept| kept.row).collect();
    rows.sort_by_key(|row| id(row));
    rows
}
