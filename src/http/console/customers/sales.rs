//! `/console/accounts/{id}/sales`: what an account asked for, what is promised, what shipped, and who was told.

use actix_web::HttpRequest;
use actix_web::web::ServiceConfig;
use askama::Template;

use super::list::value_of;
use crate::domain::reports::sales::{SalesTold, SalesView};
use crate::http::base::extract::Path;
use crate::http::base::reply::AppData;
use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::{Shown, show};
use crate::http::console::base::shell::Shell;
use crate::http::console::base::visit::Visit;
use crate::http::{Pages, page_at};
use crate::usecase::reports::sales;

#[derive(Template)]
#[template(path = "console/customers/sales.html")]
struct SalesPage {
    shell: Shell,
    view: SalesView,
}

impl SalesPage {
    fn value(&self) -> Option<String> {
        value_of(&self.view.account)
    }

    /// What became of telling somebody, in words.
    fn told(&self, one: &SalesTold) -> String {
        let t = self.shell.t;
        let name = one.name.clone().unwrap_or_else(|| t.some_customer());
        match &one.told_at {
            Some(at) => t.sales_told(name, self.shell.day(at)),
            None => t.sales_to_tell(name),
        }
    }

    fn state(&self, one: &SalesTold) -> String {
        self.shell.t.closure_state(one.state.as_str())
    }
}

async fn account(app: AppData, request: HttpRequest, visit: Visit, path: Path) -> Shown {
    let now = app.store.clock.now();
    let view = visit.read(&app, move |conn| sales::of(conn, path.0, now)).await?;
    let shell = Shell::new(&request, |t| t.sales_title(view.account.name.as_str()));
    show(&request, &SalesPage { shell, view })
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/accounts/{id}/sales", &[("GET", May("get_account_sales"))]).get(account));
}
