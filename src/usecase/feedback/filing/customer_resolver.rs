//! Customer resolution: finds or creates the customers and accounts named inline with feedback.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::domain::base::Id;
use crate::domain::base::text::{bare, email_fold, fold};
use crate::domain::feedback::{Account, AccountRef, CustomerRecord, CustomerRef, MailAddress, NewAccount, NewCustomer};
use crate::domain::team::FilingRights;
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback::customers::{self as store, Identified};
use crate::store::themes::stale;

/// A record, and whether it must be inserted or updated at the end.
struct PendingRecord<R> {
    row: R,
    new: bool,
    changed: bool,
}

/// Resolves the customers of one batch: loads in bulk, decides in memory, writes in bulk.
#[derive(Default)]
pub struct Resolver {
    customers: HashMap<Id, PendingRecord<CustomerRecord>>,
    accounts: HashMap<Id, PendingRecord<Account>>,
    by_identity: HashMap<(String, String), Id>,
    by_email: HashMap<String, Id>,
    by_account: HashMap<String, Id>,
    /// Addresses of merged customers: they lead to the remaining customer, whose own address is another one.
    old_addresses: HashSet<String>,
    new_identities: Vec<((String, String), Id)>,
    rights: FilingRights,
    /// JSON Pointers of the fields of the last input that were not applied.
    left_out: Vec<&'static str>,
}

