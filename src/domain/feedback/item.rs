//! Feedback: one statement of one customer, stored verbatim.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{CustomerRef, NewCustomer};
use crate::domain::base::decode::{MAX_BYTES, json_size};
use crate::domain::base::{Id, Time};

/// The most characters (Unicode scalar values) a feedback's text may have.
pub const MAX_TEXT: usize = 65_536;

crate::domain::names! {
    /// The channel that the feedback came through.
    pub enum Source {
        Ticket "ticket", Chat "chat", Email "email", Call "call", Survey "survey", Review "review", Social "social",
        Sales "sales", Interview "interview", Monitoring "monitoring", Other "other",
    }
}

impl Source {
    /// Whether the text is a note by the team or by a program, not the customer's own text. Such a note may say things
    /// that the customer was never meant to read ("will leave at renewal").
    pub fn is_noted_by_others(self) -> bool {
        matches!(self, Source::Call | Source::Sales | Source::Interview | Source::Monitoring)
    }
}

crate::domain::names! {
    /// How severe the problem is for the customer.
    pub enum Severity { Low "low", Medium "medium", High "high", Critical "critical" }
}

crate::domain::names! {
    /// The kind of feedback.
    pub enum Kind {
        Bug "bug", Request "request", Question "question", Complaint "complaint", Praise "praise", Other "other",
    }
}

crate::domain::names! {
    /// How the customer feels about what they speak of.
    pub enum Sentiment { Negative "negative", Neutral "neutral", Positive "positive" }
}

crate::domain::names! {
    /// Where a feedback's kind, severity or sentiment comes from: given when it was filed, derived from the text, or set
    /// by a person.
    pub enum KindSource { Filed "filed", Derived "derived", Corrected "corrected" }
}

crate::domain::names! {
    /// Why a text is not feedback about the product: an automatic reply, an undeliverable mail, advertising, a test or
    /// meaningless typing, a greeting without further content, or the word that there is nothing to say ("n/a").
    pub enum SetAside {
        AutoReply "auto_reply", Bounce "bounce", Spam "spam", Test "test", Greeting "greeting", Nothing "nothing",
    }
}

crate::domain::names! {
    /// The state of a feedback. `pending`: it waits to be read by the engine. `grouped`: it is in a theme. `ungrouped`: the
    /// engine has read it and found nothing like it, so it is in no theme yet; feedback like it takes it along into a
    /// theme. `dismissed`: a person took it out of every count. `set_aside`: it is no feedback about the product and gets no
    /// theme; `set_aside` says why.
    pub enum State {
        Pending "pending", Grouped "grouped", Ungrouped "ungrouped", Dismissed "dismissed", SetAside "set_aside",
    }
}

/// A feedback, as shown by the API.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Feedback {
    pub id: Id,
    pub product_id: Id,
    pub state: State,
    #[schema(example = "The refund still hasn't arrived after two weeks.")]
    pub text: String,
    pub title: Option<String>,
    pub source: Source,
    /// The system it came from; unique together with `external_id`.
    #[schema(example = "zendesk")]
    pub origin: String,
    #[schema(example = "35436")]
    pub external_id: Option<String>,
    pub url: Option<String>,
    /// When the customer said it.
    pub occurred_at: Time,
    pub customer: Option<CustomerRef>,
    /// Rating of 1 to 5 stars.
    pub rating: Option<i32>,
    /// Net promoter score, 0 to 10: the answer to "would you recommend us?".
    pub nps: Option<i32>,
    /// How many people voted for it in the other system, the author included. They count in a story's reach.
    pub votes: Option<i32>,
    /// How severe the problem is; for bugs and complaints derived from the text where it was not given.
    pub severity: Option<Severity>,
    /// Where the severity comes from; `null` where there is none.
    pub severity_source: Option<KindSource>,
    /// How the customer feels; derived from the rating or the text where it was not given.
    pub sentiment: Option<Sentiment>,
    /// Where the sentiment comes from; `null` for feedback of an earlier version until it has been derived.
    pub sentiment_source: Option<KindSource>,
    /// The kind of feedback; derived from the text where it was not given.
    pub kind: Option<Kind>,
    /// Where the kind comes from; `null` for feedback of an earlier version until its kind has been derived.
    pub kind_source: Option<KindSource>,
    /// Why it is set aside: it gets no theme, no story and no closure. Set it to `null` where that is wrong.
    pub set_aside: Option<SetAside>,
    /// ISO 639 code; detected where it was not given.
    #[schema(example = "en")]
    pub language: Option<String>,
    pub tags: Vec<String>,
    /// Free-form fields, stored unchanged.
    pub fields: Fields,
    /// The theme it belongs to; `null` while pending, ungrouped, dismissed or set aside.
    pub theme: Option<ThemeLink>,
    /// Id of the member or of the service's token that filed it.
    pub submitted_by: Option<Id>,
    pub dismissed_reason: Option<String>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// The theme of a feedback.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThemeLink {
    pub id: Id,
    #[schema(example = "Refund has not arrived")]
    pub label: String,
    /// Cosine to the nearest earlier item when it arrived, 0 to 1; `null` where a person assigned it.
    pub similarity: Option<f64>,
    /// Whether a person assigned it; the engine then never moves it.
    pub pinned: bool,
}

