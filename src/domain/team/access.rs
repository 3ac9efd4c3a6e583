//! Roles by product, and private products: what a caller may do in which product. Everything that asks uses
//! [`ProductAccess`], which is computed once for a caller and kept with them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Role;
use super::rights::{FilingRights, allowed};
use crate::domain::base::Id;

crate::domain::names! {
    /// Who sees a product: every member, or only those who have a role in it.
    pub enum Visibility { Team "team", Private "private" }
}

crate::domain::names! {
    /// Where a member's role in a product comes from: their own role, the product's default, or a role set for the two.
    pub enum RoleSource { Member "member", Product "product", Set "set" }
}

/// What a product says about the roles of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductRule {
    pub id: Id,
    pub visibility: Visibility,
    /// The role of members without one of their own in a `team` product; `None` for the role that each has anyway.
    pub default_role: Option<Role>,
}

impl ProductRule {
    /// The role of a member in the product, with its source. `own` is their role in the instance, `set` the one set for
    /// this product. An admin is an admin everywhere, so that no product is out of everybody's reach.
    pub fn role_of(&self, own: Role, set: Option<Role>) -> (Option<Role>, RoleSource) {
        match (set, self.visibility) {
            _ if own == Role::Admin => (Some(own), RoleSource::Member),
            (Some(role), _) => (Some(role), RoleSource::Set),
            (None, Visibility::Private) => (None, RoleSource::Product),
            (None, Visibility::Team) => match self.default_role {
                Some(role) => (Some(role), RoleSource::Product),
                None => (Some(own), RoleSource::Member),
            },
        }
    }
}

/// Operations that concern the whole instance: the role in the instance counts for them, not that in a product.
const INSTANCE_WIDE: [&str; 30] = [
    "create_member",
    "create_product",
    "create_token",
    "create_webhook",
    "delete_webhook",
    "disable_webhook",
    "enable_webhook",
    "end_sessions",
    "erase_customer",
    "get_delivery",
    "get_me",
    "get_member",
    "get_token",
    "get_webhook",
    "invite_member",
    "list_deliveries",
    "list_members",
    "list_sessions",
    "list_tokens",
    "list_webhook_deliveries",
    "list_webhooks",
    "merge_customer",
    "replay_delivery",
    "report_bounce",
    "revoke_token",
    "rotate_webhook",
    "show_metrics",
    "test_webhook",
    "update_member",
    "update_webhook",
];

/// The instance-wide operations of a token that is limited to products. With the others it could lift its own limits.
const FOR_LIMITED_TOKENS: [&str; 3] = ["get_me", "get_member", "list_members"];

/// What is known about a caller's access, as it is stored.
#[derive(Clone, Debug)]
pub struct AccessFacts {
    /// The role of the caller's member; `None` for a service.
    pub member: Option<Role>,
    /// The role of the token; `None` for a session, which has that of its member.
    pub token: Option<Role>,
    /// Every product.
    pub rules: Vec<ProductRule>,
    /// The member's roles by product.
    pub set: HashMap<Id, Role>,
    /// The products that the token is limited to; empty for no limit.
    pub token_products: HashSet<Id>,
}

/// What a caller may do in which product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductAccess {
    /// The role in the instance.
    own: Role,
    /// A token may do no more than this role, whatever its member may do.
    cap: Option<Role>,
    /// Whether the token is limited to products.
    limited: bool,
    /// The role in each visible product; `None` where every product is visible and `own` counts in all of them.
    roles: Option<HashMap<Id, Role>>,
}

impl ProductAccess {
    /// The access of a caller of whom this is known.
    pub fn of(facts: &AccessFacts) -> Self {
        let own = facts.member.or(facts.token).unwrap_or(Role::Ingest);
        let limited = !facts.token_products.is_empty();
        let role_in = |rule: &ProductRule| {
            let role = match facts.member {
                Some(member) => rule.role_of(member, facts.set.get(&rule.id).copied()).0,
                None => service_role(rule, own, &facts.token_products),
            };
            role.filter(|_| !limited || facts.token_products.contains(&rule.id))
        };
        let uniform = !limited && facts.rules.iter().all(|rule| role_in(rule) == Some(own));
        let roles = facts.rules.iter().filter_map(|rule| Some((rule.id, role_in(rule)?)));
        let roles = if uniform { None } else { Some(roles.collect()) };
        Self { own, cap: facts.member.and(facts.token), limited, roles }
    }

