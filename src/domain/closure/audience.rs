//! Who behind a story is told, who is not and why, and what people decide about that beforehand.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Channel, ClosureKind, ClosureState, StoryRef};
use crate::domain::base::{Id, Time};
use crate::domain::feedback::{CustomerRef, Feedback};
use crate::domain::privacy::QuoteRisk;
use crate::domain::stories::stage::Stage;

/// How near a feedback is to its theme, where that is not near enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Far {
    /// The mean cosine to the three nearest in its theme, 0 to 1.
    pub likeness: f64,
    /// The least that counts as near, by how near the theme's feedback is to each other.
    pub bar: f64,
}

crate::domain::names! {
    /// Why a feedback asks for no answer: it is praise, noise (automatic replies, advertising, no words), or probably not
    /// about the story, because it is far from its theme.
    pub enum LeftOut { Praise "praise", Noise "noise", ProbablyNotAboutThis "probably_not_about_this" }
}

crate::domain::names! {
    /// Why a customer behind a story is not told. `praise`, `noise`, `probably_not_about_this`: nothing they said asks for
    /// it; `include` in `tell_choices` tells them anyway. `taken_out`: somebody decided so. `already_told`: they confirmed
    /// an earlier release and said nothing since, or answered already. `recalled`: their message was stopped.
    /// `given_up`: they could not be reached, or the story is closed before they are told. `withdrawn`: nothing they said
    /// stands behind the story any more. `erased`: the person is gone.
    pub enum NotTold {
        Praise "praise", Noise "noise", ProbablyNotAboutThis "probably_not_about_this", TakenOut "taken_out",
        AlreadyTold "already_told", Recalled "recalled", GivenUp "given_up", Withdrawn "withdrawn",
        Erased "erased",
    }
}

impl From<LeftOut> for NotTold {
    fn from(left_out: LeftOut) -> Self {
        match left_out {
            LeftOut::Praise => NotTold::Praise,
            LeftOut::Noise => NotTold::Noise,
            LeftOut::ProbablyNotAboutThis => NotTold::ProbablyNotAboutThis,
        }
    }
}

impl NotTold {
    /// Why a customer with a case in this state is not told anew; `None` where they still wait.
    pub fn of_case(state: ClosureState) -> Option<Self> {
        match state {
            ClosureState::Waiting => None,
            ClosureState::Unreachable | ClosureState::Expired => Some(NotTold::GivenUp),
            ClosureState::Recalled => Some(NotTold::Recalled),
            ClosureState::Withdrawn => Some(NotTold::Withdrawn),
            ClosureState::Told | ClosureState::Confirmed | ClosureState::Reopened => Some(NotTold::AlreadyTold),
        }
    }
}

crate::domain::names! {
    /// Why a customer gets no mail. `desk`: their support desk tells them. The others are told by a member of the team.
    pub enum NotMailed {
        Desk "desk", NoAddress "no_address", Unsubscribed "unsubscribed", Bounced "bounced", NoMailServer "no_mail_server",
    }
}

crate::domain::names! {
    /// `leave_out`: not told. `include`: told, also where nothing they said asks for it. `undecided`: the rules decide.
    pub enum TellChoice { LeaveOut "leave_out", Include "include", Undecided "undecided" }
}

/// What is decided about customers of a story before they are told.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"customer_ids": ["019a5c1e-0000-7000-8000-000000000001"], "choice": "leave_out",
    "reason": "Asked for the iPad, which this leaves out."}))]
pub struct NewTellChoices {
    #[schema(min_items = 1, max_items = 200)]
    pub customer_ids: Vec<Id>,
    #[schema(inline)]
    pub choice: TellChoice,
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// What is decided about a customer of a story.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TellChosen {
    pub customer_id: Id,
    pub choice: TellChoice,
    pub reason: Option<String>,
    /// Who decided: a member, or a service's token.
    pub decided_by: Option<Id>,
    pub decided_at: Time,
}

crate::domain::names! {
    /// What is to be done with the story.
    pub enum PreviewAct { Ship "ship", Decline "decline", RollBack "roll_back", Close "close" }
}

impl PreviewAct {
    /// The round it opens, if it opens one.
    pub fn opens(self) -> Option<ClosureKind> {
        match self {
            PreviewAct::Ship => Some(ClosureKind::Release),
            PreviewAct::Decline => Some(ClosureKind::Decline),
            PreviewAct::RollBack => Some(ClosureKind::RollBack),
            PreviewAct::Close => None,
        }
    }
}

