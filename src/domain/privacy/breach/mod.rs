//! Personal data breaches: what is known, who must be told by when, and who was told.

pub mod clock;
pub mod letter;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
pub use clock::BreachDuty;

crate::domain::names! {
    /// Whether a breach is still worked on.
    pub enum BreachState { Open "open", Closed "closed" }
}

crate::domain::names! {
    /// Who is told of a breach.
    pub enum NoticeAudience { Authority "authority", Persons "persons" }
}

crate::domain::names! {
    /// What an entry of a breach's timeline is.
    pub enum BreachEntryKind {
        Opened "opened", Changed "changed", Notice "notice", Note "note", Closed "closed", Reopened "reopened",
    }
}

/// A breach, with its legal duties.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Breach {
    pub id: Id,
    pub product_id: Option<Id>,
    /// The incident that it was opened from.
    pub incident_id: Option<Id>,
    #[serde(flatten)]
    pub facts: BreachFacts,
    #[schema(inline)]
    pub state: BreachState,
    /// Who must be told by when, by the laws of its countries and what is known now.
    pub duties: Vec<BreachDuty>,
    /// Notices that were sent, oldest first.
    pub notices: Vec<BreachNotice>,
    /// When it was noted that a notice is late.
    pub overdue_at: Option<Time>,
    pub closed_at: Option<Time>,
    pub closed_by: Option<Id>,
    pub opened_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// Declares the fields of a breach once: as it is shown, and as it is edited, where unknown fields are refused.
