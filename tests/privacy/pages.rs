//! The pages about privacy: what an admin does there.

use hearback::domain::team::Role;
use serde_json::json;

use crate::console::Visitor;
use crate::support::{ADMIN, on_each_world};

#[test]
fn an_admin_sees_who_saw_a_person_and_signs_the_review() {
    on_each_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        let start = admin.read("/console/privacy");
        for address in ["access", "review", "data-map", "erasures"] {
            assert!(start.contains(&format!("/console/privacy/{address}")), "{address} in {start}");
        }
        assert!(admin.read("/console/privacy/access").contains("No entry"), "nobody saw anybody yet");
        let filed = world.file(&json!({ "text": "It fails", "customer": { "name": "Ahn Jiwoo" } }));
        let customer = filed["customer"]["id"].as_str().expect("an id").to_owned();
        let email = "agent@example.com";
        let agent = world.person("Agent Kim", email, Role::Support, "en");
        let mut agent = Visitor::of(world, &agent, email);
        let seen = agent.read(&format!("/console/customers/{customer}"));
        assert!(!seen.contains("/console/privacy/access"), "only admins see the log");
        let page = admin.read(&format!("/console/customers/{customer}"));
        let link = format!("/console/privacy/access?customer={customer}");
        assert!(page.contains(&link), "the link on the customer's page: {page}");
        let who = admin.read(&link);
        assert!(who.contains("Who saw the data of Ahn Jiwoo") && who.contains("Agent Kim"), "{who}");
        assert_eq!(agent.get("/console/privacy/access").status, 403);
        let wrong = admin.get("/console/privacy/access?customer=nobody");
        assert_eq!(wrong.status, 200);
        assert!(wrong.body.contains("href=\"#customer\""), "{wrong:?}");
        let month = world.now().date()[..7].to_owned();
        let review = admin.read(&format!("/console/privacy/review?month={month}"));
        assert!(review.contains("The log is whole") && review.contains("Nobody has signed"), "{review}");
        let refused = admin.submit("/console/privacy/review/sign", &[("month", &month), ("note", " ")]);
        assert_eq!(refused.status, 422, "{refused:?}");
        let signed = admin.submit("/console/privacy/review/sign", &[("month", &month), ("note", "Looked at all")]);
        assert_eq!(signed.status, 303, "{signed:?}");
        let review = admin.read(&format!("/console/privacy/review?month={month}"));
        assert!(review.contains("The review is signed.") && review.contains("Looked at all"), "{review}");
    });
}

#[test]
fn the_record_of_processing_is_kept_and_downloaded() {
    on_each_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        let page = admin.read("/console/privacy/data-map");
        assert!(page.contains("Nobody is named yet") && page.contains("customer_identities"), "{page}");
        let refused =
            admin.submit("/console/privacy/parties", &[("role", "processor"), ("name", "x"), ("country", "korea")]);
        assert_eq!(refused.status, 422, "{refused:?}");
        let fields =
            [("role", "processor"), ("name", "Mail Sender"), ("contact", "dpo@mail.example"), ("country", "US")];
        assert_eq!(admin.submit("/console/privacy/parties", &fields).status, 303);
        let page = admin.read("/console/privacy/data-map");
        assert!(page.contains("Mail Sender") && page.contains("Added to the record"), "{page}");
        let record = admin.read("/console/privacy/data-map.md?language=ko");
        assert!(record.contains("Mail Sender") && record.contains("개인정보 처리 활동 기록"), "{record}");
        let id = world.read("/v1/data-map/processors")["data"][0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(admin.submit(&format!("/console/privacy/parties/{id}/remove"), &[]).status, 303);
        assert!(admin.read("/console/privacy/data-map").contains("Nobody is named yet"));
    });
}

#[test]
fn the_page_of_erasures_proves_that_somebody_is_gone() {
    on_each_world(|world| {
        let filed = world.file(&json!({ "text": "It fails", "customer": { "name": "Ahn Jiwoo" } }));
        let customer = filed["customer"]["id"].as_str().expect("an id").to_owned();
        let mut admin = Visitor::as_role(world, Role::Admin);
        let address = format!("/console/privacy/erasures?customer={customer}");
        assert!(admin.read(&address).contains("knows no erasure"), "not erased yet");
        assert_eq!(world.send("DELETE", &format!("/v1/customers/{customer}"), ADMIN, None).status, 200);
        let page = admin.read(&address);
        assert!(page.contains("Erased:") && page.contains("All erasures are applied"), "{page}");
        assert!(admin.read("/console/privacy/erasures?customer=x").contains("must be the id"), "a wrong id");
    });
}
