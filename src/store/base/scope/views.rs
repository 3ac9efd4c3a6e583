//! The views over the tables, and how each table belongs to products.

use std::collections::BTreeSet;

use diesel::sql_query;
use diesel::sql_types::Text;

use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::schema::declare::Table;
use crate::store::schema::tables;

/// Tables without rows of products, which every reader may need: the team, and the state of the instance.
const SHARED: [&str; 16] = [
    "data_parties",
    "engine_state",
    // Each row belongs to one member. A shared view holds filters, and nothing of a product.
    "form_drafts",
    "idempotency_keys",
    "invitations",
    "leases",
    "log_readers",
    "members",
    "opening_views",
    "passwords",
    "presences",
    "saved_views",
    "secrets",
    "sessions",
    "sign_in_attempts",
    "tokens",
];

/// How each database writes the parts of a view.
pub(super) struct Dialect {
    /// The prefix of tables.
    pub base: String,
    /// The prefix of temporary views.
    temp: &'static str,
    /// The products of the scope, as what follows a column.
    in_scope: &'static str,
    /// The caller.
    actor: &'static str,
    pub is_sqlite: bool,
}

impl Dialect {
    pub fn of(conn: &mut Conn) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Schema {
            #[diesel(sql_type = Text)]
            name: String,
        }
        Ok(match conn {
            Conn::Sqlite(_) => Self {
                base: "main.".to_owned(),
                temp: "temp.",
                in_scope: "IN (SELECT id FROM temp.scope_products)",
                actor: "(SELECT id FROM temp.scope_actor)",
                is_sqlite: true,
            },
            Conn::Postgres(c) => {
                let schema: Schema = sql_query("SELECT quote_ident(current_schema()) AS name").get_result(c)?;
                Self {
                    base: format!("{}.", schema.name),
                    temp: "pg_temp.",
                    // In a subquery, so that the setting is parsed once for a statement and not for each row.
                    in_scope: "= ANY ((SELECT current_setting('hearback.products')::uuid[])::uuid[])",
                    actor: "current_setting('hearback.actor')::uuid",
                    is_sqlite: false,
                }
            }
        })
    }

    /// A condition: a row of `table` is visible whose `id` is this.
    pub fn visible(&self, table: &str, id: &str) -> String {
        format!("EXISTS (SELECT 1 FROM {}{table} AS v WHERE v.id = {id})", self.temp)
    }

    /// The view of a table; `None` where it has none.
    pub fn view(&self, table: &Table) -> Option<View> {
        if SHARED.contains(&table.name) || (self.is_sqlite && table.name == "feedback_search") {
            return None;
        }
        let (needs, rows) = self.special(table.name).unwrap_or_else(|| self.by_columns(table));
        Some(View { table: table.name, needs, rows })
    }

    /// Tables whose rows belong to products in a way of their own: the tables they depend on, and the condition.
    fn special(&self, table: &str) -> Option<(Vec<&'static str>, String)> {
        let (base, temp, in_scope) = (&self.base, self.temp, self.in_scope);
        Some(match table {
            "products" => (vec![], format!("r.id {in_scope}")),
            // A customer is found where they said something in a visible product, or nothing at all yet.
            "customers" => {
                let said = |prefix: &str| {
                    let person = "COALESCE(r.merged_into, r.id)";
                    format!("EXISTS (SELECT 1 FROM {prefix}feedback AS f WHERE f.customer_id = {person})")
                };
                (vec!["feedback"], format!("{} OR NOT {}", said(temp), said(base)))
            }
            "accounts" => {
                let has =
                    |prefix: &str| format!("EXISTS (SELECT 1 FROM {prefix}customers AS c WHERE c.account_id = r.id)");
                (vec!["customers"], format!("{} OR NOT {}", has(temp), has(base)))
            }
            // Who may not see every product sees the requests that they filed.
            "person_requests" => (vec![], format!("r.filed_by = {}", self.actor)),
            "imports" | "acts" => (vec![], format!("r.actor_id = {}", self.actor)),
            // It is seen by whoever sees all of its products.
            "report_subscriptions" => {
                let hidden = format!("p.subscription_id = r.id AND NOT (p.product_id {in_scope})");
                let named = format!("{base}report_subscription_products AS p");
                (vec![], format!("NOT EXISTS (SELECT 1 FROM {named} WHERE {hidden})"))
            }
            "notes" => {
                let about = |kind: &str, table: &str| {
                    format!("(r.subject_kind = '{kind}' AND {})", self.visible(table, "r.subject_id"))
                };
                let kinds = [("feedback", "feedback"), ("story", "stories"), ("customer", "customers")];
                let all = kinds.iter().chain(&[("closure", "closures")]).map(|(kind, table)| about(kind, table));
                (vec!["feedback", "stories", "customers", "closures"], all.collect::<Vec<_>>().join(" OR "))
            }
            "events" => {
                let nobodys = ["member", "token", "webhook", "embedder"].map(|noun| format!("r.kind LIKE '{noun}.%'"));
                let shared = ["customers", "accounts", "imports"].map(|table| self.visible(table, "r.subject_id"));
                let without = nobodys.into_iter().chain(shared).collect::<Vec<_>>().join(" OR ");
                let rows = format!("r.product_id {in_scope} OR (r.product_id IS NULL AND ({without}))");
                (vec!["customers", "accounts", "imports"], rows)
            }
            "feedback_search" => (vec!["feedback"], self.visible("feedback", "r.feedback_id")),
            _ => return None,
        })
    }

    /// The rows of a table by its columns: those of the product that they name, or else those whose every parent is
    /// visible. Customers and accounts are no parents where there is another one, since they span products.
    fn by_columns(&self, table: &Table) -> (Vec<&'static str>, String) {
        if table.column("product_id").is_some() {
            return (Vec::new(), format!("r.product_id {}", self.in_scope));
        }
        let named = table.columns.iter().filter(|column| !column.nullable);
        let parents: Vec<(&str, &str)> = named.filter_map(|column| Some((column.name, column.refers?))).collect();
        let parents = parents.into_iter().filter(|(_, parent)| !SHARED.contains(parent));
        let (people, own): (Vec<_>, Vec<_>) = parents.partition(|(_, parent)| *parent == "customers");
        let parents = if own.is_empty() { people } else { own };
        if parents.is_empty() {
            return (Vec::new(), "1 = 0".to_owned());
        }
        let rows: Vec<String> =
            parents.iter().map(|(column, parent)| self.visible(parent, &format!("r.\"{column}\""))).collect();
        (parents.into_iter().map(|(_, parent)| parent).collect(), rows.join(" AND "))
    }
}