/// What a preview is of.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TellPreviewQuery {
    /// `ship` where absent.
    #[param(inline)]
    pub act: Option<PreviewAct>,
    /// For `decline`: the reason as it would be given.
    #[param(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// Only those who will be told, or only those who will not.
    pub told: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Which part of a release's preview.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReleasePreviewQuery {
    /// `ship` where absent, or `roll_back`.
    #[param(inline)]
    pub act: Option<ReleasePreviewAct>,
    /// Only those who will be told, or only those who will not.
    pub told: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

crate::domain::names! {
    /// What is to be done with the release.
    pub enum ReleasePreviewAct { Ship "ship", RollBack "roll_back" }
}

/// Who will be told what. Nothing happens by looking.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TellPreview {
    #[schema(inline)]
    pub act: PreviewAct,
    /// The name of the release that the messages name.
    pub release: Option<String>,
    /// Minutes that messages wait before they leave.
    pub recall_minutes: i32,
    pub stories: Vec<StoryPreview>,
    /// The customers behind the stories, story by story.
    pub data: Vec<Recipient>,
    pub next_cursor: Option<String>,
}

/// What the customers of a story read, and how many there are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoryPreview {
    pub story: StoryRef,
    #[schema(inline)]
    pub stage: Stage,
    /// In each language that somebody of them gets.
    pub texts: Vec<PreviewText>,
    /// What still quotes a customer: until it is reworded or confirmed, nobody is told.
    pub quotes: Vec<QuoteRisk>,
    pub told: ToldCounts,
    pub not_told: Vec<NotToldCount>,
}

/// What customers read in a language.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PreviewText {
    /// The language of what they said last; the message around it is in English or Korean.
    #[schema(example = "ko")]
    pub language: String,
    pub subject: String,
    pub title: String,
    /// What the changelog says of it.
    pub entry: Option<String>,
    /// Why it is declined.
    pub reason: Option<String>,
    /// The words are not in this language: there are none.
    pub fallback: bool,
}

/// How many are told, by channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ToldCounts {
    pub email: u64,
    pub desk: u64,
    pub agent: u64,
}

/// How many are not told for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct NotToldCount {
    #[schema(inline)]
    pub why: NotTold,
    pub customers: u64,
}

/// A customer behind a story, and what they will hear of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Recipient {
    pub story_id: Id,
    pub customer: CustomerRef,
    pub told: bool,
    /// `null` where they are not told.
    pub why_not: Option<NotTold>,
    /// How they are told; `null` where they are not.
    pub channel: Option<Channel>,
    /// Why not by mail, where they are told otherwise.
    pub why_not_mailed: Option<NotMailed>,
    /// The language they are told in: that of what they said last.
    #[schema(example = "en")]
    pub language: String,
    /// Whose to-do it becomes, where a member tells them; `null` for anybody's.
    pub assignee_id: Option<Id>,
    pub choice: Option<TellChosen>,
    /// What they said for the story: at most 20, newest first.
    pub said_ids: Vec<Id>,
}

/// A story after feedback was attached to it, and who hears of it for that.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attached {
    #[serde(flatten)]
    pub story: crate::domain::stories::Story,
    /// `null` where the story is neither released nor declined with word to its customers: who is behind it then is told
    /// when it is.
    pub late: Option<Late>,
}

/// Who is told of a story that is released or declined already, for what was attached to it since.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Late {
    /// What they are told.
    #[schema(inline)]
    pub kind: ClosureKind,
    /// The round they join.
    pub round: i32,
    /// When messages leave; until then they can be recalled, or the feedback taken off again.
    pub send_at: Time,
    pub told: ToldCounts,
    pub not_told: Vec<NotToldCount>,
    /// Feedback said after the release: it counts as said again, and its customers are not told for it.
    pub said_since: u64,
    /// Those who are told or not, by customer; at most 200.
    pub data: Vec<Recipient>,
}

/// A feedback of a story, and whether who said it hears of the story for it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoryFeedback {
    #[serde(flatten)]
    pub feedback: Feedback,
    /// Far from its theme, as that theme's feedback goes. It asks for no answer unless somebody includes its customer or
    /// moves it to this theme by hand.
    pub probably_not_about_this: bool,
    /// Why it asks for no answer, where it asks for none.
    pub left_out: Option<LeftOut>,
}

/// Whether customers who were told of a release hear that it was rolled back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tell": true}))]
pub struct RollBackNotice {
    pub tell: bool,
}

/// What a recall came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Recalled {
    /// Whose message was stopped, or whose to-do it no longer is.
    pub recalled: u64,
    /// Who was told already.
    pub too_late: u64,
}

/// How many messages wait again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Resumed {
    pub resumed: u64,
}
