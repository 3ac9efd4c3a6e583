//! The team: members, tokens, products and internal notes.

automod::dir!(pub "../domain/team");

pub use crate::domain::base::calendar::Weekday;
pub use caller::Caller;
pub use member::{Me, Member, MemberEdit, MemberQuery, MintedToken, NewMember, NewToken, Token, TokenQuery};
pub use product::{DEFAULT_PRODUCT, NewProduct, Product, ProductEdit, ProductQuery, default_currency};
pub use product_settings::{
    BranchPattern, Gate, GateStage, ProductSettings, TellRollBack, Tracker, TrackerProvider, Train, UnshippedRelease,
};
pub use rights::FilingRights;
pub use role::Role;
