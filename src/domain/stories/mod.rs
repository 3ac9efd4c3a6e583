//! Stories, with their stages, priorities, gates, evidence, links and trials.

pub(in crate::domain) mod criterion;
pub(in crate::domain) mod facts;
pub(in crate::domain) mod gate;
pub(in crate::domain) mod in_language;
pub(in crate::domain) mod link;
pub mod llm_draft;
pub(in crate::domain) mod number;
pub mod priority;
pub mod stage;
pub(in crate::domain) mod story;
pub mod texts;
pub(in crate::domain) mod trial;

pub use criterion::{Criterion, Quote};
pub use facts::{Fact, FactKind, Facts};
pub use gate::{Decision, GateItem, GateState, SignGate, Signoff};
pub use in_language::Wording;
pub use link::{IssueRequest, Link, LinkKind, LinkProvider, LinkQuery, LinkReason, LinkState, LinkTarget, NewLink};
pub use number::StoryNumber;
pub use story::{
    AttachFeedback, AttachThemes, DraftWords, FactorsEdit, Missed, NewStory, ScopeLine, Story, StoryEdit,
    StoryQuery, StorySort, Transition,
};
pub use texts::{ReleaseText, StoryText, Texts};
pub use trial::{NewTrial, Trial, TrialKind, Verdict};
