//! One thing one customer said, once, verbatim.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{CustomerRef, NewCustomer};
use crate::domain::base::decode::{MAX_BYTES, json_size};
use crate::domain::base::{Id, Time};

/// The most characters (Unicode scalar values) a feedback's text may have.
pub const MAX_TEXT: usize = 65_536;

crate::domain::names! {
    /// Where it was said.
    pub enum Source {
        Ticket "ticket", Chat "chat", Email "email", Call "call", Survey "survey", Review "review", Social "social",
        Sales "sales", Interview "interview", Monitoring "monitoring", Other "other",
    }
}

impl Source {
    /// Whether the text is what the team or a program noted of a customer, not what the customer wrote: it may say what
    /// was never meant for them ("will leave at renewal").
    pub fn is_noted_by_others(self) -> bool {
        matches!(self, Source::Call | Source::Sales | Source::Interview | Source::Monitoring)
    }
}

crate::domain::names! {
    /// How bad it is for the customer.
    pub enum Severity { Low "low", Medium "medium", High "high", Critical "critical" }
}

crate::domain::names! {
    /// What kind of thing was said.
    pub enum Kind {
        Bug "bug", Request "request", Question "question", Complaint "complaint", Praise "praise", Other "other",
    }
}

crate::domain::names! {
    /// Where a feedback's kind comes from: given by whoever filed it, derived from the text, or set by a person.
    pub enum KindSource { Filed "filed", Derived "derived", Corrected "corrected" }
}

crate::domain::names! {
    /// Why a text is no feedback about the product: an automatic reply, a mail that could not be delivered, advertising,
    /// a test or typing without meaning, or a greeting that says nothing else.
    pub enum SetAside {
        AutoReply "auto_reply", Bounce "bounce", Spam "spam", Test "test", Greeting "greeting",
    }
}

crate::domain::names! {
    /// Where a feedback is on its way. What is set aside waits for no theme; `set_aside` says why.
    pub enum State { Pending "pending", Grouped "grouped", Dismissed "dismissed", SetAside "set_aside" }
}

/// A feedback as it is shown.
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
    /// 1 to 5 stars.
    pub rating: Option<i32>,
    /// 0 to 10, the answer to "would you recommend us?".
    pub nps: Option<i32>,
    /// How many people asked for it where it was said, who said it included: they count in a story's reach.
    pub votes: Option<i32>,
    pub severity: Option<Severity>,
    /// What kind of thing was said; derived from the text where whoever filed it did not say.
    pub kind: Option<Kind>,
    /// Where the kind comes from; `null` for feedback of an earlier version until it has been looked at.
    pub kind_source: Option<KindSource>,
    /// Why it is set aside: it gets no theme, no story and no closure. Set it to `null` where that is wrong.
    pub set_aside: Option<SetAside>,
    /// ISO 639 code; detected where it was not given.
    #[schema(example = "en")]
    pub language: Option<String>,
    pub tags: Vec<String>,
    /// Free-form fields, kept as they came.
    pub fields: Fields,
    /// The theme it belongs to; `null` while pending, dismissed or set aside.
    pub theme: Option<ThemeLink>,
    /// The member, or the token of the service, that filed it.
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
    /// Cosine to the nearest earlier item when it arrived, 0 to 1; `null` where a person placed it.
    pub similarity: Option<f64>,
    /// Placed by a person: the engine never moves it.
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
    /// How many people asked for it where it was said, who said it included: they count in a story's reach.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub votes: Option<i32>,
    pub severity: Option<Severity>,
    pub kind: Option<Kind>,
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    #[schema(max_items = 50, value_type = Option<Vec<Tag>>)]
    pub tags: Option<Vec<String>>,
    pub fields: Option<Fields>,
}

/// A label on a feedback.
#[derive(ToSchema)]
#[schema(min_length = 1, max_length = 100)]
#[allow(dead_code, reason = "states the schema only")]
pub struct Tag(String);