/// A feedback to file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "The refund still hasn't arrived after two weeks.", "source": "ticket", "origin": "zendesk",
    "external_id": "35436", "severity": "high", "tags": ["refund"],
    "customer": {"external_id": "8841", "email": "minji@example.com", "name": "Min-ji Park",
                 "account": {"name": "Blue Bakery", "segment": "business"}}
}))]
pub struct NewFeedback {
    /// Key or id of the product; the default product where absent.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[schema(min_length = 1, max_length = 65_536)]
    pub text: String,
    #[schema(min_length = 1, max_length = 500)]
    pub title: Option<String>,
    pub source: Option<Source>,
    #[schema(max_length = 100)]
    pub origin: Option<String>,
    #[schema(min_length = 1, max_length = 255)]
    pub external_id: Option<String>,
    #[schema(format = "uri", max_length = 2_000)]
    pub url: Option<String>,
    pub occurred_at: Option<Time>,
    pub customer: Option<NewCustomer>,
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<i32>,
    #[schema(minimum = 0, maximum = 10)]
    pub nps: Option<i32>,
    /// How many people voted for it in the other system, the author included. They count in a story's reach.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub votes: Option<i32>,
    /// Derived for bugs and complaints where absent.
    pub severity: Option<Severity>,
    /// Derived where absent.
    pub sentiment: Option<Sentiment>,
    /// Derived where absent.
    pub kind: Option<Kind>,
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    #[schema(max_items = 50, value_type = Option<Vec<Tag>>)]
    pub tags: Option<Vec<String>>,
    pub fields: Option<Fields>,
}

/// A label on a feedback; not blank.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 100, pattern = "\\S")]
#[expect(dead_code, reason = "states the schema only")]
pub struct Tag(String);

/// The largest size of a feedback's free-form fields in bytes, written as JSON.
pub const MAX_FIELDS: usize = 16 * 1024;

/// Free-form fields of a feedback: at most 100 names, and 16 kB as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub Map<String, Value>);

impl PartialSchema for Fields {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .max_properties(Some(100))
            .extensions(Some(Extensions::from_iter([(MAX_BYTES, json!(MAX_FIELDS))])))
            .examples([json!({"app_version": "4.2.0"})])
            .into()
    }
}

impl ToSchema for Fields {}

impl Fields {
    /// Removes the largest fields of an imported row until the rest is within the limits. Returns the names of the
    /// removed fields.
    pub fn shorten(fields: &mut Map<String, Value>) -> Vec<String> {
        let mut left_out = Vec::new();
        let mut sizes: Vec<(usize, String)> =
            fields.iter().map(|(name, value)| (name.len() + json_size(value, MAX_FIELDS), name.clone())).collect();
        sizes.sort_unstable();
        while json_size(fields, MAX_FIELDS) > MAX_FIELDS
            && let Some((_, name)) = sizes.pop()
        {
            fields.remove(&name);
            left_out.push(name);
        }
        left_out
    }
}

/// The editable fields of a feedback (merge patch). Give `customer_id` or `customer`, not both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackEdit {
    /// Id of the customer, or `null` for an unknown customer.
    #[serde(default)]
    pub customer_id: Option<Id>,
    /// The customer, found or created as when feedback is filed, under the feedback's `origin`; `null` for an unknown
    /// customer.
    #[serde(default)]
    pub customer: Option<NewCustomer>,
    /// Key or id of the product that the feedback is about.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 36)]
    pub product: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 65_536)]
    pub text: String,
    #[serde(default)]
    #[schema(min_length = 1, max_length = 500)]
    pub title: Option<String>,
    #[serde(default = "other")]
    pub source: Source,
    #[serde(default)]
    #[schema(format = "uri", max_length = 2_000)]
    pub url: Option<String>,
    #[serde(default)]
    pub occurred_at: Time,
    #[serde(default)]
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<i32>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10)]
    pub nps: Option<i32>,
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub votes: Option<i32>,
    /// A severity that a person sets stays; `null` says that there is none.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// A sentiment that a person sets stays; `null` derives it again.
    #[serde(default)]
    pub sentiment: Option<Sentiment>,
    /// A kind that a person sets stays, also when the text changes.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Why it is not feedback about the product. `null` restores it, and it gets a theme.
    #[serde(default)]
    pub set_aside: Option<SetAside>,
    #[serde(default)]
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    #[serde(default)]
    #[schema(max_items = 50, value_type = Vec<Tag>)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub fields: Fields,
}

fn other() -> Source {
    Source::Other
}

impl From<&Feedback> for FeedbackEdit {
    fn from(f: &Feedback) -> Self {
        Self {
            customer_id: f.customer.as_ref().map(|customer| customer.id),
            customer: None,
            product: f.product_id.to_string(),
            text: f.text.clone(),
            title: f.title.clone(),
            source: f.source,
            url: f.url.clone(),
            occurred_at: f.occurred_at,
            rating: f.rating,
            nps: f.nps,
            votes: f.votes,
            severity: f.severity,
            sentiment: f.sentiment,
            kind: f.kind,
            set_aside: f.set_aside,
            language: f.language.clone(),
            // Earlier versions accepted blank tags; an edit leaves them out.
            tags: f.tags.iter().filter(|tag| !tag.trim().is_empty()).cloned().collect(),
            fields: f.fields.clone(),
        }
    }
}
