//! Stories, with their stages, priorities, gates, evidence, links and trials.

automod::dir!(pub "../domain/stories");
pub mod priority;

pub use acceptance::{Criterion, CriterionQuote, NewCriterionQuote};
pub use facts::{Fact, FactKind, Facts};
pub use gate::{Decision, GateItem, GateState, SignGate, Signoff};
pub use in_language::Wording;
pub use link::{IssueRequest, Link, LinkKind, LinkProvider, LinkQuery, LinkReason, LinkState, LinkTarget, NewLink};
pub use number::StoryNumber;
pub use story::{
    AttachFeedback, AttachThemes, DraftWords, FactorsEdit, Missed, NewStory, ScopeLine, Story, StoryEdit, StoryQuery,
    StorySort, Transition,
};
pub use texts::{ReleaseText, StoryText, Texts};
pub use trial::{NewTrial, Trial, TrialKind, Verdict};
