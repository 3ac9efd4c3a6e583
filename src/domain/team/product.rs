//! Products: what is being developed. A product has themes and stories.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::access::Visibility;
use super::{ProductSettings, Role};
use crate::domain::base::{Calendar, Id, Time};
use crate::refusal::{Code, Refusal, Result};

/// A product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Product {
    pub id: Id,
    /// Short name in story numbers: with `HB` the first story is `HB-1`.
    #[schema(example = "HB")]
    pub key: String,
    #[schema(example = "Hearback")]
    pub name: String,
    /// ISO 4217 code of the currency in which the value of themes is summed. Accounts with values in other currencies
    /// are not added.
    #[schema(example = "USD")]
    pub currency: String,
    /// `private`: only members with a role in it, and admins, find anything of it.
    pub visibility: Visibility,
    /// The role in this product of members without one that was set for it; `null` for the role that each has. It counts
    /// for `team` products.
    pub default_role: Option<Role>,
    /// The member who answers for it: an incident that nobody on duty takes becomes theirs.
    pub owner_id: Option<Id>,
    /// Since when nobody works on it any more: it takes no feedback, and lists leave it out.
    pub archived_at: Option<Time>,
    pub settings: ProductSettings,
    pub version: i32,
    pub created_at: Time,
    pub updated_at: Time,
}

impl Product {
    /// Its calendar: the local time and the working days of its team.
    pub fn calendar(&self) -> Calendar {
        self.settings.calendar()
    }

    /// The response promise of a draft that begins at this time: when it is accepted or declined at the latest.
    pub fn respond_by(&self, from: Time) -> Time {
        self.calendar().plus_working_days(from, self.settings.response_days)
    }

    /// Refuses feedback for it where it is archived.
    ///
    /// # Errors
    /// 409.
    pub fn check_current(&self) -> Result<()> {
        match self.archived_at {
            None => Ok(()),
            Some(_) => Err(is_archived(&self.key)),
        }
    }

    /// Whether its changelog can be read without a token: never that of a private product.
    pub fn has_public_changelog(&self) -> bool {
        self.settings.public_changelog && self.visibility == Visibility::Team
    }
}

/// The refusal of feedback for an archived product.
pub fn is_archived(key: &str) -> Refusal {
    Refusal::new(Code::Conflict, format!("Product {key} is archived: it takes no feedback. Restore it first."))
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
    /// Default: `HEARBACK_NEW_PRODUCTS`. The member who creates a private product gets their own role in it.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    #[serde(default)]
    pub default_role: Option<Role>,
    /// An active member who answers for it.
    #[serde(default)]
    pub owner_id: Option<Id>,
    #[serde(default)]
    #[schema(value_type = ProductSettings)]
    pub settings: ProductSettings,
}

/// The query parameters of the list of products.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductQuery {
    /// `true`: archived products only; otherwise they are left out.
    pub archived: Option<bool>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The default currency.
pub fn default_currency() -> String {
    "USD".to_owned()
}

/// The editable fields of a product (merge patch).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductEdit {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, pattern = "\\S")]
    pub name: String,
    #[serde(default)]
    #[schema(pattern = "^[A-Z]{3}$")]
    pub currency: String,
    /// `private`: only members with a role in it, and admins, find anything of it. The member who makes it private keeps
    /// their role.
    #[serde(default = "team")]
    pub visibility: Visibility,
    /// The role in this product of members without one that was set for it; `null` for the role that each has.
    #[serde(default)]
    pub default_role: Option<Role>,
    /// The active member who answers for it; `null` for nobody.
    #[serde(default)]
    pub owner_id: Option<Id>,
    #[serde(default)]
    #[schema(value_type = ProductSettings)]
    pub settings: ProductSettings,
}

impl From<&Product> for ProductEdit {
    fn from(product: &Product) -> Self {
        Self {
            name: product.name.clone(),
            currency: product.currency.clone(),
            visibility: product.visibility,
            default_role: product.default_role,
            owner_id: product.owner_id,
            settings: product.settings.clone(),
        }
    }
}

fn team() -> Visibility {
    Visibility::Team
}

/// The product that every instance starts with. Its id is fixed, so that an export can be restored into any new
/// instance.
pub const DEFAULT_PRODUCT: Id = Id(uuid::Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001));
