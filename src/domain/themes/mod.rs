//! Themes: groups of similar feedback, people's corrections of them, and refinements by the engine.

automod::dir!(pub "../domain/themes");

pub use granularity::{
    Granularity, GranularityCandidate, GranularityChoice, GranularityPreview, PreviewQuery, PreviewedSetting, SubTheme,
};
pub use overview::{FoundInState, MoveFeedback, NearTheme, ThemeMap, ThemePoint, ThemeWeeks, ThemeWeeksQuery};
pub use proposal::{
    NearestPair, Proposal, ProposalDetail, ProposalKind, ProposalNumbers, ProposalQuery, ProposalState, Proposed,
    Rejection,
};
pub use record::{ThemeLabel, ThemeLabels, ThemeRecord};
pub use refinement::{Refinement, RefinementDue, RefinementKind, RefinementQuery};
pub use theme::{
    Corrected, Correction, CorrectionKind, CorrectionQuery, Merge, MoveTo, Mute, Reason, Split, Theme, ThemeDetail,
    ThemeEdit, ThemeQuery, ThemeSort, Trend, Week, timeline,
};