    /// The access of a caller with the same role in every product.
    pub fn everywhere(own: Role) -> Self {
        Self { own, cap: None, limited: false, roles: None }
    }

    /// Whether the caller may call an operation at all: for the instance, or in some product. Which products is asked
    /// where the request names them.
    pub fn may(&self, operation: &str) -> bool {
        if INSTANCE_WIDE.contains(&operation) {
            return self.allows(operation, self.own) && (!self.limited || FOR_LIMITED_TOKENS.contains(&operation));
        }
        let in_products = self.roles.iter().flat_map(HashMap::values);
        self.allows(operation, self.own) || in_products.into_iter().any(|role| self.allows(operation, *role))
    }

    /// The products in which the caller may call an operation.
    pub fn products_for(&self, operation: &str) -> Option<Vec<Id>> {
        if INSTANCE_WIDE.contains(&operation) {
            return self.visible();
        }
        self.products(|role| self.allows(operation, role))
    }

    /// The products that the caller may know of; `None` for all.
    pub fn visible(&self) -> Option<Vec<Id>> {
        self.products(|_| true)
    }

    /// The role in a product; `None` where it is not visible.
    pub fn role_in(&self, product: Id) -> Option<Role> {
        match &self.roles {
            None => Some(self.own),
            Some(roles) => roles.get(&product).copied(),
        }
    }

    /// What filing may change, in every product in which the caller may file.
    pub fn filing_rights(&self) -> FilingRights {
        let everywhere = |operation: &str| match &self.roles {
            None => self.allows(operation, self.own),
            Some(roles) => {
                let mut files = roles.values().filter(|role| self.allows("create_feedback", **role));
                files.all(|role| self.allows(operation, *role))
            }
        };
        FilingRights {
            customers: everywhere("update_customer") && everywhere("update_account"),
            feedback: everywhere("edit_feedback"),
            reading: everywhere("get_feedback") && everywhere("get_customer"),
        }
    }

    fn products(&self, wanted: impl Fn(Role) -> bool) -> Option<Vec<Id>> {
        let roles = self.roles.as_ref()?;
        let mut found: Vec<Id> = roles.iter().filter(|(_, role)| wanted(**role)).map(|(id, _)| *id).collect();
        found.sort_unstable();
        Some(found)
    }

    fn allows(&self, operation: &str, role: Role) -> bool {
        allowed(operation, role) && self.cap.is_none_or(|cap| allowed(operation, cap))
    }
}

/// The role of a service: a private product is open to it only where its token names the product.
fn service_role(rule: &ProductRule, role: Role, named: &HashSet<Id>) -> Option<Role> {
    let open = rule.visibility == Visibility::Team || role == Role::Admin || named.contains(&rule.id);
    open.then_some(role)
}

/// The rows that a request reads and writes: all, or those of some products.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everything: jobs, commands, and callers without limits.
    #[default]
    All,
    /// Only what belongs to these products, and the imports of this caller.
    Only(Arc<ScopeLimits>),
}

/// The limits of a scope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScopeLimits {
    /// The products.
    pub products: Vec<Id>,
    /// The products that the caller may know of: these, and those in which their role does not allow the operation.
    pub visible: Vec<Id>,
    /// The member or the service.
    pub actor: Id,
}

impl Scope {
    /// The scope of these products, for a caller who may know of the visible ones; all, where there are none to name.
    pub fn of(products: Option<Vec<Id>>, visible: Option<Vec<Id>>, actor: Id) -> Self {
        let Some(products) = products else { return Scope::All };
        let visible = visible.unwrap_or_else(|| products.clone());
        Scope::Only(Arc::new(ScopeLimits { products, visible, actor }))
    }

    /// Whether the caller may know of a product.
    pub fn shows(&self, product: Id) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(limits) => limits.visible.contains(&product),
        }
    }

    /// Whether a product is in it.
    pub fn has(&self, product: Id) -> bool {
        match self {
            Scope::All => true,
            Scope::Only(limits) => limits.products.contains(&product),
        }
    }
}

