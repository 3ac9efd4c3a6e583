//! The side list of the settings, and the page at `/console/settings`.

use actix_web::HttpResponse;
use actix_web::web::ServiceConfig;

use crate::http::console::base::access::Access::May;
use crate::http::console::base::page::see_other;
use crate::http::console::base::shell::{Entry, Shell};
use crate::http::{Pages, page_at};

impl Shell {
    /// The pages of the settings that the member may open.
    pub fn settings(&self) -> Vec<Entry> {
        let t = self.t;
        let all = [
            ("/console/settings/products", "list_products", t.set_products()),
            ("/console/settings/members", "list_members", t.set_members()),
            ("/console/settings/tokens", "list_tokens", t.set_tokens()),
            ("/console/settings/webhooks", "list_webhooks", t.set_webhooks()),
            ("/console/settings/sources", "list_sources", t.set_sources()),
            ("/console/settings/imports", "list_imports", t.set_imports()),
            ("/console/settings/audit", "list_audit", t.set_audit()),
        ];
        let delivery = self.here.starts_with("/console/settings/deliveries/");
        let entry = |(address, _, name): (&'static str, &str, String)| {
            // The assistant is at `/console/settings/import`.
            let import = address.ends_with("/imports") && self.here.starts_with(address.trim_end_matches('s'));
            let is_here = self.here.starts_with(address) || import || (delivery && address.ends_with("/webhooks"));
            Entry { address, name, key: None, is_here, count: 0 }
        };
        all.into_iter().filter(|(_, operation, _)| self.may(operation)).map(entry).collect()
    }
}

/// The first page of the settings.
async fn settings() -> HttpResponse {
    see_other("/console/settings/products")
}

inventory::submit!(Pages(routes));

/// Registers the route.
fn routes(config: &mut ServiceConfig) {
    config.service(page_at("/console/settings", &[("GET", May("list_products"))]).get(settings));
}
