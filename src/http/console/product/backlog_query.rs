//! The filters of the backlog, in its two forms: the list and the board.

use crate::domain::base::{Id, Reference};
use crate::domain::search::several::Several;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{StoryQuery, StorySort};
use crate::domain::team::Product;
use crate::error::{Error, Result};
use crate::http::console::base::form::Form;
use crate::http::console::base::visit::Visit;
use crate::store::Conn;
use crate::store::stories::list;
use crate::store::team::{members, products};

/// The filters, which the list and the board share.
const FILTERS: [&str; 7] = ["product", "stage", "owner", "overdue", "blocked", "needs_decision", "q"];
/// Owners to choose from.
const MOST: i64 = 200;
/// The member who looks.
pub const ME: &str = "@me";

/// Somebody who owns stories.
pub struct Owner {
    pub id: String,
    pub name: String,
}

/// What a person can filter by.
pub struct Choices {
    pub products: Vec<Product>,
    /// By name.
    pub owners: Vec<Owner>,
}

/// Reads what a person can filter by.
pub fn choices(conn: &mut Conn) -> Result<Choices> {
    let owners = list::owners(conn, MOST)?;
    let names = members::names_of(conn, &owners)?;
    let mut owners: Vec<Owner> = names.into_iter().map(|(id, name)| Owner { id: id.to_string(), name }).collect();
    owners.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Choices { products: products::current(conn)?, owners })
}

impl Choices {
    /// Whether the address asks for less than the whole backlog.
    pub fn is_filtered(&self, asked: &Form) -> bool {
        FILTERS.iter().any(|name| asked.given(name).is_some())
    }

    /// How many values a filter has.
    pub fn count(&self, asked: &Form, name: &str) -> usize {
        several(asked, name).len()
    }

    /// Whether a filter has this value.
    pub fn has(&self, asked: &Form, name: &str, value: &str) -> bool {
        several(asked, name).contains(&value)
    }

    /// The address of a page with these filters, from its beginning.
    pub fn address(&self, asked: &Form, page: &str) -> String {
        let kept = asked.fields().iter().filter(|(name, _)| FILTERS.contains(&name.as_str()));
        Form::from_fields(kept.cloned()).address(page, "", "")
    }
}

/// The values of a filter, given one by one or separated by commas.
pub fn several<'a>(asked: &'a Form, name: &str) -> Vec<&'a str> {
    let mut values: Vec<&str> = asked.all(name).into_iter().flat_map(|value| value.split(',')).map(str::trim).collect();
    values.retain(|value| !value.is_empty());
    values
}

/// What the address asks for. `owner=@me` is the member who looks.
///
/// # Errors
/// 422 for an unknown stage or owner.
pub fn query(asked: &Form, visit: &Visit) -> Result<StoryQuery> {
    let given = |name: &str| asked.given(name).map(str::to_owned);
    let stages: std::result::Result<Vec<Stage>, ()> = several(asked, "stage").into_iter().map(str::parse).collect();
    let stages = stages.map_err(|()| Error::field("/stage", "enum", "is not a stage of stories"))?;
    let owner = |name: &str| match name {
        ME | "me" => Ok(visit.caller.member_id),
        id => id.parse::<Id>().map(Some).map_err(|_| Reference::ActiveMember.refusal("/owner")),
    };
    let owners = several(asked, "owner").into_iter().map(owner).collect::<std::result::Result<Vec<Option<Id>>, _>>()?;
    let owners: Vec<Id> = owners.into_iter().flatten().collect();
    let products: Vec<String> = several(asked, "product").into_iter().map(str::to_owned).collect();
    Ok(StoryQuery {
        product: (!products.is_empty()).then_some(Several(products)),
        stage: (!stages.is_empty()).then_some(Several(stages)),
        owner: (!owners.is_empty()).then_some(Several(owners)),
        overdue: (asked.get("overdue") == "true").then_some(true),
        blocked: (asked.get("blocked") == "true").then_some(true),
        needs_decision: (asked.get("needs_decision") == "true").then_some(true),
        q: given("q"),
        cursor: given("cursor"),
        sort: Some(StorySort::Priority),
        ..StoryQuery::default()
    })
}
