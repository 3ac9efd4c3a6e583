//! Filing feedback: what a customer said goes in, once, whoever sends it how often.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::customers::Resolver;
use crate::domain::{DEFAULT_PRODUCT, Feedback, Id, NewFeedback, Source, State, language};
use crate::error::{Error, Result};
use crate::store::feedback::{self as store, FeedbackRow, TOGETHER};
use crate::store::types::{DbTime, json as text_of};
use crate::store::{Tx, erase, filing, products, themes};

/// What filing did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created,
    /// It was there and differed.
    Updated,
    /// It was there, the same.
    Unchanged,
}

/// A filed feedback.
#[derive(Clone, Debug)]
pub struct Filed {
    /// What filing did.
    pub outcome: Outcome,
    /// As it is now.
    pub feedback: Feedback,
}

/// Files a batch in few statements: each item has an outcome of its own, in the order given. An item with the
/// `(origin, external_id)` of an earlier one updates it, except in what a person edited; a dismissal stays, and what
/// was erased stays erased.
///
/// # Errors
/// Those of the database; what is wrong with one item is that item's outcome.
pub fn file(tx: &mut Tx<'_>, inputs: &[NewFeedback]) -> Result<Vec<Result<Filed>>> {
    let products = find_products(tx, inputs)?;
    let keys: Vec<(String, String)> = inputs.iter().filter_map(key).collect();
    let all_new = filing::all_new(tx.conn, &keys)?;
    let mut known = if all_new { HashMap::new() } else { store::by_external(tx.conn, &keys)? };
    let erased = if all_new { HashMap::new() } else { erase::erased(tx.conn, &keys)? };
    let named = inputs.iter().filter_map(|i| i.customer.as_ref().map(|c| (origin(i), c)));
    let mut customers = Resolver::load(tx, named)?;
    customers.remember(tx, known.values().filter_map(|row| row.customer_id.map(Id::from)))?;

    let mut new: Vec<FeedbackRow> = Vec::new();
    let mut new_by_key: HashMap<(String, String), usize> = HashMap::new();
    let mut changed: HashMap<Id, (FeedbackRow, FeedbackRow)> = HashMap::new();
    let mut results: Vec<Result<(Outcome, Id)>> = Vec::with_capacity(inputs.len());
    for input in inputs {
        let Some(product) = products.get(input.product.as_deref().unwrap_or_default()).copied() else {
            results.push(Err(Error::field("/product", "unknown", "is not the key or id of a product")));
            continue;
        };
        let key = key(input);
        if let Some(id) = key.as_ref().and_then(|key| erased.get(key)) {
            results.push(Ok((Outcome::Unchanged, *id)));
            continue;
        }
        let row = key.as_ref().and_then(|key| match new_by_key.get(key) {
            Some(earlier) => new.get(*earlier),
            None => known.get(key),
        });
        let said_by = row.and_then(|row| row.customer_id.map(Id::from));
        let customer = input.customer.as_ref().and_then(|c| customers.resolve(tx, origin(input), c, said_by));
        if let Some(earlier) = key.as_ref().and_then(|key| new_by_key.get(key)) {
            let row = &mut new[*earlier];
            let fields = apply(row, input, customer);
            results.push(Ok((outcome(&fields), row.id.into())));
        } else if let Some(row) = key.as_ref().and_then(|key| known.get_mut(key)) {
            let before = row.clone();
            let fields = apply(row, input, customer);
            if !fields.is_empty() {
                regroup_where_words_changed(&before, row);
                row.updated_at = DbTime(tx.now);
                tx.event("feedback.updated", row.id.into(), Some(row.product_id.into()), json!({ "fields": fields }));
                let first = changed.remove(&row.id.into()).map_or(before, |(first, _)| first);
                changed.insert(row.id.into(), (first, row.clone()));
            }
            results.push(Ok((outcome(&fields), row.id.into())));
        } else {
            let row = new_row(tx, input, product, customer);
            results.push(Ok((Outcome::Created, row.id.into())));
            new_by_key.extend(key.map(|key| (key, new.len())));
            new.push(row);
        }
    }

    let mut shown = show_new(&new, &customers)?;
    // Mostly all of it is new and everybody known: that is one statement.
    if customers.have_changed() || !changed.is_empty() || new.len() > TOGETHER {
        tx.begin()?;
    }
    customers.save(tx)?;
    for row in &new {
        tx.event("feedback.created", row.id.into(), Some(row.product_id.into()), json!({}));
    }
    store::insert(tx, &new)?;
    let mut stale = HashSet::new();
    for (before, row) in changed.values() {
        store::update(tx, before, row)?;
        stale.extend(before.theme_id.map(Id::from));
    }
    themes::mark_stale(tx, &stale.into_iter().collect::<Vec<_>>())?;

    let old: Vec<Id> = results.iter().flatten().map(|(_, id)| *id).filter(|id| !shown.contains_key(id)).collect();
    if !old.is_empty() {
        shown.extend(store::get_many(tx.conn, &old)?.into_iter().map(|f| (f.id, f)));
    }
    let filed = |(outcome, id)| match shown.get(&id) {
        Some(feedback) => Ok(Filed { outcome, feedback: feedback.clone() }),
        None => Err(Error::internal("a filed feedback is not there")),
    };
    Ok(results.into_iter().map(|result| result.and_then(filed)).collect())
}

