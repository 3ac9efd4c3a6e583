//! Parsing of cell values: dates, times, amounts, ratings.

pub(in crate::outside) mod amounts;
pub(in crate::outside) mod clock;
pub(in crate::outside) mod convert;
pub(in crate::outside) mod dates;
pub(in crate::outside) mod ratings;
pub(in crate::outside) mod time;
pub(in crate::outside) mod zones;