/// A view over a table, and the views that it is made of.
pub(super) struct View {
    pub table: &'static str,
    needs: Vec<&'static str>,
    pub rows: String,
}

/// All views, each after those that it needs.
pub(super) fn views(dialect: &Dialect) -> Vec<View> {
    let mut left: Vec<View> = tables().filter_map(|table| dialect.view(table)).collect();
    let (mut made, mut done) = (Vec::new(), BTreeSet::new());
    while !left.is_empty() {
        let (ready, later): (Vec<View>, Vec<View>) =
            left.into_iter().partition(|view| view.needs.iter().all(|need| done.contains(need)));
        if ready.is_empty() {
            // A circle: nobody sees these tables.
            made.extend(later.into_iter().map(|view| View { rows: "1 = 0".to_owned(), ..view }));
            break;
        }
        done.extend(ready.iter().map(|view| view.table));
        made.extend(ready);
        left = later;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect() -> Dialect {
        let (base, temp) = ("main.".to_owned(), "temp.");
        Dialect { base, temp, in_scope: "IN (SELECT id FROM temp.scope_products)", actor: "0", is_sqlite: true }
    }

    /// Tables of which a caller with limits sees nothing, on purpose.
    const EMPTY: [&str; 12] = [
        "access_heads",
        "access_log",
        "access_people",
        "access_reviews",
        "audit_log",
        "deliveries",
        "delivery_attempts",
        "erasure_ledger",
        "hook_deliveries",
        "hook_failures",
        "member_identities",
        "repositories",
    ];

    #[test]
    fn every_table_is_shared_on_purpose_or_belongs_to_products() {
        let undecided: Vec<&str> = views(&dialect())
            .into_iter()
            .filter(|view| view.rows == "1 = 0" && !EMPTY.contains(&view.table))
            .map(|view| view.table)
            .collect();
        assert!(undecided.is_empty(), "callers with limits see nothing of them: {undecided:?}");
        let names: Vec<&str> = tables().map(|table| table.name).collect();
        assert!(SHARED.iter().all(|name| names.contains(name)));
    }
}
