//! Stories, with their stages, priorities, gates, evidence, links and trials.

pub(in crate::domain) mod gate;
pub(in crate::domain) mod link;
pub mod llm_draft;
pub(in crate::domain) mod number;
pub mod priority;
pub mod stage;
pub(in crate::domain) mod story;
pub mod texts;
pub(in crate::domain) mod trial;

pub use gate::{Decision, GateItem, GateState, SignGate, Signoff};
pub use link::{IssueRequest, Link, LinkKind, LinkProvider, LinkQuery, LinkReason, LinkState, LinkTarget, NewLink};
pub use number::StoryNumber;
pub use story::{
    AttachFeedback, AttachThemes, Criterion, DraftWords, FactorsEdit, Missed, NewStory, ScopeLine, Story, StoryEdit,
    StoryQuery, StorySort, Transition,
};
pub use texts::{ReleaseText, StoryText, Texts, Wording};
pub use trial::{NewTrial, Trial, TrialKind, Verdict};
