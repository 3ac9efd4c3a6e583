//! What is being developed; owns themes and stories.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ProductSettings;
use crate::domain::base::{Id, Time};

/// A product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Product {
    pub id: Id,
    /// Short name in story numbers: `HB` gives `HB-1`.
    #[schema(example = "HB")]
    pub key: String,
    #[schema(example = "Hearback")]
    pub name: String,
    /// ISO 4217 code in which the value of themes is summed; accounts in other currencies count as no value.
    #[schema(example = "USD")]
    pub currency: String,
    pub settings: ProductSettings,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A product to create.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    #[schema(pattern = "^[A-Z][A-Z0-9]{0,9}$", example = "PAY")]
    pub key: String,
    #[schema(min_length = 1, max_length = 200, pattern = "\\S", example = "Paylo")]
    pub name: String,
    #[serde(default = "default_currency")]
    #[schema(pattern = "^[A-Z]{3}$", default = "USD")]
    pub currency: String,
    #[serde(default)]
    #[schema(value_type = ProductSettings)]
    pub settings: ProductSettings,
}

/// Which products a list shows: all of them, in pages.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The currency where none is named.
pub fn default_currency() -> String {
    "USD".to_owned()
}

/// What a person may change of a product (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    #[serde(default)]
    #[schema(value_type = ProductSettings)]
    pub settings: ProductSettings,
}

impl From<&Product> for ProductEdit {
    fn from(product: &Product) -> Self {
        Self { name: product.name.clone(), currency: product.currency.clone(), settings: product.settings.clone() }
    }
}

/// The product every instance starts with; its id is fixed, so that an export fits into any new instance.
pub const DEFAULT_PRODUCT: Id = Id(uuid::Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