impl Resolver {
    /// Loads all customers these inputs may mean. `origin` is the origin of each input, `rights` are the caller's.
    pub fn load<'a>(
        tx: &mut Tx<'_>,
        inputs: impl Iterator<Item = (&'a str, &'a NewCustomer)>,
        rights: FilingRights,
    ) -> Result<Self> {
        let (mut identities, mut emails, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
        for (origin, input) in inputs {
            identities.extend(input.external_id.iter().map(|id| (origin.to_owned(), id.clone())));
            emails.extend(input.email.as_deref().map(email_fold));
            accounts.extend(input.account.iter().map(|a| fold(&a.name)));
        }
        let mut all = Self { rights, ..Self::default() };
        if !identities.is_empty() {
            for Identified { identity, customer, account } in store::by_identity(tx.conn, &identities)? {
                all.by_identity.insert(identity, customer.id);
                all.keep_customers([customer]);
                all.keep_accounts(account);
            }
        }
        // In most cases an identity comes with its known address and account, so these need no further query.
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
        let has: Vec<Id> = all.customers.values().filter_map(|c| c.row.account_id).collect();
        let missing: Vec<Id> = has.into_iter().filter(|id| !all.accounts.contains_key(id)).collect();
        if !missing.is_empty() {
            all.keep_accounts(store::accounts_by_id(tx.conn, &missing)?);
        }
        Ok(all)
    }

    /// Loads the customers of feedback that is filed again.
    pub fn remember(&mut self, tx: &mut Tx<'_>, speakers: impl Iterator<Item = Id>) -> Result<()> {
        let unknown: Vec<Id> = speakers.filter(|id| !self.customers.contains_key(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let mut found = store::by_id(tx.conn, &unknown)?;
        found.retain(|row| row.merged_into.is_none());
        let accounts: Vec<Id> = found.iter().filter_map(|row| row.account_id).collect();
        let missing: Vec<Id> = accounts.into_iter().filter(|id| !self.accounts.contains_key(id)).collect();
        self.keep_customers(found);
        if !missing.is_empty() {
            let accounts = store::accounts_by_id(tx.conn, &missing)?;
            self.keep_accounts(accounts);
        }
        Ok(())
    }

    /// Whether an input without id and address still means the customer of the earlier filing: the names are equal, or
    /// one of them is missing, or the customer has nothing but a name, which may have changed.
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

    fn keep_customers(&mut self, records: impl IntoIterator<Item = CustomerRecord>) {
        for row in records {
            let id = row.id;
            self.by_email.extend(row.email.as_ref().map(|email| (email.folded.clone(), id)));
            self.customers.insert(id, PendingRecord { row, new: false, changed: false });
        }
    }

    fn follow(&mut self, tx: &mut Tx<'_>, merged: &[CustomerRecord]) -> Result<()> {
        let into: Vec<Id> = merged.iter().filter_map(|row| row.merged_into).collect();
        let unknown: Vec<Id> = into.into_iter().filter(|id| !self.customers.contains_key(id)).collect();
        if !unknown.is_empty() {
            self.keep_customers(store::by_id(tx.conn, &unknown)?);
        }
        for row in merged {
            if let (Some(address), Some(into)) = (&row.email, row.merged_into) {
                self.by_email.insert(address.folded.clone(), into);
                self.old_addresses.insert(address.folded.clone());
            }
        }
        Ok(())
    }

    fn keep_accounts(&mut self, accounts: impl IntoIterator<Item = Account>) {
        for row in accounts {
            // Many customers of a batch may belong to the same account.
            if let Entry::Vacant(unknown) = self.accounts.entry(row.id) {
                self.by_account.insert(fold(&row.name), row.id);
                unknown.insert(PendingRecord { row, new: false, changed: false });
            }
        }
    }

    /// The known customer that an input means: by `(origin, external_id)`, then by e-mail.
    pub fn find(&self, origin: &str, input: &NewCustomer) -> Option<Id> {
        let by_email = || self.by_email.get(&email_fold(input.email.as_deref()?)).copied();
        self.by_external_id(origin, input).or_else(by_email)
    }

    fn by_external_id(&self, origin: &str, input: &NewCustomer) -> Option<Id> {
        self.by_identity.get(&(origin.to_owned(), input.external_id.clone()?)).copied()
    }

    /// Like [`Resolver::find`] for feedback that is filed again; `said_by` is its customer. A customer known by name
    /// only stays the same, instead of being created again each time.
    pub fn find_again(&self, origin: &str, input: &NewCustomer, said_by: Option<Id>) -> Option<Id> {
        self.find(origin, input).or_else(|| said_by.filter(|id| self.is_still(*id, input)))
    }

    /// The customer of an input: the one [`Resolver::find_again`] finds, else a new one. `None` where the input does
    /// not identify anyone. Absent fields leave values as they are; [`Resolver::take_left_out`] lists the fields that
    /// were not applied.
    pub fn resolve(&mut self, tx: &Tx<'_>, origin: &str, input: &NewCustomer, said_by: Option<Id>) -> Option<Id> {
        self.left_out.clear();
        let found_by_address = self.find(origin, input).is_some() && self.by_external_id(origin, input).is_none();
        let known = self.find_again(origin, input, said_by);
        let nameless =
            input.external_id.is_none() && input.email.is_none() && input.name.is_none() && input.account.is_none();
        if known.is_none() && nameless {
            return None;
        }
        let id = known.unwrap_or_else(|| self.create(tx));
        if let Some(external_id) = &input.external_id {
            let key = (origin.to_owned(), external_id.clone());
            if !self.by_identity.contains_key(&key) {
                self.by_identity.insert(key.clone(), id);
                self.new_identities.push((key, id));
            }
        }
        let account = input.account.as_ref().and_then(|account| self.account_for(tx, id, account));
        if let Some(address) = &input.email {
            self.take_address(id, address, found_by_address);
        }
        let kept = self.customers.get_mut(&id)?;
        let mut fill = Filling { rights: self.rights, left_out: &mut self.left_out };
        if let Some(name) = &input.name
            && fill.may_set("/customer/name", kept.row.name.as_ref(), name)
        {
            kept.changed |= kept.row.name.as_ref() != Some(name);
            kept.row.name = Some(name.clone());
        }
        if let Some(account) = account {
            kept.changed |= kept.row.account_id != Some(account);
            kept.row.account_id = Some(account);
        }
        Some(id)
    }

    /// Sets a customer's address, unless another customer has it: then the identity decides who it is, and the address
    /// stays with the other.
    fn take_address(&mut self, id: Id, address: &str, found_by_it: bool) {
        let folded = email_fold(address);
        if self.by_email.get(&folded).is_some_and(|owner| *owner != id) {
            self.left_out.push("/customer/email");
            return;
        }
        let Some(kept) = self.customers.get_mut(&id).filter(|_| !self.old_addresses.contains(&folded)) else { return };
        if found_by_it && !self.rights.customers {
            return;
        }
        let mut fill = Filling { rights: self.rights, left_out: &mut self.left_out };
        let present = kept.row.email.as_ref().map(|email| &email.folded);
        if !fill.may_set("/customer/email", present, &folded) {
            return;
        }
        if present != Some(&folded) {
            // A new mailbox may accept mail.
            kept.row.bounced_at = None;
        }
        let address = Some(MailAddress { text: address.trim().to_owned(), folded: folded.clone() });
        kept.changed |= kept.row.email != address;
        kept.row.email = address;
        self.by_email.insert(folded, id);
    }

    /// JSON Pointers of the fields of the last input that were not applied: they are set already and the caller may not
    /// change them, or they belong to another customer.
    pub fn take_left_out(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.left_out)
    }

    /// The account to set for a customer; `None` where it stays as it is.
    fn account_for(&mut self, tx: &Tx<'_>, customer: Id, input: &NewAccount) -> Option<Id> {
        let has = self.customers.get(&customer).and_then(|kept| kept.row.account_id);
        let named = self.by_account.get(&fold(&input.name)).copied();
        if let Some(has) = has.filter(|_| !self.rights.customers) {
            if named != Some(has) {
                self.left_out.push("/customer/account");
                return None;
            }
            if !self.rights.reading {
                self.left_out.push("/customer/account/name");
            }
        }
        Some(self.account(tx, input))
    }

    fn create(&mut self, tx: &Tx<'_>) -> Id {
        let id = Id::next();
        let row = CustomerRecord::new(id, tx.now);
        self.customers.insert(id, PendingRecord { row, new: true, changed: false });
        id
    }

    fn account(&mut self, tx: &Tx<'_>, input: &NewAccount) -> Id {
        let now = tx.now;
        let id = *self.by_account.entry(fold(&input.name)).or_insert_with(Id::next);
        let kept = self.accounts.entry(id).or_insert_with(|| PendingRecord {
            row: Account {
                id,
                name: bare(&input.name).to_owned(),
                segment: None,
                annual_value: None,
                version: 1,
                created_at: now,
                updated_at: now,
            },
            new: true,
            changed: false,
        });
        let mut fill = Filling { rights: self.rights, left_out: &mut self.left_out };
        let row = &mut kept.row;
        let before = (row.segment.clone(), row.annual_value.clone());
        if let Some(segment) = &input.segment
            && fill.may_set("/customer/account/segment", row.segment.as_ref(), segment)
        {
            row.segment = Some(segment.clone());
        }
        if let Some(value) = &input.annual_value
            && fill.may_set("/customer/account/annual_value", row.annual_value.as_ref(), value)
        {
            row.annual_value = Some(value.clone());
        }
        kept.changed |= before != (row.segment.clone(), row.annual_value.clone());
        id
    }

    /// Whether there is anything to write.
    pub fn have_changed(&self) -> bool {
        let mut marks = self.customers.values().map(|kept| kept.new || kept.changed);
        let mut of_accounts = self.accounts.values().map(|kept| kept.new || kept.changed);
        marks.any(|mark| mark) || of_accounts.any(|mark| mark) || !self.new_identities.is_empty()
    }

    /// Whether a resolved customer is newly created.
    pub fn is_new(&self, id: Id) -> bool {
        self.customers.get(&id).is_some_and(|kept| kept.new)
    }

    /// The reference to a resolved customer.
    pub fn mention(&self, id: Id) -> Option<CustomerRef> {
        let customer = &self.customers.get(&id)?.row;
        let account = customer.account_id.and_then(|id| self.accounts.get(&id));
        Some(customer.mention(account.map(|kept| AccountRef::from(&kept.row))))
    }

    /// Writes new and changed rows, with their events.
    pub fn save(self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now;
        let (new, old): (Vec<_>, Vec<_>) = self.accounts.into_values().partition(|kept| kept.new);
        store::insert_accounts(tx, by_id(new, |account| account.id))?;
        for PendingRecord { row, .. } in old.into_iter().filter(|kept| kept.changed) {
            let id = row.id;
            store::update_account(tx, Account { updated_at: now, ..row })?;
            stale::of_account(tx, id)?;
            tx.event("account.updated", id, None, json!({}));
        }
        let (new, old): (Vec<_>, Vec<_>) = self.customers.into_values().partition(|kept| kept.new);
        let new = by_id(new, |customer| customer.id);
        for customer in &new {
            tx.event("customer.created", customer.id, None, json!({}));
        }
        store::insert(tx, new)?;
        for PendingRecord { row, .. } in old.into_iter().filter(|kept| kept.changed) {
            let id = row.id;
            store::update(tx, CustomerRecord { updated_at: now, ..row })?;
            tx.event("customer.updated", id, None, json!({}));
        }
        store::insert_identities(tx, &self.new_identities)
    }
}

/// Decides for each field whether an input may set it, and collects the refused ones.
struct Filling<'a> {
    rights: FilingRights,
    left_out: &'a mut Vec<&'static str>,
}

impl Filling<'_> {
    /// Whether a field may be set. For a caller who may not read, every field that is already set is reported as
    /// refused, equal or not: otherwise they could guess values until one is not reported.
    fn may_set<T: PartialEq>(&mut self, pointer: &'static str, present: Option<&T>, value: &T) -> bool {
        let Some(present) = present.filter(|_| !self.rights.customers) else { return true };
        if !self.rights.reading || present != value {
            self.left_out.push(pointer);
        }
        false
    }
}

/// In the order of ids, which is the order of creation.
fn by_id<R>(kept: Vec<PendingRecord<R>>, id: impl Fn(&R) -> Id) -> Vec<R> {
    let mut rows: Vec<R> = kept.into_iter().map(|kept| kept.row).collect();
    rows.sort_by_key(|row| id(row));
    rows
}