macro_rules! facts {
    ($($(#[$attribute:meta])* $field:ident: $kind:ident $(<$inner:ident>)?,)*) => {
        /// What is known of a breach. It may be filled in by and by: the law allows notices in phases.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
        pub struct BreachFacts { $($(#[$attribute])* pub $field: $kind $(<$inner>)?,)* }

        /// The editable fields of a breach (merge patch).
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct BreachEdit { $($(#[$attribute])* pub $field: $kind $(<$inner>)?,)* }

        impl From<&BreachFacts> for BreachEdit {
            fn from(facts: &BreachFacts) -> Self {
                let facts = facts.clone();
                Self { $($field: facts.$field,)* }
            }
        }

        impl From<BreachEdit> for BreachFacts {
            fn from(edit: BreachEdit) -> Self {
                Self { $($field: edit.$field,)* }
            }
        }
    };
}

facts! {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300, pattern = "\\S", example = "Export with addresses on a public server")]
    title: String,
    /// When somebody first thought that it may be a breach.
    #[serde(default)]
    possible_at: Option<Time>,
    /// When the team knew that it is a breach: the clocks start here.
    #[serde(default)]
    known_at: Option<Time>,
    /// When it happened, as far as known.
    #[serde(default)]
    happened_at: Option<Time>,
    /// Where the persons are: codes of countries, or `EU`.
    #[serde(default)]
    #[schema(max_items = 40, value_type = Vec<CountryCode>, example = json!(["KR", "EU"]))]
    countries: Vec<String>,
    /// How many persons; `null` while that is not known.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    person_count: Option<i32>,
    /// Whether it is about health, beliefs, biometrics and the like.
    #[serde(default)]
    sensitive_data: bool,
    /// Whether it is about numbers of residents, passports, licences or foreigners.
    #[serde(default)]
    identification_data: bool,
    /// Whether somebody got in from outside.
    #[serde(default)]
    outside_access: bool,
    /// Whether the risk for the persons is high.
    #[serde(default)]
    high_risk: bool,
    /// Whether a risk for the persons is unlikely, as for data that is encrypted.
    #[serde(default)]
    risk_unlikely: bool,
    /// What data.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    data_items: Option<String>,
    /// When and how it happened, as the persons are told.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    how: Option<String>,
    /// What may follow for the persons.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    consequences: Option<String>,
    /// What the persons can do against harm.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    what_to_do: Option<String>,
    /// What the team did and does.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    measures: Option<String>,
    /// Whom the persons can ask.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    contact: Option<String>,
    /// The number under which the authority keeps it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    authority_number: Option<String>,
}

/// The code of a country, or `EU`.
#[derive(ToSchema)]
#[schema(pattern = "^[A-Z]{2}$", example = "KR")]
#[allow(dead_code, reason = "states the schema only")]
pub struct CountryCode(String);

/// A breach to open.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Export with addresses on a public server", "countries": ["KR", "EU"], "person_count": 1200}))]
pub struct NewBreach {
    /// Required without `incident_id`.
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: Option<String>,
    /// Id or number of the incident that it comes from: title and product are taken from it.
    #[schema(min_length = 1, max_length = 36)]
    pub incident_id: Option<String>,
    /// Key or id of the product, if it is about one.
    #[schema(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// When somebody first thought that it may be a breach.
    pub possible_at: Option<Time>,
    /// When the team knew that it is a breach. Where both times are absent: now, so that the clocks start.
    pub known_at: Option<Time>,
    pub happened_at: Option<Time>,
    /// Where the persons are. `KR` and `EU` where absent, so that no duty is missed.
    #[schema(max_items = 40, value_type = Option<Vec<CountryCode>>)]
    pub countries: Option<Vec<String>>,
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub person_count: Option<i32>,
    #[serde(default)]
    pub sensitive_data: bool,
    #[serde(default)]
    pub identification_data: bool,
    #[serde(default)]
    pub outside_access: bool,
    #[serde(default)]
    pub high_risk: bool,
}

/// What an incident's breach starts with; all of it may be absent.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"countries": ["KR"]}))]
pub struct IncidentBreach {
    /// When somebody first thought that it may be a breach.
    pub possible_at: Option<Time>,
    /// When the team knew that it is a breach. Where both times are absent: now.
    pub known_at: Option<Time>,
    /// `KR` and `EU` where absent.
    #[schema(max_items = 40, value_type = Option<Vec<CountryCode>>)]
    pub countries: Option<Vec<String>>,
}

/// A notice that was sent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BreachNotice {
    pub id: Id,
    /// Whose law asked for it.
    #[schema(example = "KR")]
    pub country: String,
    #[schema(inline)]
    pub audience: NoticeAudience,
    /// Whether it says everything; a first notice may be completed later.
    pub is_final: bool,
    pub sent_at: Time,
    /// How many persons were told.
    pub person_count: Option<i32>,
    /// How it was sent.
    pub how: String,
    /// The receipt, or the number that the authority gave.
    pub reference: Option<String>,
    /// SHA-256 of the letter as it was shown, in hexadecimal digits.
    pub letter_hash: Option<String>,
    pub recorded_by: Option<Id>,
    pub recorded_at: Time,
}

/// A notice to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"country": "KR", "audience": "persons", "how": "By mail to each", "person_count": 1200}))]
pub struct NewBreachNotice {
    #[schema(pattern = "^[A-Z]{2}$", example = "KR")]
    pub country: String,
    #[schema(inline)]
    pub audience: NoticeAudience,
    /// Whether it says everything. `false` for the first phase of a notice that is completed later.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub is_final: bool,
    /// Now where absent. Not in the future.
    pub sent_at: Option<Time>,
    #[schema(minimum = 0, maximum = 2_000_000_000)]
    pub person_count: Option<i32>,
    #[schema(min_length = 1, max_length = 1000, pattern = "\\S")]
    pub how: String,
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub reference: Option<String>,
    /// The language of the letter that was sent, so that its hash is kept: `en` or `ko`.
    #[schema(pattern = "^(en|ko)$")]
    pub language: Option<String>,
}

fn yes() -> bool {
    true
}

/// An entry of a breach's timeline.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BreachEntry {
    pub id: Id,
    #[schema(inline)]
    pub kind: BreachEntryKind,
    pub happened_at: Time,
    pub entered_at: Time,
    pub actor_id: Option<Id>,
    pub text: Option<String>,
    /// The names of the fields that changed.
    pub fields: Vec<String>,
}

/// A note for the timeline of a breach.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The server was taken off the net."}))]
pub struct NewBreachEntry {
    #[schema(min_length = 1, max_length = 10_000, pattern = "\\S")]
    pub text: String,
    /// Now where absent. Not in the future.
    pub happened_at: Option<Time>,
}

/// A letter about a breach, made of what is known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BreachLetter {
    #[schema(inline)]
    pub audience: NoticeAudience,
    #[schema(example = "ko")]
    pub language: String,
    pub subject: String,
    pub text: String,
    /// SHA-256 of the text, in hexadecimal digits.
    pub hash: String,
    /// The fields of the breach that the law asks for and that are not filled in yet.
    pub missing: Vec<String>,
}

/// The query parameters of a letter.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BreachLetterQuery {
    /// For whom; persons where absent.
    #[param(inline)]
    pub audience: Option<NoticeAudience>,
    /// `en` or `ko`; English where absent.
    #[param(pattern = "^(en|ko)$")]
    pub language: Option<String>,
}

/// The query parameters of the list of breaches.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BreachQuery {
    #[param(inline)]
    pub state: Option<BreachState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