fn origin(input: &NewFeedback) -> &str {
    input.origin.as_deref().unwrap_or_default()
}

fn key(input: &NewFeedback) -> Option<(String, String)> {
    input.external_id.clone().map(|id| (origin(input).to_owned(), id))
}

fn outcome(changed_fields: &[&str]) -> Outcome {
    if changed_fields.is_empty() { Outcome::Unchanged } else { Outcome::Updated }
}

/// The products named, by how they are named; the empty name is the default product.
fn find_products(tx: &mut Tx<'_>, inputs: &[NewFeedback]) -> Result<HashMap<String, Id>> {
    let mut found = HashMap::from([(String::new(), DEFAULT_PRODUCT)]);
    for name in inputs.iter().filter_map(|i| i.product.as_deref()) {
        if !found.contains_key(name)
            && let Some(product) = products::find(tx.conn, name)?
        {
            found.insert(name.to_owned(), product.id);
        }
    }
    Ok(found)
}

fn new_row(tx: &Tx<'_>, input: &NewFeedback, product: Id, customer: Option<Id>) -> FeedbackRow {
    let now = DbTime(tx.now);
    FeedbackRow {
        id: Id::next().into(),
        product_id: product.into(),
        customer_id: customer.map(Into::into),
        theme_id: None,
        similarity: None,
        pinned: false,
        state: State::Pending.as_str().to_owned(),
        text: input.text.clone(),
        title: input.title.clone(),
        source: input.source.unwrap_or(Source::Other).as_str().to_owned(),
        origin: origin(input).to_owned(),
        external_id: input.external_id.clone(),
        url: input.url.clone(),
        occurred_at: input.occurred_at.map_or(now, DbTime),
        rating: input.rating,
        nps: input.nps,
        severity: input.severity.map(|s| s.as_str().to_owned()),
        kind: input.kind.map(|k| k.as_str().to_owned()),
        language: input.language.clone().or_else(|| language::detect(&input.text)),
        tags: text_of(input.tags.as_deref().unwrap_or_default()),
        fields: text_of(&input.fields.clone().unwrap_or_default()),
        submitted_by: tx.actor.id.map(Into::into),
        dismissed_reason: None,
        edited: "[]".to_owned(),
        version: 1,
        created_at: now,
        updated_at: now,
        votes: input.votes,
    }
}

/// Overwrites what the input says and no person edited; answers the names of the fields that changed.
fn apply(row: &mut FeedbackRow, input: &NewFeedback, customer: Option<Id>) -> Vec<&'static str> {
    let edited: Vec<String> = serde_json::from_str(&row.edited).unwrap_or_default();
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident = $value:expr;)*) => {$(
            if let Some(value) = $value
                && row.$field != value
                && !edited.iter().any(|name| name == stringify!($field))
            {
                row.$field = value;
                changed.push(stringify!($field));
            }
        )*};
    }
    take! {
        text = Some(input.text.clone());
        title = input.title.clone().map(Some);
        source = input.source.map(|s| s.as_str().to_owned());
        url = input.url.clone().map(Some);
        occurred_at = input.occurred_at.map(DbTime);
        customer_id = customer.map(|id| Some(id.into()));
        rating = input.rating.map(Some);
        nps = input.nps.map(Some);
        votes = input.votes.map(Some);
        severity = input.severity.map(|s| Some(s.as_str().to_owned()));
        kind = input.kind.map(|k| Some(k.as_str().to_owned()));
        language = input.language.clone().map(Some);
        tags = input.tags.as_ref().map(text_of);
        fields = input.fields.as_ref().map(text_of);
    }
    changed
}

/// Other words may belong to another theme; what a person placed or dismissed stays where it is.
pub fn regroup_where_words_changed(before: &FeedbackRow, row: &mut FeedbackRow) {
    if before.words() != row.words() && row.state == State::Grouped.as_str() && !row.pinned {
        row.state = State::Pending.as_str().to_owned();
        row.theme_id = None;
        row.similarity = None;
    }
}

fn show_new(rows: &[FeedbackRow], customers: &Resolver) -> Result<HashMap<Id, Feedback>> {
    let show = |row: &FeedbackRow| {
        let customer = row.customer_id.and_then(|id| customers.mention(id.into()));
        store::plain(row.clone()).map(|feedback| (feedback.id, Feedback { customer, ..feedback }))
    };
    rows.iter().map(show).collect()
}
