//! The filters of the backlog, in its two forms: the list and the board.

use crate::domain::base::{Id, Paging, Reference};
use crate::domain::search::several::Several;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{StoryQuery, StorySort};
use crate::domain::team::{Member, Product};
use crate::error::{Error, Result};
use crate::http::console::base::form::Form;
use crate::http::console::base::visit::Visit;
use crate::store::Conn;
use crate::store::team::{members, products};

/// The filters, which the list and the board share.
const FILTERS: [&str; 7] = ["product", "stage", "owner", "overdue", "blocked", "needs_decision", "q"];
/// Members to choose an owner from.
const MEMBERS: i64 = 200;
/// The member who looks.
pub const ME: &str = "@me";

/// What a person can filter by.
pub struct Choices {
    pub products: Vec<Product>,
    pub members: Vec<Member>,
}

/// Reads what a person can filter by.
pub fn choices(conn: &mut Conn) -> Result<Choices> {
    let paging = Paging::new(Some(MEMBERS), None, String::new())?;
    Ok(Choices { products: products::all(conn)?, members: members::list(conn, None, Some(true), &paging)?.data })
}

impl Choices {
    /// Whether the address asks for less than the whole backlog.
    pub fn is_filtered(&self, asked: &Form) -> bool {
        FILTERS.iter().any(|name| asked.given(name).is_some())
    }

    /// The address of a page with these filters, from its beginning.
    pub fn address(&self, asked: &Form, page: &str) -> String {
        let kept = asked.fields().iter().filter(|(name, _)| FILTERS.contains(&name.as_str()));
        Form::from_fields(kept.cloned()).address(page, "", "")
    }
}

/// What the address asks for. `owner=@me` is the member who looks.
///
/// # Errors
/// 422 for an unknown stage or owner.
pub fn query(asked: &Form, visit: &Visit) -> Result<StoryQuery> {
    let given = |name: &str| asked.given(name).map(str::to_owned);
    let stages: std::result::Result<Vec<Stage>, ()> = asked.all("stage").into_iter().map(str::parse).collect();
    let stages = stages.map_err(|()| Error::field("/stage", "enum", "is not a stage of stories"))?;
    let owner = match asked.given("owner") {
        None => None,
        Some(ME | "me") => visit.caller.member_id,
        Some(id) => Some(id.parse::<Id>().map_err(|_| Reference::ActiveMember.refusal("/owner"))?),
    };
    Ok(StoryQuery {
        product: given("product"),
        stage: (!stages.is_empty()).then_some(Several(stages)),
        owner,
        overdue: (asked.get("overdue") == "true").then_some(true),
        blocked: (asked.get("blocked") == "true").then_some(true),
        needs_decision: (asked.get("needs_decision") == "true").then_some(true),
        q: given("q"),
        cursor: given("cursor"),
        sort: Some(StorySort::Priority),
        ..StoryQuery::default()
    })
}
