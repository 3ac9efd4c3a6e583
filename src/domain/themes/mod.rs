//! Themes: groups of similar feedback, people's corrections of them, and refinements by the engine.

pub(in crate::domain) mod granularity;
pub(in crate::domain) mod proposal;
pub(in crate::domain) mod record;
pub(in crate::domain) mod refinement;
pub(in crate::domain) mod theme;

pub use granularity::{
    Granularity, GranularityCandidate, GranularityChoice, GranularityPreview, PreviewQuery, PreviewedSetting, SubTheme,
};
pub use proposal::{
    NearestPair, Proposal, ProposalDetail, ProposalKind, ProposalNumbers, ProposalQuery, ProposalState, Proposed,
    Rejection,
};
pub use record::ThemeRecord;
pub use refinement::{Refinement, RefinementDue, RefinementKind, RefinementQuery};
pub use theme::{
    Corrected, Correction, CorrectionKind, CorrectionQuery, Merge, MoveTo, Mute, Reason, Split, Theme, ThemeDetail,
    ThemeEdit, ThemeQuery, ThemeSort, Trend, Week, timeline,
};
