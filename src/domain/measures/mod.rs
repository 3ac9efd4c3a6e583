//! Measures: the metrics that the team shares, their samples and series, and the effect of a release on them.

automod::dir!(pub "src/domain/measures");
