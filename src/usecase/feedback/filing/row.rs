//! What an input makes of a feedback: a new row, or changed fields of one that is there.

use std::collections::HashMap;

use super::customer_resolver::Resolver;
use super::origin;
use super::read_ahead::ReadInput;
use crate::domain::base::Id;
use crate::domain::feedback::{
    Feedback, FeedbackRecord, FieldsText, Impression, KindSource, NewFeedback, Sentiment, Source, State,
};
use crate::store::Tx;

/// A new row, of which the kind and whether it is noise are not known yet.
pub(super) fn new_row(tx: &Tx<'_>, read: &ReadInput, product: Id, customer: Option<Id>) -> FeedbackRecord {
    let (now, input) = (tx.now, &read.input);
    FeedbackRecord {
        id: Id::next(),
        product_id: product,
        customer_id: customer,
        theme_id: None,
        similarity: None,
        pinned: false,
        state: State::Pending,
        text: input.text.clone(),
        title: input.title.clone(),
        source: input.source.unwrap_or(Source::Other),
        origin: origin(input).to_owned(),
        external_id: input.external_id.clone(),
        url: input.url.clone(),
        occurred_at: input.occurred_at.unwrap_or(now),
        rating: input.rating,
        nps: input.nps,
        severity: input.severity,
        kind: input.kind,
        language: input.language.clone().or_else(|| read.derived.language.clone()),
        tags: input.tags.clone().unwrap_or_default(),
        fields: input.fields.as_ref().map(FieldsText::from).unwrap_or_default(),
        submitted_by: tx.actor.id,
        dismissed_reason: None,
        edited: Vec::new(),
        version: 1,
        created_at: now,
        updated_at: now,
        kind_source: input.kind.map(|_| KindSource::Filed),
        set_aside: None,
        impression: input.sentiment.map(filed_impression),
        votes: input.votes,
    }
}

/// Sets the fields of a row to those of an input, except fields that a person edited. Returns the names of the fields that
/// changed.
pub(super) fn apply(row: &mut FeedbackRecord, input: &NewFeedback, customer: Option<Id>) -> Vec<&'static str> {
    // A kind set by a person stays, with its source.
    let kind = input.kind.filter(|_| !row.is_edited("kind"));
    let sentiment = input.sentiment.filter(|_| !row.is_edited("sentiment")).map(filed_impression);
    let sentiment =
        sentiment.map(|filed| Impression { severity: row.impression.and_then(|now| now.severity), ..filed });
    let mut changed = Vec::new();
    macro_rules! take {
        ($($field:ident = $value:expr;)*) => {$(
            if let Some(value) = $value
                && row.$field != value
                && !row.is_edited(stringify!($field))
            {
                row.$field = value;
                changed.push(stringify!($field));
            }
        )*};
    }
    take! {
        text = Some(input.text.clone());
        title = input.title.clone().map(Some);
        source = input.source;
        url = input.url.clone().map(Some);
        occurred_at = input.occurred_at;
        customer_id = customer.map(Some);
        rating = input.rating.map(Some);
        nps = input.nps.map(Some);
        votes = input.votes.map(Some);
        severity = input.severity.map(Some);
        kind = kind.map(Some);
        kind_source = kind.map(|_| Some(KindSource::Filed));
        impression = sentiment.map(Some);
        language = input.language.clone().map(Some);
        tags = input.tags.clone();
        fields = input.fields.as_ref().map(FieldsText::from);
    }
    changed
}

/// The impression of a feedback whose sentiment is known when it is filed.
fn filed_impression(sentiment: Sentiment) -> Impression {
    Impression { sentiment, source: KindSource::Filed, severity: None }
}

/// A changed text may belong to another theme, so it is grouped again, unless a person moved or dismissed it.
pub fn regroup_where_words_changed(before: &FeedbackRecord, row: &mut FeedbackRecord) {
    if before.words() != row.words() && [State::Grouped, State::Ungrouped].contains(&row.state) && !row.pinned {
        row.state = State::Pending;
        row.theme_id = None;
        row.similarity = None;
    }
}

pub(super) fn show_new<'r>(
    new: impl Iterator<Item = &'r FeedbackRecord>,
    customers: &Resolver,
) -> HashMap<Id, Feedback> {
    let show = |record: &FeedbackRecord| {
        let customer = record.customer_id.and_then(|id| customers.mention(id));
        (record.id, Feedback { customer, ..Feedback::from(record.clone()) })
    };
    new.map(show).collect()
}
