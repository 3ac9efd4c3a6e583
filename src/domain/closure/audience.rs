//! Audience of a story: which customers are told, which are not and why, and what members decide about that beforehand.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Channel, ClosureKind, ClosureState, StoryRef};
use crate::domain::base::{Id, Time};
use crate::domain::feedback::{CustomerRef, Feedback};
use crate::domain::privacy::QuoteRisk;
use crate::domain::stories::stage::Stage;

/// The distance of a feedback from its theme, where the feedback is too far from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Far {
    /// Mean cosine to the three nearest items in its theme, 0 to 1.
    pub likeness: f64,
    /// Threshold below which the feedback counts as far. It depends on how similar the theme's feedback is to each
    /// other.
    pub bar: f64,
}

crate::domain::names! {
    /// Why a feedback asks for no answer: it is praise, it is noise (an automatic reply, advertising, no words), or it
    /// is probably not about the story, because it is far from its theme.
    pub enum LeftOut { Praise "praise", Noise "noise", ProbablyNotAboutThis "probably_not_about_this" }
}

crate::domain::names! {
    /// Why a customer behind a story is not told. `praise`, `noise`, `probably_not_about_this`: none of their feedback
    /// asks for an answer; `include` in `tell_choices` tells them anyway. `taken_out`: a member decided to leave them
    /// out. `already_told`: they confirmed an earlier release and sent no feedback since, or they have answered
    /// already. `recalled`: their message was stopped. `given_up`: they could not be reached, or the story was closed
    /// before they were told. `withdrawn`: none of their feedback supports the story any more. `erased`: the person was
    /// erased. `objected`: they want no messages about what they asked for.
    pub enum NotTold {
        Praise "praise", Noise "noise", ProbablyNotAboutThis "probably_not_about_this", TakenOut "taken_out",
        AlreadyTold "already_told", Recalled "recalled", GivenUp "given_up", Withdrawn "withdrawn",
        Erased "erased", Objected "objected",
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
    /// Why a customer with a case in this state is not told again; `None` where the case is still waiting.
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
    /// Why a customer is not told by mail. `desk`: their support desk tells them. In the other cases a member of the
    /// team tells them.
    pub enum NotMailed {
        Desk "desk", NoAddress "no_address", Unsubscribed "unsubscribed", Bounced "bounced", NoMailServer "no_mail_server",
    }
}

crate::domain::names! {
    /// `leave_out`: do not tell. `include`: tell, even where none of their feedback asks for an answer. `undecided`:
    /// the rules decide.
    pub enum TellChoice { LeaveOut "leave_out", Include "include", Undecided "undecided" }
}

/// Decisions about customers of a story, made before they are told.
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

/// A decision about one customer of a story.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TellChosen {
    pub customer_id: Id,
    pub choice: TellChoice,
    pub reason: Option<String>,
    /// Id of the member or of the service's token that decided.
    pub decided_by: Option<Id>,
    pub decided_at: Time,
}

crate::domain::names! {
    /// The act on the story that is previewed.
    pub enum PreviewAct { Ship "ship", Decline "decline", RollBack "roll_back", Close "close" }
}

impl PreviewAct {
    /// The kind of the round that the act opens, if it opens one.
    pub fn opens(self) -> Option<ClosureKind> {
        match self {
            PreviewAct::Ship => Some(ClosureKind::Release),
            PreviewAct::Decline => Some(ClosureKind::Decline),
            PreviewAct::RollBack => Some(ClosureKind::RollBack),
            PreviewAct::Close => None,
        }
    }
}

/// The query parameters of a story's preview.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TellPreviewQuery {
    /// The act; `ship` by default.
    #[param(inline)]
    pub act: Option<PreviewAct>,
    /// For `decline`: the reason that would be given.
    #[param(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// `true`: only customers who will be told. `false`: only those who will not.
    pub told: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The query parameters of a release's preview.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReleasePreviewQuery {
    /// `ship` (the default) or `roll_back`.
    #[param(inline)]
    pub act: Option<ReleasePreviewAct>,
    /// `true`: only customers who will be told. `false`: only those who will not.
    pub told: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

crate::domain::names! {
    /// The act on the release that is previewed.
    pub enum ReleasePreviewAct { Ship "ship", RollBack "roll_back" }
}

