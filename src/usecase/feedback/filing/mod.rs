//! Filing of feedback. It is idempotent: feedback sent several times is stored once.

pub(in crate::usecase) mod customer_resolver;
mod masking;
pub mod read_ahead;
mod row;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use customer_resolver::Resolver;
use masking::MaskedInputs;
use read_ahead::ReadInput;
pub use row::regroup_where_words_changed;
use row::{apply, new_row, show_new};

use super::{lessons, recognition};
use crate::domain::base::{Id, Reference};
use crate::domain::feedback::{Feedback, FeedbackRecord, NewFeedback};
use crate::domain::privacy::redact::kinds::MaskCounts;
use crate::domain::team::{DEFAULT_PRODUCT, FilingRights, product};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::feedback::bulk_insert;
use crate::store::feedback::rows::{self as store, TOGETHER};
use crate::store::privacy::erase;
use crate::store::search::index::IndexedText;
use crate::store::team::products;
use crate::store::{Tx, themes};

/// The outcome of filing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was new.
    Created,
    /// It existed with other content.
    Updated,
    /// It existed with the same content.
    Unchanged,
}

/// A filed feedback.
#[derive(Clone, Debug)]
pub struct Filed {
    /// The outcome.
    pub outcome: Outcome,
    /// The feedback after filing.
    pub feedback: Feedback,
    /// JSON Pointers of customer fields that were not applied: they are set already and the caller may not change them,
    /// or they belong to another customer.
    pub left_out: Vec<&'static str>,
    /// What was masked in its texts before they were stored.
    pub masked: MaskCounts,
}

/// Files a batch with all rights; see [`file_read`].
///
/// # Errors
/// As for [`file_read`].
pub fn file(tx: &mut Tx<'_>, inputs: &[NewFeedback]) -> Result<Vec<Result<Filed>>> {
    file_by(tx, inputs, FilingRights::ALL)
}

/// Files a batch that was not read ahead; see [`file_read`].
///
/// # Errors
/// As for [`file_read`].
pub fn file_by(tx: &mut Tx<'_>, inputs: &[NewFeedback], rights: FilingRights) -> Result<Vec<Result<Filed>>> {
    let inputs: Vec<ReadInput> = inputs.iter().map(|input| ReadInput::in_tx(tx, input.clone())).collect();
    file_read(tx, &inputs, rights)
}

/// Files a batch in few statements. Each item has its own result, in the given order. An item with the `(origin,
/// external_id)` of an earlier one updates it, except for fields that a person edited; dismissed feedback stays
/// dismissed, and erased feedback stays erased. `rights` limit the changes of existing data.
///
/// # Errors
/// An error of one item is only in that item's result: 409 where it was filed by another caller and this one may not
/// change it.
pub fn file_read(tx: &mut Tx<'_>, inputs: &[ReadInput], rights: FilingRights) -> Result<Vec<Result<Filed>>> {
    let masked = masking::masked(tx, inputs)?;
    let (inputs, counts) = match masked {
        Some(MaskedInputs { inputs, counts }) => (Cow::Owned(inputs), counts),
        None => (Cow::Borrowed(inputs), vec![MaskCounts::new(); inputs.len()]),
    };
    let mut filing = Filing::load(tx, &inputs, rights)?;
    let taken: Vec<Result<FilingDecision>> = inputs.iter().map(|input| filing.take(tx, input)).collect();
    let mut shown = filing.write(tx)?;
    let old: Vec<Id> = taken.iter().flatten().map(|taken| taken.id).filter(|id| !shown.contains_key(id)).collect();
    if !old.is_empty() {
        shown.extend(store::get_many(tx.conn, &old)?.into_iter().map(|f| (f.id, f)));
    }
    let filed = |FilingDecision { outcome, id, left_out }, masked| match shown.get(&id) {
        Some(feedback) if !tx.scope.has(feedback.product_id) => Err(filed_by_others()),
        Some(feedback) => Ok(Filed { outcome, feedback: feedback.clone(), left_out, masked }),
        None => Err(Error::internal("a filed feedback is not there")),
    };
    let taken = taken.into_iter().zip(counts);
    Ok(taken.map(|(taken, masked)| taken.and_then(|taken| filed(taken, masked))).collect())
}

type ExternalKey = (String, String);

/// The decision about one input, before it is written.
struct FilingDecision {
    outcome: Outcome,
    id: Id,
    left_out: Vec<&'static str>,
}

/// A batch being filed: loaded in bulk, decided in memory, written in bulk.
struct Filing {
    rights: FilingRights,
    products: HashMap<String, Id>,
    /// The keys of those of them that are archived.
    archived: HashMap<Id, String>,
    customers: Resolver,
    /// Rows that exist already, in their new state.
    known: HashMap<ExternalKey, FeedbackRecord>,
    erased: HashMap<ExternalKey, Id>,
    new: Vec<(FeedbackRecord, IndexedText)>,
    new_by_key: HashMap<ExternalKey, usize>,
    /// Changed rows: before and after.
    changed: HashMap<Id, (FeedbackRecord, FeedbackRecord)>,
}

