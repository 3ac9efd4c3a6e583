//! Postmortems: what the team learnt from an incident.

pub mod action;
pub mod facts;
pub mod hints;
pub mod repeat;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};

/// A postmortem is due this many working days after the incident was over.
pub const DUE_WORKING_DAYS: i32 = 5;

/// Incidents up to this severity need a postmortem.
pub const NEEDS_POSTMORTEM: i32 = 2;

crate::domain::names! {
    /// The state of a postmortem. `published`: the whole team has been told of it; it can still be corrected.
    pub enum PostmortemState { Draft "draft", InReview "in_review", Published "published" }
}

crate::domain::names! {
    /// The parts of a postmortem that people write.
    pub enum PostmortemSection {
        Summary "summary", Impact "impact", Detection "detection", Trigger "trigger", RootCauses "root_causes",
        ContributingFactors "contributing_factors", Resolution "resolution", WentWell "went_well",
        WentWrong "went_wrong", Lucky "lucky", OpenQuestions "open_questions",
    }
}

/// The sections of a postmortem that people write. Each is drafted from the incident as far as it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostmortemText {
    /// What happened, in a few sentences.
    pub summary: Option<String>,
    /// Who was affected, and how.
    pub impact: Option<String>,
    /// How it was noticed.
    pub detection: Option<String>,
    /// What set it off.
    pub trigger: Option<String>,
    pub root_causes: Option<String>,
    /// What made it possible, worse or longer.
    pub contributing_factors: Option<String>,
    /// What ended it.
    pub resolution: Option<String>,
    pub went_well: Option<String>,
    pub went_wrong: Option<String>,
    /// Where the team was lucky.
    pub lucky: Option<String>,
    pub open_questions: Option<String>,
}

impl PostmortemText {
    /// The text of a section.
    pub fn section(&self, section: PostmortemSection) -> Option<&str> {
        use PostmortemSection as S;
        let text = match section {
            S::Summary => &self.summary,
            S::Impact => &self.impact,
            S::Detection => &self.detection,
            S::Trigger => &self.trigger,
            S::RootCauses => &self.root_causes,
            S::ContributingFactors => &self.contributing_factors,
            S::Resolution => &self.resolution,
            S::WentWell => &self.went_well,
            S::WentWrong => &self.went_wrong,
            S::Lucky => &self.lucky,
            S::OpenQuestions => &self.open_questions,
        };
        text.as_deref()
    }

    /// The sections that have a text, in the order in which they are read.
    pub fn written(&self) -> impl Iterator<Item = (PostmortemSection, &str)> {
        PostmortemSection::ALL.iter().filter_map(|section| Some((*section, self.section(*section)?)))
    }
}

/// A postmortem.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Postmortem {
    pub id: Id,
    pub product_id: Id,
    pub incident_id: Id,
    /// The number of the incident.
    #[schema(example = "HB-INC-1")]
    pub incident_number: String,
    pub state: PostmortemState,
    #[schema(example = "Payments failed at the last step")]
    pub title: String,
    #[serde(flatten)]
    pub text: PostmortemText,
    /// The member who leads the review.
    pub facilitator_id: Option<Id>,
    /// The members who wrote it.
    pub authors: Vec<Id>,
    /// When it must be published: five working days after the incident was over. `null` where nobody has to write it.
    pub due_at: Option<Time>,
    /// When it was noted that it is late.
    pub overdue_at: Option<Time>,
    pub in_review_at: Option<Time>,
    pub published_at: Option<Time>,
    pub published_by: Option<Id>,
    pub created_by: Option<Id>,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Postmortem {
    /// Whether it is late at this time.
    pub fn is_overdue(&self, now: Time) -> bool {
        self.state != PostmortemState::Published && self.due_at.is_some_and(|due| due < now)
    }
}

/// A postmortem with what the program knows of its incident.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ShownPostmortem {
    #[serde(flatten)]
    pub postmortem: Postmortem,
    /// What is known of the incident. It is computed anew at each reading.
    pub facts: facts::IncidentFacts,
    /// Its actions, oldest first.
    pub actions: Vec<action::PostmortemAction>,
    /// Wordings that blame people or judge after the fact. They never keep anybody from publishing.
    pub hints: Vec<hints::WordingHint>,
}

/// A postmortem to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"incident": "HB-INC-1"}))]
pub struct NewPostmortem {
    /// Id or number of the incident.
    #[schema(min_length = 1, max_length = 36)]
    pub incident: String,
    /// The member who leads the review: an id, or `me`.
    pub facilitator_id: Option<Id>,
}

/// The editable fields of a postmortem (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostmortemEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 300, pattern = "\\S")]
    pub title: String,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub summary: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub impact: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub detection: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub trigger: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub root_causes: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub contributing_factors: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub resolution: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub went_well: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub went_wrong: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub lucky: Option<String>,
    #[serde(default)]
    #[schema(max_length = 20_000)]
    pub open_questions: Option<String>,
    /// The member who leads the review: an id, or `me`.
    #[serde(default)]
    pub facilitator_id: Option<Id>,
    /// The members who wrote it: ids, or `me`.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub authors: Vec<Id>,
}

impl From<&Postmortem> for PostmortemEdit {
    fn from(postmortem: &Postmortem) -> Self {
        let text = postmortem.text.clone();
        Self {
            title: postmortem.title.clone(),
            summary: text.summary,
            impact: text.impact,
            detection: text.detection,
            trigger: text.trigger,
            root_causes: text.root_causes,
            contributing_factors: text.contributing_factors,
            resolution: text.resolution,
            went_well: text.went_well,
            went_wrong: text.went_wrong,
            lucky: text.lucky,
            open_questions: text.open_questions,
            facilitator_id: postmortem.facilitator_id,
            authors: postmortem.authors.clone(),
        }
    }
}

impl PostmortemEdit {
    /// The sections, without those that are blank.
    pub fn text(&self) -> PostmortemText {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        PostmortemText {
            summary: given(&self.summary),
            impact: given(&self.impact),
            detection: given(&self.detection),
            trigger: given(&self.trigger),
            root_causes: given(&self.root_causes),
            contributing_factors: given(&self.contributing_factors),
            resolution: given(&self.resolution),
            went_well: given(&self.went_well),
            went_wrong: given(&self.went_wrong),
            lucky: given(&self.lucky),
            open_questions: given(&self.open_questions),
        }
    }
}

/// The query parameters of the list of postmortems.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostmortemQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    #[param(inline)]
    pub state: Option<PostmortemState>,
    /// `true`: only those that are not published although they are due.
    pub overdue: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Which version of a postmortem is read.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostmortemView {
    /// `true`: the version without personal data.
    pub public: Option<bool>,
}

/// The next state of a postmortem.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": "published"}))]
pub struct PostmortemTransition {
    pub to: PostmortemState,
}
