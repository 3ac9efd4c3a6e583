//! Postmortems on pages without scripts: draft, write with hints beside, add an action, publish, and find it again.

use hearback::domain::team::Role;
use serde_json::json;

use super::visitor::{Visitor, hidden};
use crate::support::on_each_world;

#[test]
fn a_postmortem_is_drafted_written_published_and_found_again() {
    on_each_world(|world| {
        let ann = world.person("Ann", "ann@example.com", Role::Admin, "en");
        let incident = |title: &str| {
            let new = json!({ "product": world.product.key, "title": title, "severity": 2 });
            world.done("/v1/incidents", new)["number"].as_str().unwrap().to_owned()
        };
        let number = incident("Certificates of the login page expired");
        let mut visitor = Visitor::of(world, &ann, "ann@example.com");
        assert!(visitor.read("/console/postmortems").contains("There is no postmortem yet."));
        let refused = visitor.submit("/console/postmortems", &[("incident", "HB-INC-999")]);
        assert_eq!(refused.status, 422, "{refused:?}");
        let made = visitor.submit("/console/postmortems", &[("incident", &number)]);
        assert_eq!(made.status, 303, "{made:?}");
        let path = made.header_text("location").to_owned();
        let page = visitor.read(&path);
        assert!(page.contains("Certificates of the login page expired") && page.contains("Root causes"), "{page}");

        let version = hidden(&page, "version");
        let fields = [
            ("version", version.as_str()),
            ("title", "Certificates expired"),
            ("root_causes", "We should have renewed it."),
        ];
        assert_eq!(visitor.submit(&format!("{path}/edit"), &fields).status, 303);
        let stale = visitor.submit(&format!("{path}/edit"), &fields);
        assert_eq!(stale.status, 412, "the version that the form was made from is gone");
        let page = visitor.read(&path);
        assert!(page.contains("should have&#34; judges") || page.contains("should have\" judges"), "{page}");

        let action = [("title", "Renew certificates by a job"), ("due_at", "2020-01-01")];
        assert_eq!(visitor.submit(&format!("{path}/actions"), &action).status, 303);
        assert_eq!(visitor.submit(&format!("{path}/move"), &[("to", "published")]).status, 303);
        let page = visitor.read(&path);
        assert!(page.contains("Published") && page.contains("Renew certificates by a job"), "{page}");
        let list = visitor.read("/console/postmortems");
        assert!(list.contains("1 open action, 1 overdue") && list.contains("0 %"), "{list}");

        let again = incident("The certificate of the login page expired again");
        let repeats = visitor.read(&format!("/console/incidents/{again}/repeats"));
        assert!(
            repeats.contains("Certificates expired") && repeats.contains("Renew certificates by a job"),
            "{repeats}"
        );
    });
}

#[test]
fn a_reader_sees_the_texts_without_forms_and_a_korean_member_reads_korean() {
    on_each_world(|world| {
        let admin = world.person("Ann", "ann@example.com", Role::Admin, "en");
        let incident = json!({ "product": world.product.key, "title": "결제 실패", "severity": 2 });
        let incident = world.done("/v1/incidents", incident);
        let postmortem =
            world.done("/v1/postmortems", json!({ "incident": incident["id"], "facilitator_id": admin.id }));
        let path = format!("/console/postmortems/{}", postmortem["id"].as_str().unwrap());
        let sumi = world.person("수미", "sumi@example.com", Role::Support, "ko");
        let mut visitor = Visitor::of(world, &sumi, "sumi@example.com");
        let page = visitor.read(&path);
        assert!(page.contains("초안") && page.contains("<h2>영향</h2>") && !page.contains("<textarea"), "{page}");
        assert_eq!(visitor.submit(&format!("{path}/move"), &[("to", "published")]).status, 403);
    });
}
