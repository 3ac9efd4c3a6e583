//! Access rights: which roles may call which operation, from `api/roles.csv`, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Role;

/// Operation id to the roles that may call it.
static TABLE: LazyLock<HashMap<&'static str, Vec<Role>>> =
    LazyLock::new(|| read_table(include_str!("../../../api/roles.csv")));

/// Whether a role may call an operation. An operation that is not in the table is denied.
pub fn allowed(operation: &str, role: Role) -> bool {
    TABLE.get(operation).is_some_and(|roles| roles.contains(&role))
}

/// The roles that may call an operation, in the order of the table's columns.
pub fn roles_of(operation: &str) -> &'static [Role] {
    TABLE.get(operation).map(Vec::as_slice).unwrap_or_default()
}

/// The ids of the operations that a caller may call, in alphabetical order.
pub fn granted(may: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let mut granted: Vec<&str> = TABLE.keys().copied().filter(|operation| may(operation)).collect();
    granted.sort_unstable();
    granted
}

/// Reads the table `operation,admin,product,...`, with an `x` for each role that may call the operation.
fn read_table(table: &'static str) -> HashMap<&'static str, Vec<Role>> {
    let mut lines = table.lines();
    let columns: Vec<Option<Role>> =
        lines.next().unwrap_or_default().split(',').skip(1).map(|name| name.parse().ok()).collect();
    let row = |line: &'static str| {
        let (operation, cells) = line.split_once(',')?;
        let granted = cells.split(',').zip(&columns).filter(|(cell, _)| *cell == "x").filter_map(|(_, role)| *role);
        Some((operation, granted.collect()))
    };
    lines.filter_map(row).collect()
}

/// Limits on what filing feedback may change and reveal, so that it grants no more than the caller's role. The default
/// only allows to add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilingRights {
    /// May change customers and accounts. Without it, filing only fills empty fields.
    pub customers: bool,
    /// May change feedback that others filed. Without it, only feedback that the same member or service filed.
    pub feedback: bool,
    /// May read feedback. Without it, the answer has no stored content, and does not reveal whether the sent content
    /// equals it.
    pub reading: bool,
}

impl FilingRights {
    /// The rights of the command line and of the program itself.
    pub const ALL: Self = Self { customers: true, feedback: true, reading: true };

    /// The rights of a webhook of GitHub or GitLab. It may correct an issue's text, but its author's name and address
    /// are unverified input.
    pub const HOOK: Self = Self { customers: false, feedback: true, reading: false };

    /// The rights of a token with this role.
    pub fn of(role: Role) -> Self {
        Self {
            customers: allowed("update_customer", role) && allowed("update_account", role),
            feedback: allowed("edit_feedback", role),
            reading: allowed("get_feedback", role) && allowed("get_customer", role),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filing_may_do_what_the_role_may_do_otherwise() {
        let of = |role| {
            let FilingRights { customers, feedback, reading } = FilingRights::of(role);
            (customers, feedback, reading)
        };
        assert_eq!(of(Role::Admin), (true, true, true));
        assert_eq!(of(Role::Support), (true, true, true));
        assert_eq!(of(Role::Developer), (false, true, true));
        assert_eq!(of(Role::Ingest), (false, false, false));
        assert!(!allowed("no_such_operation", Role::Admin));
    }
}