/// A preview of who will be told what. It changes nothing.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TellPreview {
    #[schema(inline)]
    pub act: PreviewAct,
    /// The name of the release in the messages.
    pub release: Option<String>,
    /// How many minutes messages wait before they are sent.
    pub recall_minutes: i32,
    pub stories: Vec<StoryPreview>,
    /// The customers behind the stories, sorted by story.
    pub data: Vec<Recipient>,
    pub next_cursor: Option<String>,
}

/// What the customers of one story will read, and how many they are.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoryPreview {
    pub story: StoryRef,
    #[schema(inline)]
    pub stage: Stage,
    /// The texts in each language that at least one of them receives.
    pub texts: Vec<PreviewText>,
    /// Passages that still quote a customer. Nobody is told until each is reworded or confirmed.
    pub quotes: Vec<QuoteRisk>,
    pub told: ToldCounts,
    pub not_told: Vec<NotToldCount>,
}

/// The text for customers of one language.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PreviewText {
    /// The language of their latest feedback. The message around the text is in English or Korean.
    #[schema(example = "ko")]
    pub language: String,
    pub subject: String,
    pub title: String,
    /// The text of the changelog entry.
    pub entry: Option<String>,
    /// The reason of the decline.
    pub reason: Option<String>,
    /// Whether there is no text in this language, so that another language is used instead.
    pub fallback: bool,
    /// Words by which the text looks like advertising. A message about a request must carry none: in Korea advertising
    /// needs consent and a label (Network Act, article 50). Absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, value_type = Vec<String>)]
    pub advertising: Vec<&'static str>,
}

/// How many customers are told, by channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ToldCounts {
    pub email: u64,
    pub desk: u64,
    pub agent: u64,
}

/// How many customers are not told for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct NotToldCount {
    #[schema(inline)]
    pub why: NotTold,
    pub customers: u64,
}

/// A customer behind a story, and whether and how they will be told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Recipient {
    pub story_id: Id,
    pub customer: CustomerRef,
    pub told: bool,
    /// Why they are not told; `null` where they are.
    pub why_not: Option<NotTold>,
    /// How they are told; `null` where they are not.
    pub channel: Option<Channel>,
    /// Why they are not told by mail, where they are told in another way.
    pub why_not_mailed: Option<NotMailed>,
    /// The language they are told in: that of their latest feedback.
    #[schema(example = "en")]
    pub language: String,
    /// The member who has to tell them, where a member tells them; `null` where the to-do is not assigned.
    pub assignee_id: Option<Id>,
    pub choice: Option<TellChosen>,
    /// Ids of their feedback behind the story: at most 20, newest first.
    pub said_ids: Vec<Id>,
}

/// A story after feedback was attached to it, and the customers who are told of it because of that.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Attached {
    #[serde(flatten)]
    pub story: crate::domain::stories::Story,
    /// `null` where the story is neither released nor declined with a message to its customers. Its customers are then
    /// told when that happens.
    pub late: Option<Late>,
}

/// The customers who are told late: feedback was attached to a story that is already released or declined.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Late {
    /// The kind of message.
    pub kind: ClosureKind,
    /// The round that they are added to.
    pub round: i32,
    /// When their messages are sent. Until then the messages can be recalled, or the feedback detached again.
    pub send_at: Time,
    pub told: ToldCounts,
    pub not_told: Vec<NotToldCount>,
    /// How much of the attached feedback came after the release. It counts as a repeated request, and its customers are
    /// not told because of it.
    pub said_since: u64,
    /// The customers, each told or not: at most 200.
    pub data: Vec<Recipient>,
}

/// A feedback of a story, and whether its customer is told because of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoryFeedback {
    #[serde(flatten)]
    pub feedback: Feedback,
    /// Whether the feedback is unusually far from its theme. It then asks for no answer, unless a member includes its
    /// customer or moves it to this theme by hand.
    pub probably_not_about_this: bool,
    /// Why the feedback asks for no answer, if it does not.
    pub left_out: Option<LeftOut>,
}

/// Whether customers who were told of a release are also told that it was rolled back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tell": true}))]
pub struct RollBackNotice {
    pub tell: bool,
}

/// The result of a recall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Recalled {
    /// How many messages were stopped, and to-dos removed.
    pub recalled: u64,
    /// How many customers had been told already.
    pub too_late: u64,
}

/// The result of resuming: how many messages wait to be sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Resumed {
    pub resumed: u64,
}
