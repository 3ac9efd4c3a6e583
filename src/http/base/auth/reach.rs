//! What a request of a caller with limits may name. Reads are limited by the database's views
//! ([`crate::store::base::scope`]); for a write, everything that the path, the query and the body name is looked for
//! through these views first. A thing in a product that the caller may not see is answered as one that does not exist.

use actix_web::{HttpMessage, HttpRequest, web};
use serde_json::Value;

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::stories::StoryNumber;
use crate::domain::team::Caller;
use crate::domain::team::access::Scope;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::base::scope;
use crate::store::stories::links;
use crate::store::team::products;
use crate::store::{Conn, Store};

/// What the caller of a request may read and write.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The products in which they may call the operation.
    pub permitted: Scope,
    /// The products that they may see.
    pub visible: Scope,
    /// Whether requests name things by id. Filing does not, and checks products by itself, where many are filed at once.
    pub names_things: bool,
}

/// The most bytes of a list of names, and of one of them.
const LIST: usize = 2_000;
const NAME: usize = 64;

/// The operations that name nothing but products, and check those by themselves.
const FILING: [&str; 2] = ["create_feedback", "create_feedback_batch"];

impl Reach {
    /// The reach of a caller with an operation of the API.
    pub fn of(caller: &Caller, operation: &str) -> Self {
        // Metrics are numbers of the whole instance, for those who operate it.
        if operation == "show_metrics" {
            return Self { permitted: Scope::All, visible: Scope::All, names_things: false };
        }
        let names_things = !FILING.contains(&operation);
        Self { permitted: caller.scope_for(operation), visible: caller.visible(), names_things }
    }

    /// The reach of a member on pages that stand for no operation.
    pub fn of_member(caller: &Caller) -> Self {
        let permitted = caller.scope_for("list_products");
        Self { permitted, visible: caller.visible(), names_things: true }
    }
}

/// Where a request names something.
struct Mention {
    /// The JSON Pointer in the body; `None` in the path.
    pointer: Option<String>,
    text: String,
}

impl Mention {
    /// Whether it is a field that names a product by its key. Elsewhere such a text is just a word.
    fn may_be_key(&self) -> bool {
        let name = self.pointer.as_deref().and_then(|pointer| pointer.rsplit('/').find(|part| !is_index(part)));
        matches!(name, Some("product" | "product_id" | "products"))
    }

    /// Whether it is a text that a person wrote, which may look like anything.
    fn is_prose(&self) -> bool {
        let name = self.pointer.as_deref().and_then(|pointer| pointer.rsplit('/').find(|part| !is_index(part)));
        matches!(name, Some("text" | "title" | "note" | "name" | "reason" | "q"))
    }
}

fn is_index(part: &str) -> bool {
    part.parse::<usize>().is_ok()
}

/// Checks what the path and the query of a write name.
///
/// # Errors
/// 404 or 422 for what the caller may not see, 403 where their role in its product does not allow the operation.
pub async fn check_address(request: &HttpRequest) -> Result<()> {
    let path = request.match_info().iter().map(|(_, text)| Mention { pointer: None, text: text.to_owned() });
    let query: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    let query = query.into_iter().map(|(name, text)| Mention { pointer: Some(format!("/{name}")), text });
    check(request, path.chain(query).collect()).await
}

/// Checks what a body of JSON names.
///
/// # Errors
/// As for [`check_address`].
pub async fn check_body(request: &HttpRequest, body: &Value) -> Result<()> {
    if !is_limited(request) {
        return Ok(());
    }
    let mut mentions = Vec::new();
    collect(body, String::new(), &mut mentions);
    check(request, mentions).await
}

/// Checks what the fields of a form name.
///
/// # Errors
/// As for [`check_address`].
pub async fn check_fields(request: &HttpRequest, fields: &[(String, String)]) -> Result<()> {
    if !is_limited(request) {
        return Ok(());
    }
    let mention = |(name, text): &(String, String)| Mention { pointer: Some(format!("/{name}")), text: text.clone() };
    check(request, fields.iter().map(mention).collect()).await
}

fn is_limited(request: &HttpRequest) -> bool {
    request.extensions().get::<Reach>().is_some_and(|reach| reach.names_things && reach.permitted != Scope::All)
}

fn collect(value: &Value, pointer: String, mentions: &mut Vec<Mention>) {
    match value {
        Value::String(text) => mentions.push(Mention { pointer: Some(pointer), text: text.clone() }),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(n, value)| collect(value, format!("{pointer}/{n}"), mentions));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| collect(value, format!("{pointer}/{name}"), mentions));
        }
        _ => {}
    }
}

async fn check(request: &HttpRequest, mentions: Vec<Mention>) -> Result<()> {
    if !is_limited(request) {
        return Ok(());
    }
    let Some(reach) = request.extensions().get::<Reach>().cloned() else { return Ok(()) };
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| Error::internal("the app is not complete"))?;
    let store = app.store.clone();
    web::block(move || refuse(&store, &reach, &mentions)).await.map_err(Error::internal)?
}

fn refuse(store: &Store, reach: &Reach, mentions: &[Mention]) -> Result<()> {
    let named = store.read_now(|conn| resolve(conn, mentions))?;
    let ids: Vec<Id> = named.iter().map(|(id, _)| *id).collect();
    if ids.is_empty() || store.read_now_in(&reach.permitted, |conn| scope::hidden(conn, &ids))?.is_empty() {
        return Ok(());
    }
    let unseen = store.read_now_in(&reach.visible, |conn| scope::hidden(conn, &ids))?;
    let unseen: Vec<&Mention> = named.iter().filter(|(id, _)| unseen.contains(id)).map(|(_, at)| *at).collect();
    if unseen.is_empty() {
        return Err(Error::new(Code::Forbidden, "Your role in this product does not allow this."));
    }
    if unseen.iter().any(|mention| mention.pointer.is_none()) {
        return Err(Error::not_found("resource"));
    }
    let wrong = unseen.iter().filter_map(|mention| mention.pointer.clone());
    Err(Error::invalid(wrong.map(|pointer| FieldError::new(pointer, "unknown", "names nothing that exists")).collect()))
}

/// The ids of what a request names, by id, story number or product key.
fn resolve<'a>(conn: &mut Conn, mentions: &'a [Mention]) -> Result<Vec<(Id, &'a Mention)>> {
    let mut named = Vec::new();
    for mention in mentions.iter().filter(|mention| mention.text.len() <= LIST) {
        // A field may hold a list, as a query or a form writes it.
        for text in mention.text.split(',').map(str::trim).filter(|text| text.len() <= NAME) {
            if let Ok(id) = text.parse::<Id>() {
                named.push((id, mention));
            } else if mention.may_be_key() {
                named.extend(products::find(conn, text)?.map(|product| (product.id, mention)));
            } else if !mention.is_prose()
                && let Ok(number) = text.parse::<StoryNumber>()
            {
                named.extend(links::stories_numbered(conn, &[number])?.into_iter().map(|id| (id, mention)));
            }
        }
    }
    Ok(named)
}
