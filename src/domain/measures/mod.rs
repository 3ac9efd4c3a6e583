//! Measures: the metrics that the team shares, their samples and series, the effect of a release on them, and the
//! figures of delivery.

automod::dir!(pub "../domain/measures");
pub mod comparing;
pub mod sampling;
