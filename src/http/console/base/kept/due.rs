//! The number beside the privacy pages in the navigation: requests of persons and breaches with a date that the law sets.

use actix_web::{HttpMessage, HttpRequest, web};

use crate::app::App;
use crate::domain::team::access::Scope;
use crate::error::{Error, Result};
use crate::http::base::auth::reach::Reach;
use crate::http::console::base::visit;
use crate::store::base::scope;
use crate::usecase::privacy::due_now::LegallyDue;

/// How many wait.
#[derive(Clone, Copy)]
struct Due(i64);

/// Reads the number for a member who sees the privacy pages, and keeps it with the request.
///
/// # Errors
/// Those of the database.
pub async fn load(request: &HttpRequest) -> Result<()> {
    let Some(visit) = visit::of(request).filter(|visit| visit.may("list_access_log")) else { return Ok(()) };
    let Some(app) = request.app_data::<web::Data<App>>() else {
        return Err(Error::internal("the app is not complete"));
    };
    let now = app.store.clock.now();
    let due = match app.due.get(now) {
        Some(due) => due,
        None => {
            // The count has no limits of a caller, because it is kept and shown to other callers too.
            let read = app.store.read(move |conn| LegallyDue::read(conn, now));
            let due = scope::within(Scope::All, read).await?;
            app.due.set(now, due.clone());
            due
        }
    };
    let seen = due.seen_in(&Reach::of_member(&visit.caller).permitted);
    request.extensions_mut().insert(Due(seen));
    Ok(())
}

/// How many wait, of a request for which that was read.
pub fn of(request: &HttpRequest) -> i64 {
    request.extensions().get::<Due>().map_or(0, |due| due.0)
}
