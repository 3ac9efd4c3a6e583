//! The time zone of a product's days.

use chrono_tz::Tz;

use crate::domain::team::Product;

/// The time zone in which the days of a product begin.
pub fn zone_of(product: &Product) -> Tz {
    product.calendar().zone
}