impl Filing {
    fn load(tx: &mut Tx<'_>, inputs: &[ReadInput], rights: FilingRights) -> Result<Self> {
        let inputs: Vec<&NewFeedback> = inputs.iter().map(|read| &read.input).collect();
        let (products, archived) = find_products(tx, &inputs)?;
        let keys: Vec<ExternalKey> = inputs.iter().filter_map(|input| key(input)).collect();
        let all_new = bulk_insert::all_new(tx.conn, &keys)?;
        let known = if all_new { HashMap::new() } else { store::by_external(tx.conn, &keys)? };
        let erased = if all_new { HashMap::new() } else { erase::erased(tx.conn, &keys)? };
        let named = inputs.iter().filter_map(|i| i.customer.as_ref().map(|c| (origin(i), c)));
        let mut customers = Resolver::load(tx, named, rights)?;
        customers.remember(tx, known.values().filter_map(|row| row.customer_id))?;
        let (new, new_by_key, changed) = Default::default();
        Ok(Self { rights, products, archived, customers, known, erased, new, new_by_key, changed })
    }

    /// The product that an input is filed in.
    fn product_of(&self, tx: &Tx<'_>, input: &NewFeedback) -> Result<Id> {
        let product = self.products.get(input.product.as_deref().unwrap_or_default()).copied();
        let product = product.filter(|product| tx.scope.shows(*product));
        let product = product.ok_or_else(|| Reference::Product.refusal("/product"))?;
        if !tx.scope.has(product) {
            return Err(Error::new(Code::Forbidden, "Your role in this product does not allow filing feedback."));
        }
        match self.archived.get(&product) {
            Some(key) => Err(product::is_archived(key).into()),
            None => Ok(product),
        }
    }

    /// Decides what to do with an input.
    fn take(&mut self, tx: &mut Tx<'_>, read: &ReadInput) -> Result<FilingDecision> {
        let input = &read.input;
        let product = self.product_of(tx, input)?;
        let key = key(input);
        if let Some(id) = key.as_ref().and_then(|key| self.erased.get(key)) {
            return Ok(FilingDecision { outcome: Outcome::Unchanged, id: *id, left_out: Vec::new() });
        }
        let row = key.as_ref().and_then(|key| self.known.get(key));
        if row.is_some_and(|row| !tx.scope.has(row.product_id)) {
            return Err(filed_by_others());
        }
        if let Some(row) = row.filter(|row| !self.may_change(tx, row)) {
            return self.compare(row, input);
        }
        let earlier = key.as_ref().and_then(|key| self.new_by_key.get(key)).map(|earlier| &self.new[*earlier].0);
        let taught = lessons::of_product(tx, product)?;
        let (customer, left_out) = match earlier.or(row) {
            Some(row) => {
                let (said_by, decided) = (row.customer_id, row.is_edited("customer_id"));
                self.said_again(tx, input, said_by, decided)
            }
            None => self.said_by(tx, input, None),
        };
        if let Some(earlier) = key.as_ref().and_then(|key| self.new_by_key.get(key)) {
            let (row, indexed) = &mut self.new[*earlier];
            let before = row.clone();
            let fields = apply(row, input, customer);
            recognition::read_again(&before, row, &taught);
            if before.words() != row.words() {
                *indexed = IndexedText::for_conn(&row.words(), tx.conn);
            }
            return Ok(FilingDecision { outcome: outcome(&fields), id: row.id, left_out });
        }
        if let Some(row) = key.as_ref().and_then(|key| self.known.get_mut(key)) {
            let before = row.clone();
            let fields = apply(row, input, customer);
            let taken = FilingDecision { outcome: outcome(&fields), id: row.id, left_out };
            if !fields.is_empty() {
                regroup_where_words_changed(&before, row);
                recognition::read_again(&before, row, &taught);
                recognition::noted_aside(tx, before.set_aside, before.theme_id, row);
                row.updated_at = tx.now;
                tx.event("feedback.updated", row.id, Some(row.product_id), json!({ "fields": fields }));
                let first = self.changed.remove(&taken.id).map_or(before, |(first, _)| first);
                self.changed.insert(taken.id, (first, row.clone()));
            }
            return Ok(taken);
        }
        let mut row = new_row(tx, read, product, customer);
        recognition::read_as(&mut row, &read.derived.told, &taught);
        let taken = FilingDecision { outcome: Outcome::Created, id: row.id, left_out };
        self.new_by_key.extend(key.map(|key| (key, self.new.len())));
        self.new.push((row, read.derived.indexed.clone()));
        Ok(taken)
    }

