//! File formats: CSV, JSON, and the recognition of known exports.

pub(in crate::outside) mod csv;
pub(in crate::outside) mod json;
pub(in crate::outside) mod kinds;
pub(in crate::outside) mod reader;
pub(in crate::outside) mod record;
pub(in crate::outside) mod row;
pub(in crate::outside) mod shape;
pub(in crate::outside) mod sides;
pub(in crate::outside) mod single;