/// The most bytes that the free-form fields of a feedback may have together, as JSON.
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
    /// Takes the largest fields out of those of an imported row until the rest may be kept; answers their names.
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

/// What a person may change of a feedback (merge patch). `customer_id` and `customer` say the same: only one of them is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackEdit {
    /// Who said it: the id of a customer, or `null` for nobody known.
    #[serde(default)]
    pub customer_id: Option<Id>,
    /// Who said it, found or created as in filing under the feedback's `origin`; `null` for nobody known.
    #[serde(default)]
    pub customer: Option<NewCustomer>,
    /// Key or id of the product that it is about.
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
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Set by a person it stays, also when the text changes.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Why it is no feedback about the product; `null` takes it to its theme.
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
            kind: f.kind,
            set_aside: f.set_aside,
            language: f.language.clone(),
            tags: f.tags.clone(),
            fields: f.fields.clone(),
        }
    }
}

crate::domain::names! {
    /// How feedback is sorted: by when it arrived, or by when it was said; newest first.
    pub enum FeedbackSort { Arrival "arrival", Said "said" }
}

/// Which feedback a list shows; every filter given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedbackQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub source: Option<Source>,
    /// The system it came from.
    #[param(max_length = 100)]
    pub origin: Option<String>,
    #[param(inline)]
    pub kind: Option<Kind>,
    /// Where the kind comes from.
    #[param(inline)]
    pub kind_source: Option<KindSource>,
    /// Why it is set aside; `state=set_aside` shows all that is.
    #[param(inline)]
    pub set_aside: Option<SetAside>,
    #[param(inline)]
    pub severity: Option<Severity>,
    /// ISO 639 code.
    #[param(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    /// Id of a customer.
    #[param(inline)]
    pub customer: Option<Id>,
    /// Id of a theme.
    #[param(inline)]
    pub theme: Option<Id>,
    #[param(inline)]
    pub state: Option<State>,
    /// Id of an account: what its people said.
    #[param(inline)]
    pub account: Option<Id>,
    /// What people of accounts of this segment said.
    #[param(min_length = 1, max_length = 100)]
    pub segment: Option<String>,
    /// Id or number of a story: the feedback behind it.
    #[param(pattern = "^([0-9a-fA-F-]{36}|[A-Za-z][A-Za-z0-9]{0,9}-[1-9][0-9]{0,8})$", example = "HB-10")]
    pub story: Option<String>,
    /// `me`, or the id of the member or token that filed it.
    #[param(pattern = "^(me|[0-9a-fA-F-]{36})$")]
    pub submitted_by: Option<String>,
    #[param(minimum = 1, maximum = 5)]
    pub min_rating: Option<i32>,
    #[param(minimum = 1, maximum = 5)]
    pub max_rating: Option<i32>,
    #[param(minimum = 0, maximum = 10)]
    pub min_nps: Option<i32>,
    #[param(minimum = 0, maximum = 10)]
    pub max_nps: Option<i32>,
    /// Said at this time or later.
    #[param(inline)]
    pub since: Option<Time>,
    /// Said before this time.
    #[param(inline)]
    pub until: Option<Time>,
    #[param(min_length = 1, max_length = 100)]
    pub tag: Option<String>,
    /// Words to find: all of them must occur; "..." is a phrase. Chinese, Japanese and Korean words of two characters are found.
    #[param(min_length = 1, max_length = 500)]
    pub q: Option<String>,
    /// `arrival` where absent. Sorted by `said`, what was said last comes first, and `q` is not taken.
    #[param(inline)]
    pub sort: Option<FeedbackSort>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl FeedbackQuery {
    /// The story asked for, where it is named by its id.
    pub fn story_id(&self) -> Option<Id> {
        self.story.as_deref()?.parse().ok()
    }

    /// Whether words are all that it asks for.
    pub fn only_words(&self) -> bool {
        let paging = Self { limit: self.limit, cursor: self.cursor.clone(), ..Self::default() };
        self.q.is_some() && *self == Self { q: self.q.clone(), ..paging }
    }
}
