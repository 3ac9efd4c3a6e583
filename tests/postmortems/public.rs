//! The version without personal data, and the words of customers.

use hearback::domain::operations::link::{IncidentLinkKind, IncidentTarget};
use hearback::domain::team::Role;
use hearback::usecase::privacy::erasure;
use serde_json::json;

use super::{id, incident, link, postmortem};
use crate::support::on_each_world;

#[test]
fn the_public_version_has_no_names_addresses_or_unredacted_words() {
    on_each_world(|world| {
        let made = incident(world, "Payments of Sunwoo fail", 2);
        world.person("Jin Lee", "jin.lee@team.example", Role::Developer, "en");
        let said = world.customer("Sunwoo").files("I can't pay, call me at 010-1234-5678");
        link(world, &made, IncidentTarget::Feedback, said.feedback, IncidentLinkKind::About);
        let drafted = postmortem(world, &made);
        assert!(drafted["impact"].as_str().unwrap().contains("1 customer said something"), "{drafted}");
        let path = format!("/v1/postmortems/{}", id(&drafted));
        let written = "Jin Lee restarted it after sunwoo@example.com wrote.\n이진이 확인했다";
        assert_eq!(world.patch(&path, json!({ "resolution": written })).status, 200);

        let team = world.read(&path);
        assert_eq!(team["facts"]["customers"]["names"], json!(["Sunwoo"]));
        let quote = team["facts"]["customers"]["quotes"][0]["text"].as_str().unwrap();
        assert_eq!(quote, "I can't pay, call me at [number]");
        for address in [format!("{path}?public=true"), format!("{path}/postmortem.md?public=true")] {
            let public = world.get(&address);
            assert_eq!(public.status, 200, "{public:?}");
            for word in ["Jin", "Lee ", "unwoo", "@", "010-1234", &said.feedback.to_string()] {
                assert!(!public.body.contains(word), "{word} in {}", public.body);
            }
            assert!(public.body.contains("[name] restarted it after [email] wrote."), "{}", public.body);
        }
        let text = world.get(&format!("{path}/postmortem.md")).body;
        assert!(
            text.starts_with("# Payments of Sunwoo fail\n\n") && text.contains("## Resolution\n\nJin Lee"),
            "{text}"
        );
    });
}

#[test]
fn erasing_a_customer_takes_their_words_out_of_postmortems() {
    on_each_world(|world| {
        let made = incident(world, "Payments fail", 2);
        let said = world.customer("Sunwoo").files("The blue button does nothing at all");
        link(world, &made, IncidentTarget::Feedback, said.feedback, IncidentLinkKind::About);
        let drafted = postmortem(world, &made);
        let path = format!("/v1/postmortems/{}", id(&drafted));
        let written = "The pool was empty.\nSunwoo wrote: the blue button does nothing at all\nThen it was restarted.";
        assert_eq!(world.patch(&path, json!({ "summary": written })).status, 200);
        let customer = said.customer;
        world.write(move |tx| erasure::customer(tx, customer, None)).unwrap();
        let shown = world.read(&path);
        assert_eq!(shown["summary"], "The pool was empty.\n[erased]\nThen it was restarted.");
        let body = shown.to_string();
        assert!(!body.contains("unwoo") && !body.contains("blue button"), "{body}");
    });
}