/// A member's role in a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductRole {
    pub product_id: Id,
    #[schema(example = "PAY")]
    pub product_key: String,
    pub visibility: Visibility,
    /// The role in this product; `null` where the member has no access to it.
    pub role: Option<Role>,
    /// Where it comes from.
    pub source: RoleSource,
}

/// A member of a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProductMember {
    pub member_id: Id,
    #[schema(example = "Jin Lee")]
    pub name: String,
    /// The role in this product; `null` where the member has no access to it.
    pub role: Option<Role>,
    /// Where it comes from.
    pub source: RoleSource,
}

/// A role to set.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleInProduct {
    /// Key or id of the product.
    #[schema(min_length = 1, max_length = 36, example = "PAY")]
    pub product: String,
    pub role: Role,
}

/// The query parameters of the lists of roles by product.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProductRoleQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(visibility: Visibility, default_role: Option<Role>) -> ProductRule {
        ProductRule { id: Id::next(), visibility, default_role }
    }

    fn facts(member: Option<Role>, token: Option<Role>, rules: &[ProductRule]) -> AccessFacts {
        let (set, token_products) = Default::default();
        AccessFacts { member, token, rules: rules.to_vec(), set, token_products }
    }

    #[test]
    fn a_member_without_a_role_in_a_private_product_does_not_see_it() {
        let (open, hidden) = (rule(Visibility::Team, None), rule(Visibility::Private, Some(Role::Viewer)));
        let mut facts = facts(Some(Role::Support), None, &[open, hidden]);
        let outside = ProductAccess::of(&facts);
        assert_eq!(outside.visible(), Some(vec![open.id]));
        assert_eq!(outside.products_for("list_feedback"), Some(vec![open.id]));
        assert_eq!((outside.role_in(hidden.id), outside.role_in(open.id)), (None, Some(Role::Support)));

        facts.set.insert(hidden.id, Role::Viewer);
        let inside = ProductAccess::of(&facts);
        assert_eq!(inside.products_for("list_feedback").map(|ids| ids.len()), Some(2));
        assert_eq!(inside.products_for("create_feedback"), Some(vec![open.id]), "a viewer files nothing there");

        facts.member = Some(Role::Admin);
        assert_eq!(ProductAccess::of(&facts), ProductAccess::everywhere(Role::Admin), "an admin sees all");
    }

    #[test]
    fn a_team_product_may_give_every_member_another_role() {
        let quiet = rule(Visibility::Team, Some(Role::Viewer));
        let other = rule(Visibility::Team, None);
        let access = ProductAccess::of(&facts(Some(Role::Product), None, &[quiet, other]));
        assert_eq!(access.role_in(quiet.id), Some(Role::Viewer));
        assert_eq!(access.products_for("create_story"), Some(vec![other.id]));
    }

    #[test]
    fn a_token_does_no_more_than_its_role_its_products_and_its_member() {
        let (one, two) = (rule(Visibility::Team, None), rule(Visibility::Private, None));
        let mut facts = facts(Some(Role::Product), Some(Role::Viewer), &[one]);
        assert!(!ProductAccess::of(&facts).may("create_story"));
        facts.token = Some(Role::Product);
        facts.token_products.insert(two.id);
        facts.rules.push(two);
        let access = ProductAccess::of(&facts);
        assert_eq!(access.visible(), Some(Vec::new()), "its member has no role there");
        assert!(!access.may("create_product") && access.may("list_members"));

        let mut service = facts.clone();
        service.member = None;
        assert_eq!(ProductAccess::of(&service).visible(), Some(vec![two.id]));
        service.token_products.clear();
        assert_eq!(ProductAccess::of(&service).visible(), Some(vec![one.id]), "a private product must be named");
        service.token = Some(Role::Admin);
        service.token_products.insert(one.id);
        let limited = ProductAccess::of(&service);
        assert!(!limited.may("create_token") && !limited.may("list_webhooks") && limited.may("update_product"));
    }

    #[test]
    fn the_instance_wide_operations_are_operations() {
        for operation in INSTANCE_WIDE {
            assert!(allowed(operation, Role::Admin), "{operation}");
        }
    }
}
