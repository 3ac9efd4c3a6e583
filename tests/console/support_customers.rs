//! Customers and companies: found, read on one timeline, changed, merged and erased.

use hearback::domain::base::Paging;
use hearback::domain::team::Role;
use hearback::store::feedback::customers;
use serde_json::{Value, json};

use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

/// Files words of a customer; answers the customer's id.
fn said(world: &World, text: &str, customer: Value) -> String {
    let filed = world.done("/v1/feedback", json!({ "text": text, "customer": customer }));
    filed["customer"]["id"].as_str().expect("a customer").to_owned()
}

#[test]
fn customers_and_companies_are_found_by_name_address_and_company() {
    on_each_world(|world| {
        let account = json!({ "name": "Blue Bakery", "segment": "business", "annual_value": { "amount_minor": 120_000, "currency": "EUR" } });
        said(world, "환불이 늦어요", json!({ "name": "김민지", "email": "minji@example.com", "account": account }));
        said(world, "It crashes", json!({ "name": "Ada" }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        let all = visitor.read("/console/customers");
        assert!(all.contains("김민지") && all.contains("Ada") && all.contains("Blue Bakery"), "{all}");
        for words in ["minji", "blue", "%EB%AF%BC%EC%A7%80"] {
            let found = visitor.read(&format!("/console/customers?q={words}"));
            assert!(found.contains("김민지") && !found.contains("Ada"), "{words}: {found}");
        }
        assert!(visitor.read("/console/customers?q=zebra").contains("Nothing matches"));
        let companies = visitor.read("/console/accounts?q=bakery");
        assert!(companies.contains("Blue Bakery") && companies.contains("1,200 EUR"), "{companies}");
        assert!(visitor.read("/console/accounts?q=zebra").contains("Nothing matches"));
        assert_eq!(world.ids("/v1/accounts?q=BAKE").len(), 1);
        let long = "x".repeat(201);
        assert_eq!(visitor.get(&format!("/console/customers?q={long}")).status, 422);
    });
}

#[test]
fn a_customer_is_changed_and_a_conflict_loses_nothing() {
    on_each_world(|world| {
        let ada = said(world, "It crashes", json!({ "name": "Ada", "email": "ada@example.com" }));
        said(world, "So slow", json!({ "name": "Bob", "email": "bob@example.com" }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        let path = format!("/console/customers/{ada}");
        let page = visitor.read(&path);
        assert!(page.contains("It crashes") && page.contains("No story yet."), "{page}");
        let version = hidden(&page, "version");
        let form =
            [("name", "Ada L."), ("email", "ada@example.com"), ("account", "New Company"), ("version", &version)];
        assert_eq!(visitor.submit(&format!("{path}/edit"), &form).status, 303);
        let now = world.read(&format!("/v1/customers/{ada}"));
        assert_eq!((&now["name"], &now["account"]["name"]), (&json!("Ada L."), &json!("New Company")));
        assert_eq!(visitor.submit(&format!("{path}/edit"), &form).status, 412);
        let taken = visitor.submit(&format!("{path}/edit"), &[("name", "Ada L."), ("email", "bob@example.com")]);
        assert_eq!(taken.status, 409);
        assert!(
            taken.body.contains("value=\"bob@example.com\"") && taken.body.contains("merge the two"),
            "{}",
            taken.body
        );
        let wrong = visitor.submit(&format!("{path}/edit"), &[("name", "Ada L."), ("email", "no address")]);
        assert!(wrong.status == 422 && wrong.body.contains("value=\"no address\""), "{}", wrong.body);
        let account = now["account"]["id"].as_str().expect("an account").to_owned();
        let path = format!("/console/accounts/{account}");
        let version = hidden(&visitor.read(&path), "version");
        let form = [
            ("name", "New Company"),
            ("segment", "business"),
            ("value", "1,200.50"),
            ("currency", "eur"),
            ("version", &version),
        ];
        assert_eq!(visitor.submit(&format!("{path}/edit"), &form).status, 303);
        let stored = world.read(&format!("/v1/accounts/{account}"));
        assert_eq!(stored["annual_value"], json!({ "amount_minor": 120_050, "currency": "EUR" }));
        let shown = visitor.read(&path);
        assert!(
            shown.contains("value=\"1200.5\"") && shown.contains("It crashes") && shown.contains("Ada L."),
            "{shown}"
        );
        let wrong = visitor.submit(&format!("{path}/edit"), &[("name", ""), ("value", "much"), ("currency", "EUR")]);
        assert!(wrong.status == 422 && wrong.body.contains("value=\"much\""), "{}", wrong.body);
    });
}

#[test]
fn two_customers_are_compared_and_merged() {
    on_each_world(|world| {
        let ada = said(world, "It crashes", json!({ "name": "Ada" }));
        let other = said(world, "So slow", json!({ "name": "Ada Lovelace", "email": "ada@example.com" }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        let path = format!("/console/customers/{ada}/merge");
        let found = visitor.read(&format!("{path}?q=ada"));
        assert!(found.contains(&format!("other={other}")) && !found.contains(&format!("other={ada}")), "{found}");
        let compared = visitor.read(&format!("{path}?other={other}"));
        assert!(
            compared.contains("<strong>ada@example.com</strong>") && compared.contains("<strong>2</strong>"),
            "{compared}"
        );
        let version = hidden(&compared, "version");
        let merged = visitor.submit(&path, &[("other", &other), ("version", &version)]);
        assert_eq!(merged.status, 303, "{merged:?}");
        let page = visitor.read(&format!("/console/customers/{ada}"));
        assert!(page.contains("So slow") && page.contains("It crashes") && page.contains("one now"), "{page}");
        let gone = visitor.get(&format!("/console/customers/{other}"));
        assert_eq!(gone.header_text("location"), format!("/console/customers/{ada}"));
        assert_eq!(visitor.submit(&path, &[("other", &ada)]).status, 422, "not with itself");
        assert_eq!(visitor.submit(&path, &[("other", "nobody")]).status, 422);
    });
}

#[test]
fn a_person_is_erased_after_typing_what_is_shown_and_reading_what_goes() {
    on_each_world(|world| {
        let ada = said(world, "It crashes", json!({ "name": "Ada Lovelace", "external_id": "a1" }));
        world.done(&format!("/v1/customers/{ada}/notes"), json!({ "text": "Prefers calls" }));
        let path = format!("/console/customers/{ada}/erase");
        assert_eq!(Visitor::as_role(world, Role::Support).get(&path).status, 403, "admins only, as in the API");
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let page = visitor.read(&path);
        for goes in ["The words of 1 pieces", "1 ids in other systems", "1 internal notes", "Ada Lovelace"] {
            assert!(page.contains(goes), "{goes}: {page}");
        }
        let version = hidden(&page, "version");
        let wrong = visitor.submit(&path, &[("confirm", "ada"), ("version", &version)]);
        assert_eq!(wrong.status, 422);
        assert_eq!(world.read(&format!("/v1/customers/{ada}"))["name"], "Ada Lovelace");
        assert_eq!(visitor.submit(&path, &[("confirm", "Ada Lovelace"), ("version", &version)]).status, 303);
        let page = visitor.read(&format!("/console/customers/{ada}"));
        assert!(page.contains("erased") && !page.contains("Lovelace") && !page.contains("It crashes"), "{page}");
        assert_eq!(visitor.get(&path).status, 410);
    });
}

#[test]
fn the_palette_looks_through_the_newest_customers_and_knows_every_address() {
    on_each_world(|world| {
        for n in 0..6 {
            let customer = json!({ "name": format!("Margaret {n}"), "email": format!("m{n}@example.com") });
            world.done("/v1/customers", customer);
        }
        let few = |words: &'static str, among: i64| {
            let paging = Paging::new(Some(5), None, String::new()).expect("a page");
            let found = world.store().read_now(|conn| customers::few_of_newest(conn, words, among, &paging));
            found.expect("customers").into_iter().filter_map(|customer| customer.name).collect::<Vec<String>>()
        };
        assert_eq!(few("margaret", 3), ["Margaret 5", "Margaret 4", "Margaret 3"]);
        assert_eq!(few("margaret", 100).len(), 5, "no more than are shown");
        assert_eq!(few("margaret 0", 3), Vec::<String>::new(), "older ones are found on the page of customers");
        assert_eq!(few("M0@example.com", 3), ["Margaret 0"]);
        let page = Visitor::as_role(world, Role::Support).read("/console/find?q=margaret");
        assert_eq!(page.matches("/console/customers/").count(), 5, "{page}");
    });
}
