//! How much customers say of a product.

use crate::domain::base::Time;

/// A week of feedback.
#[derive(Clone, Debug, PartialEq)]
pub struct VoiceWeek {
    pub start: Time,
    pub items: i64,
    /// Items with a rating.
    pub rated: i64,
    pub mean_rating: Option<f64>,
}
