//! The query parameters of the list of feedback.

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::item::{Kind, KindSource, Sentiment, SetAside, Severity, Source, State};
use crate::domain::base::{Id, Time};

crate::domain::names! {
    /// The order of feedback: by arrival, or by the time it was said; newest first.
    pub enum FeedbackSort { Arrival "arrival", Said "said" }
}

/// The query parameters of the list of feedback. An item must match every filter that is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedbackQuery {
    /// Key or id of the product.
    #[param(min_length = 1, max_length = 36)]
    pub product: Option<String>,
    /// Several, separated by commas: the feedback has one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[param(inline, style = Form, explode = false, required = false)]
    pub source: Vec<Source>,
    /// The system it came from.
    #[param(max_length = 100)]
    pub origin: Option<String>,
    /// Several, separated by commas: the feedback has one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[param(inline, style = Form, explode = false, required = false)]
    pub kind: Vec<Kind>,
    /// Where the kind comes from.
    #[param(inline)]
    pub kind_source: Option<KindSource>,
    /// Why it is set aside; `state=set_aside` lists all feedback that is set aside.
    #[param(inline)]
    pub set_aside: Option<SetAside>,
    #[param(inline)]
    pub severity: Option<Severity>,
    /// Where the severity comes from.
    #[param(inline)]
    pub severity_source: Option<KindSource>,
    #[param(inline)]
    pub sentiment: Option<Sentiment>,
    /// Where the sentiment comes from.
    #[param(inline)]
    pub sentiment_source: Option<KindSource>,
    /// ISO 639 code.
    #[param(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    /// Id of a customer.
    #[param(inline)]
    pub customer: Option<Id>,
    /// Id of a theme.
    #[param(inline)]
    pub theme: Option<Id>,
    /// Several, separated by commas: the feedback is in one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[param(inline, style = Form, explode = false, required = false)]
    pub state: Vec<State>,
    /// Id of an account: the feedback of its customers.
    #[param(inline)]
    pub account: Option<Id>,
    /// The feedback of customers whose account has this segment.
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
    /// Only feedback said at this time or later.
    #[param(inline)]
    pub since: Option<Time>,
    /// Only feedback said before this time.
    #[param(inline)]
    pub until: Option<Time>,
    #[param(min_length = 1, max_length = 100)]
    pub tag: Option<String>,
    /// Search words: all of them must occur; "..." is a phrase. Chinese, Japanese and Korean words of two or more
    /// characters are found.
    #[param(min_length = 1, max_length = 500)]
    pub q: Option<String>,
    /// `true`: only feedback of archived products; `false`: only that of the others.
    pub archived: Option<bool>,
    /// `arrival` by default. `said` sorts by the time it was said, newest first, and cannot be combined with `q`.
    #[param(inline)]
    pub sort: Option<FeedbackSort>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl FeedbackQuery {
    /// The id in `story`, where the story is given by its id.
    pub fn story_id(&self) -> Option<Id> {
        self.story.as_deref()?.parse().ok()
    }

    /// Whether the search words are the only filter.
    pub fn only_words(&self) -> bool {
        let paging = Self { limit: self.limit, cursor: self.cursor.clone(), ..Self::default() };
        self.q.is_some() && *self == Self { q: self.q.clone(), ..paging }
    }
}