    /// The customer of an input, and the fields of it that were not applied.
    fn said_by(&mut self, tx: &Tx<'_>, input: &NewFeedback, before: Option<Id>) -> (Option<Id>, Vec<&'static str>) {
        let customer = input.customer.as_ref().and_then(|c| self.customers.resolve(tx, origin(input), c, before));
        (customer, self.customers.take_left_out())
    }

    /// Like [`Self::said_by`], for feedback that is filed again. Where a person set the customer, the input does not
    /// change it.
    fn said_again(
        &mut self,
        tx: &Tx<'_>,
        input: &NewFeedback,
        before: Option<Id>,
        decided: bool,
    ) -> (Option<Id>, Vec<&'static str>) {
        let is_other = |named| before.is_none() || self.customers.find(origin(input), named) != before;
        if decided && input.customer.as_ref().is_some_and(is_other) {
            return (None, vec!["/customer"]);
        }
        self.said_by(tx, input, before)
    }

    /// A caller without the right to change others' feedback may still correct their own.
    fn may_change(&self, tx: &Tx<'_>, row: &FeedbackRecord) -> bool {
        self.rights.feedback || (row.submitted_by.is_some() && row.submitted_by == tx.actor.id)
    }

    /// The result for a caller who may not change the row: unchanged where the input is equal, else a conflict. The
    /// conflict does not say what differs, because that would reveal existing data.
    fn compare(&self, row: &FeedbackRecord, input: &NewFeedback) -> Result<FilingDecision> {
        let said_by = row.customer_id;
        let customer = input.customer.as_ref().map(|c| self.customers.find_again(origin(input), c, said_by));
        let decided = row.is_edited("customer_id");
        let same_customer = decided || customer.is_none_or(|found| found.is_some() && found == row.customer_id);
        if same_customer && apply(&mut row.clone(), input, None).is_empty() {
            return Ok(FilingDecision { outcome: Outcome::Unchanged, id: row.id, left_out: Vec::new() });
        }
        Err(filed_by_others())
    }

    /// Writes everything; answers the new feedback in the form of the API.
    fn write(self, tx: &mut Tx<'_>) -> Result<HashMap<Id, Feedback>> {
        let shown = show_new(self.new.iter().map(|(row, _)| row), &self.customers);
        // Common case: new feedback of known customers. It is one INSERT, which is its own transaction; anything else
        // needs BEGIN.
        if self.customers.have_changed() || !self.changed.is_empty() || self.new.len() > TOGETHER {
            tx.begin()?;
        }
        self.customers.save(tx)?;
        for (row, _) in &self.new {
            tx.event("feedback.created", row.id, Some(row.product_id), json!({}));
            recognition::noted_aside(tx, None, None, row);
        }
        store::add(tx, self.new)?;
        let mut stale = HashSet::new();
        for (before, row) in self.changed.into_values() {
            store::update(tx, &before, row)?;
            stale.extend(before.theme_id);
        }
        themes::rows::mark_stale(tx, &stale.into_iter().collect::<Vec<_>>())?;
        Ok(shown)
    }
}

/// The refusal to change a feedback that somebody else filed. It says nothing of that feedback.
fn filed_by_others() -> Error {
    let taken = "was filed by someone else, with other content; a token of this role may change only what it filed";
    let detail = "Another token or member filed this origin and external_id. Nothing was changed.";
    let fields = vec![FieldError::new("/external_id", "taken", taken)];
    Error { fields, ..Error::new(Code::Conflict, detail) }
}

fn origin(input: &NewFeedback) -> &str {
    input.origin.as_deref().unwrap_or_default()
}

fn key(input: &NewFeedback) -> Option<ExternalKey> {
    input.external_id.clone().map(|id| (origin(input).to_owned(), id))
}

fn outcome(changed_fields: &[&str]) -> Outcome {
    if changed_fields.is_empty() { Outcome::Unchanged } else { Outcome::Updated }
}

/// The named products, by the name used, and the keys of archived ones. The empty name means the default product, which
/// can't be archived.
fn find_products(tx: &mut Tx<'_>, inputs: &[&NewFeedback]) -> Result<(HashMap<String, Id>, HashMap<Id, String>)> {
    let (mut found, mut archived) = (HashMap::from([(String::new(), DEFAULT_PRODUCT)]), HashMap::new());
    for name in inputs.iter().filter_map(|i| i.product.as_deref()) {
        if !found.contains_key(name)
            && let Some(product) = products::find(tx.conn, name)?
        {
            found.insert(name.to_owned(), product.id);
            if product.archived_at.is_some() {
                archived.insert(product.id, product.key);
            }
        }
    }
    Ok((found, archived))
}
