//! The digest of a report for a chat: its whole text, in a message to a webhook.

use serde_json::Value;

use crate::domain::base::Id;
use crate::error::Result;
use crate::store::Conn;
use crate::store::reports::links as stored;
use crate::usecase::closure::customer_links::{CustomerLinks, LinkContent, Purpose};
use crate::usecase::integrations::webhook_text::plain;
use crate::usecase::reports::reading;

/// The text of a digest, with a link to the page of the report; `details` is the data of its event. A chat gets counts and
/// sums only unless its subscription says otherwise.
///
/// # Errors
/// 404.
pub fn text(conn: &mut Conn, report: Id, details: &Value, base: Option<&str>) -> Result<String> {
    let link = match details["link_id"].as_str().and_then(|id| id.parse().ok()) {
        Some(id) => Some(stored::get(conn, id)?),
        None => None,
    };
    let scope = link.as_ref().map_or(crate::domain::reports::report::ReportScope::Summary, |link| link.scope);
    let mut text = plain(&reading::document(&reading::shown(conn, report, scope)?).text());
    if let (Some(link), Some(base), Some(links)) = (link, base, CustomerLinks::known(conn)?) {
        let url = links.url(base, Purpose::Report, LinkContent { about: link.id, until: link.expires_at })?;
        text.push_str(&format!("\n{url}\n"));
    }
    Ok(text)
}
