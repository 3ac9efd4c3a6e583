//! What a support agent does in the inbox, without scripts: lists, filing with a known customer or a near theme, acts on
//! one and on many, undo, notes.

use hearback::domain::team::Role;
use hearback::store::themes;
use serde_json::{Value, json};

use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

fn says(world: &World, text: &str, more: Value) -> String {
    let mut body = json!({ "text": text });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    world.done("/v1/feedback", body)["id"].as_str().expect("an id").to_owned()
}

fn state(world: &World, id: &str) -> Value {
    world.read(&format!("/v1/feedback/{id}"))["state"].clone()
}

/// The id that the message of the page can undo.
fn undo(visitor: &mut Visitor<'_>, page: &str) -> u16 {
    let id = hidden(page, "correction");
    visitor.submit("/console/undo", &[("correction", &id), ("back", "/console/inbox")]).status
}

#[test]
fn the_lists_are_addresses_with_several_values() {
    on_each_world(|world| {
        says(world, "From a call", json!({ "source": "call" }));
        says(world, "From a chat", json!({ "source": "chat" }));
        let gone = says(world, "From a survey", json!({ "source": "survey" }));
        world.dismiss(gone.parse().expect("an id")).expect("dismissed");
        let mut visitor = Visitor::as_role(world, Role::Support);
        let both = visitor.read("/console/inbox?source=call,chat");
        assert!(both.contains("From a call") && both.contains("From a chat") && !both.contains("From a survey"));
        assert!(both.contains("All 2 that match"), "{both}");
        let one_by_one = visitor.read("/console/inbox?source=call&source=chat&state=");
        assert!(one_by_one.contains("All 2 that match"));
        assert!(!visitor.read("/console/inbox").contains("From a survey"), "what is dismissed has left the list");
        let open = visitor.read("/console/inbox?state=pending,set_aside");
        assert!(!open.contains("From a survey") && open.contains("aria-current=\"page\">Not grouped"), "{open}");
        let dismissed = visitor.read("/console/inbox?state=dismissed");
        assert!(dismissed.contains("From a survey") && dismissed.contains("value=\"restore\""), "{dismissed}");
        assert!(visitor.read("/console/inbox?by=@me").contains("Nothing matches"));
        assert_eq!(visitor.get("/console/inbox?state=nonsense").status, 422);
        let viewer = Visitor::as_role(world, Role::Viewer).read("/console/inbox");
        assert!(!viewer.contains("name=\"ids\"") && !viewer.contains("value=\"dismiss\""), "a viewer acts on nothing");
    });
}

#[test]
fn a_row_is_dismissed_tagged_and_moved_in_place_and_each_act_is_undone_from_the_next_page() {
    on_each_world(|world| {
        let id = says(world, "The refund is late", json!({}));
        let theme = world.new_theme("Late refunds");
        world.customers_say(theme, &["a"], json!({ "text": "late refund" }));
        world.write(move |tx| hearback::store::themes::rows::refresh_counts(tx, &[theme])).expect("counts");
        let mut visitor = Visitor::as_role(world, Role::Support);
        let acts = format!("/console/feedback/{id}/acts");
        let done = visitor.submit(&acts, &[("act", "dismiss")]);
        assert_eq!((done.status, done.header_text("location")), (303, "/console/inbox"), "{done:?}");
        assert_eq!(state(world, &id), "dismissed");
        let page = visitor.read("/console/inbox");
        assert!(page.contains("Dismissed.") && page.contains(">Undo<"), "{page}");
        assert_eq!(undo(&mut visitor, &page), 303);
        assert!(visitor.read("/console/inbox").contains("It was undone."));
        assert_eq!(state(world, &id), "pending");

        visitor.submit(&acts, &[("act", "tag"), ("tags", "refund, slow，bank")]);
        assert_eq!(world.read(&format!("/v1/feedback/{id}"))["tags"], json!(["refund", "slow", "bank"]));
        let page = visitor.read("/console/inbox");
        assert!(page.contains("Tagged."));
        undo(&mut visitor, &page);
        assert_eq!(world.read(&format!("/v1/feedback/{id}"))["tags"], json!([]));

        // A name that is no theme's own leads to a choice; the name of one moves at once.
        let choice = visitor.submit(&acts, &[("act", "move"), ("theme", "refunds")]);
        assert_eq!(choice.status, 200, "{choice:?}");
        assert!(choice.body.contains("Move to which theme?") && choice.body.contains(&theme.to_string()));
        let picked = [("act", "move"), ("theme_id", &theme.to_string()), ("ids", &id), ("back", "/console/inbox")];
        assert_eq!(visitor.submit("/console/acts", &picked).status, 303);
        assert_eq!(world.read(&format!("/v1/feedback/{id}"))["theme"]["id"], json!(theme));
        let page = visitor.read("/console/inbox");
        undo(&mut visitor, &page);
        assert_eq!(state(world, &id), "pending");
        assert_eq!(visitor.submit(&acts, &[("act", "move"), ("theme", "late REFUNDS")]).status, 303);
        assert_eq!(world.read(&format!("/v1/feedback/{id}"))["theme"]["id"], json!(theme));
        assert_eq!(visitor.submit(&acts, &[("act", "tag"), ("tags", " , ")]).status, 422, "no tag is named");
    });
}

#[test]
fn selected_rows_and_all_that_match_are_changed_as_one_act_with_one_undo() {
    on_each_world(|world| {
        let ids: Vec<String> =
            (0..40).map(|n| says(world, &format!("Notice {n}"), json!({ "source": "email" }))).collect();
        says(world, "Something else", json!({ "source": "call" }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        let some = [("act", "tag"), ("tags", "notice"), ("ids", &ids[0]), ("ids", &ids[1]), ("back", "/console/inbox")];
        assert_eq!(visitor.submit("/console/acts", &some).status, 303);
        assert_eq!(world.ids("/v1/feedback?tag=notice").len(), 2);
        assert_eq!(
            visitor.submit("/console/acts", &[("act", "tag"), ("tags", "x")]).status,
            422,
            "nothing is selected"
        );

        let page = visitor.read("/console/inbox?source=email");
        assert!(page.contains("All 40 that match"), "{page}");
        let matching = hidden(&page, "matching").replace("&#38;", "&");
        let all = [("act", "dismiss"), ("reason", "Notices"), ("scope", "matching"), ("matching", matching.as_str())];
        let done = visitor.submit("/console/acts", &all);
        assert_eq!(done.status, 303, "{done:?}");
        world.step_until_idle("acts");
        assert_eq!(world.ids("/v1/feedback?state=dismissed&limit=200").len(), 40);
        let acts = visitor.read("/console/acts");
        assert!(acts.contains("Dismissed") && acts.contains("40 of 40") && acts.contains("Tagged"), "{acts}");
        let id = hidden(&acts, "correction");
        let shown = visitor.read(&format!("/console/acts/{id}"));
        assert!(shown.contains("Undo all of it") && shown.contains("done"), "{shown}");
        visitor.submit("/console/undo", &[("correction", &id), ("back", "/console/acts")]);
        world.step_until_idle("acts");
        assert_eq!(world.ids("/v1/feedback?state=dismissed").len(), 0);
        assert_eq!(world.ids("/v1/feedback?tag=notice").len(), 2, "the earlier act stands");
        assert!(visitor.read("/console/acts").contains("undone"));
        let mut other = Visitor::as_role(world, Role::Support);
        assert!(other.read("/console/acts").contains("Nothing yet"), "acts of others are not listed");
        assert_eq!(other.submit("/console/undo", &[("correction", &id), ("back", "/console/acts")]).status, 403);
    });
}

#[test]
fn a_row_is_acted_on_by_its_buttons_and_shows_its_further_acts_without_scripts() {
    on_each_world(|world| {
        let ids: Vec<String> =
            (0..2).map(|n| says(world, &format!("Notice {n}"), json!({ "source": "email" }))).collect();
        let mut visitor = Visitor::as_role(world, Role::Support);
        let page = visitor.read("/console/inbox?source=email");
        assert!(!page.contains(&format!("/console/feedback/{}/acts", ids[0])), "one form for all rows: {page}");
        let open = visitor.read(&format!("/console/inbox?source=email&more={}", ids[0]));
        assert_eq!(open.matches(&format!("/console/feedback/{}/acts", ids[0])).count(), 2, "tag and move: {open}");
        assert!(open.contains(&format!("/console/feedback/{}/notes", ids[0])) && open.contains("autofocus"), "{open}");
        assert!(!open.contains(&format!("/console/feedback/{}/acts", ids[1])), "{open}");
        let back = hidden(&open, "back");
        assert!(
            back.starts_with("/console/inbox?source=email") && open.contains("value=\"/console/inbox?source=email\"")
        );

        let dismissed = visitor.submit("/console/acts", &[("back", "/console/inbox"), ("dismiss", &ids[0])]);
        assert_eq!(dismissed.status, 303, "{dismissed:?}");
        assert_eq!((state(world, &ids[0]), state(world, &ids[1])), (json!("dismissed"), json!("pending")));
        assert_eq!(visitor.submit("/console/acts", &[("restore", &ids[0])]).status, 303);
        assert_eq!(state(world, &ids[0]), "pending");
    });
}

#[test]
fn one_and_many_are_moved_to_a_theme_that_is_made_for_them_with_one_undo() {
    on_each_world(|world| {
        let ids: Vec<String> = (0..3).map(|n| says(world, &format!("Late {n}"), json!({ "source": "call" }))).collect();
        let mut visitor = Visitor::as_role(world, Role::Support);
        let asked = [("act", "move"), ("theme", "Late refunds"), ("ids", &ids[0]), ("ids", &ids[1])];
        let choice = visitor.submit("/console/acts", &asked);
        assert!(choice.status == 200 && choice.body.contains("Make it, and move there"), "{choice:?}");
        assert!(
            choice.body.contains("name=\"new_theme\" dir=\"auto\" required maxlength=\"200\" value=\"Late refunds\"")
        );
        let made = [("act", "move"), ("new_theme", "Late refunds"), ("ids", &ids[0]), ("ids", &ids[1])];
        assert_eq!(visitor.submit("/console/acts", &made).status, 303);
        let theme = |id: &String| world.read(&format!("/v1/feedback/{id}"))["theme"].clone();
        assert_eq!((&theme(&ids[0])["label"], &theme(&ids[0])["id"]), (&json!("Late refunds"), &theme(&ids[1])["id"]));
        let page = visitor.read("/console/inbox");
        assert_eq!(undo(&mut visitor, &page), 303);
        assert_eq!((theme(&ids[0]), theme(&ids[1])), (Value::Null, Value::Null));

        let single = [("act", "move"), ("new_theme", "Calls"), ("back", "/console/inbox")];
        assert_eq!(visitor.submit(&format!("/console/feedback/{}/acts", ids[2]), &single).status, 303);
        assert_eq!(theme(&ids[2])["label"], "Calls");
    });
}

#[test]
fn a_refused_part_of_an_act_is_shown() {
    on_each_world(|world| {
        let ids: Vec<String> = (0..2).map(|n| says(world, &format!("Notice {n}"), json!({}))).collect();
        world.dismiss(ids[0].parse().expect("an id")).expect("dismissed");
        let mut visitor = Visitor::as_role(world, Role::Support);
        let both = [("act", "dismiss"), ("ids", ids[0].as_str()), ("ids", ids[1].as_str())];
        let done = visitor.submit("/console/acts", &both);
        let page = visitor.read(done.header_text("location"));
        assert!(page.contains("1 refused") && page.contains("It is dismissed already."), "{page}");
        assert!(page.contains(&format!("/console/feedback/{}", ids[0])));
    });
}

#[test]
fn a_known_customer_is_found_and_chosen_and_a_near_theme_takes_the_feedback_in_one_act() {
    on_each_world(|world| {
        let customer = json!({ "name": "김민지", "email": "minji@example.com", "account": { "name": "Blue Bakery" } });
        says(world, "환불이 늦어요", json!({ "customer": customer }));
        let theme = world.new_theme("Late refunds");
        world.customers_say(theme, &["a"], json!({ "text": "late refund" }));
        let mut visitor = Visitor::as_role(world, Role::Support);
        for words in ["minji", "blue bak", "%EB%AF%BC%EC%A7%80"] {
            let found = visitor.read(&format!("/console/find/customers?q={}", words.replace(' ', "+")));
            assert!(found.contains("김민지") && found.contains("1 said, 0 to be told"), "{words}: {found}");
        }
        assert!(visitor.read("/console/find/customers?q=nobody").contains("A new customer is added"));
        // Without scripts, a button looks it up and keeps what was typed.
        let form_id = hidden(&visitor.read("/console/inbox"), "form_id");
        let mut form = vec![
            ("form_id", form_id.as_str()),
            ("text", "Still no refund here"),
            ("customer_name", "민지"),
            ("look", "true"),
        ];
        let looked = visitor.submit("/console/inbox", &form);
        assert_eq!(looked.status, 200, "{looked:?}");
        for kept in ["Still no refund here", "value=\"민지\"", "minji@example.com", "id=\"nearest\""] {
            assert!(looked.body.contains(kept), "{kept}: {}", looked.body);
        }
        assert_eq!(hidden(&looked.body, "form_id"), form_id);
        let known = world.read("/v1/customers?q=minji")["data"][0]["id"].as_str().expect("an id").to_owned();
        let theme_id = theme.to_string();
        form.pop();
        form.extend([("customer_id", known.as_str()), ("same_as", theme_id.as_str())]);
        let filed = visitor.submit("/console/inbox", &form);
        assert_eq!(filed.status, 303, "{filed:?}");
        let page = visitor.read(filed.header_text("location"));
        assert!(page.contains("Filed, and put into that theme.") && page.contains("Late refunds"), "{page}");
        assert!(page.contains(&format!("/console/customers/{known}")), "{page}");
        assert_eq!(world.ids(&format!("/v1/feedback?customer={known}")).len(), 2);
        let again = visitor.submit("/console/inbox", &form);
        assert_eq!(again.header_text("location"), filed.header_text("location"), "filed once");
        let id = hidden(&page, "correction");
        visitor.submit("/console/undo", &[("correction", &id), ("back", "/console/inbox")]);
        let items = world.read(&format!("/v1/feedback?customer={known}"));
        assert_eq!(items["data"][0]["theme"], Value::Null, "undone: the words stay, the theme does not");
    });
}

#[test]
fn what_was_read_in_a_feedback_is_corrected_and_what_was_left_alone_stays_derived() {
    on_each_world(|world| {
        let id = says(world, "The app crashes every time I pay. This is terrible!", json!({}));
        let mut visitor = Visitor::as_role(world, Role::Support);
        let path = format!("/console/feedback/{id}");
        let page = visitor.read(&path);
        assert!(page.contains("derived") && page.contains("Correct"), "{page}");
        let version = hidden(&page, "version");
        let had = |name: &str| hidden(&page, &format!("had_{name}"));
        let (kind, severity, sentiment) = (had("kind"), had("severity"), had("sentiment"));
        let form = [
            ("version", version.as_str()),
            ("had_kind", &kind),
            ("had_severity", &severity),
            ("had_sentiment", &sentiment),
            ("kind", "request"),
            ("severity", &severity),
            ("sentiment", &sentiment),
        ];
        assert_eq!(visitor.submit(&format!("{path}/edit"), &form).status, 303);
        let now = world.read(&format!("/v1/feedback/{id}"));
        assert_eq!((&now["kind"], &now["kind_source"]), (&json!("request"), &json!("corrected")));
        assert_eq!(now["sentiment_source"], "derived");
        let stale = visitor.submit(&format!("{path}/edit"), &form);
        assert_eq!(stale.status, 412);
        assert!(stale.body.contains("Somebody changed this feedback"), "{}", stale.body);
        assert_eq!(visitor.get(&format!("/console/inbox/{id}")).header_text("location"), path, "the old address");
    });
}

#[test]
fn notes_are_written_changed_and_deleted_apart_from_what_customers_see() {
    on_each_world(|world| {
        let id = says(world, "The refund is late", json!({ "customer": { "name": "Ada" } }));
        let jin = world.person("Jin Lee", "jin@example.com", Role::Product, "en");
        let mut visitor = Visitor::as_role(world, Role::Support);
        let path = format!("/console/feedback/{id}");
        let back = ("back", path.as_str());
        let write = |visitor: &mut Visitor<'_>, text: &str| {
            visitor.submit(&format!("{path}/notes"), &[("text", text), back]).status
        };
        assert_eq!(write(&mut visitor, "@Jin Lee can you look?"), 303);
        let page = visitor.read(&path);
        for shown in ["The note was saved.", "can you look?", "Only the team sees this", "mentioned:", "Jin Lee"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        let mentions = world.send("GET", "/v1/me/mentions", &world.token_of(Role::Product, jin.id), None).json();
        assert_eq!(mentions["data"].as_array().map(Vec::len), Some(1), "{mentions}");
        assert_eq!(write(&mut visitor, "@Nobody Known hello"), 303);
        assert!(visitor.read(&path).contains("names no member"));
        let empty = visitor.submit(&format!("{path}/notes"), &[("text", "  "), back]);
        assert_eq!(empty.status, 422);
        let notes = world.read(&format!("/v1/feedback/{id}/notes"));
        let note = notes["data"][0]["id"].as_str().expect("a note").to_owned();
        let own = format!("/console/notes/{note}");
        let version = hidden(&visitor.read(&own), "version");
        let change = [("text", "Called back"), ("version", version.as_str()), back];
        assert_eq!(visitor.submit(&own, &change).status, 303);
        assert!(visitor.read(&path).contains("Called back"));
        let conflict = visitor.submit(&own, &[("text", "Mine"), ("version", &version), back]);
        assert_eq!(conflict.status, 412);
        assert!(conflict.body.contains("Mine") && conflict.body.contains("Called back"), "{}", conflict.body);
        let mut other = Visitor::as_role(world, Role::Support);
        assert_eq!(other.submit(&format!("{own}/delete"), &[back]).status, 403, "somebody else's");
        assert_eq!(visitor.submit(&format!("{own}/delete"), &[back]).status, 303);
        assert!(!visitor.read(&path).contains("Called back"));
        let customer = world.read(&format!("/v1/feedback/{id}"))["customer"]["id"].as_str().expect("an id").to_owned();
        let on_customer = format!("/console/customers/{customer}");
        let note = [("text", "Prefers calls"), ("back", on_customer.as_str())];
        assert_eq!(visitor.submit(&format!("{on_customer}/notes"), &note).status, 303);
        assert!(visitor.read(&on_customer).contains("Prefers calls"));
        let story = world.story("Refunds show a date");
        let on_story = format!("/console/stories/{story}");
        let note = [("text", "The bank has an interface"), ("back", on_story.as_str())];
        assert_eq!(visitor.submit(&format!("{on_story}/notes"), &note).status, 303);
        assert!(visitor.read(&on_story).contains("The bank has an interface"));
    });
}

#[test]
fn what_belongs_to_archived_products_is_listed_only_where_it_is_asked_for() {
    on_each_world(|world| {
        let old = world.with_new_product(Some("OLD"));
        let theme = old.new_theme("Refunds of the old shop");
        old.customers_say(theme, &["kim"], json!({ "text": "The old shop owes me a refund" }));
        let now = world.new_theme("Refunds of the new shop");
        world.customers_say(now, &["lee"], json!({ "text": "The new shop owes me a refund" }));
        let both = [theme, now];
        world.write(move |tx| themes::rows::refresh_counts(tx, &both)).expect("counts");
        let mut agent = Visitor::as_role(world, Role::Admin);
        let shows = |agent: &mut Visitor<'_>, path: &str| {
            let page = agent.read(path);
            (page.contains("old shop"), page.contains("new shop"), page.contains("name=\"archived\""))
        };
        for path in ["/console/inbox", "/console/themes"] {
            assert_eq!(shows(&mut agent, path), (true, true, false), "{path}: no product is archived");
        }
        assert_eq!(world.post(&format!("/v1/products/{}/archive", old.product.id), json!({})).status, 200);
        for path in ["/console/inbox", "/console/themes"] {
            assert_eq!(shows(&mut agent, path), (false, true, true), "{path}");
            assert_eq!(shows(&mut agent, &format!("{path}?archived=true")), (true, false, true), "{path}");
            assert_eq!(shows(&mut agent, &format!("{path}?product=OLD")), (true, false, true), "{path}");
            assert!(!shows(&mut agent, &format!("{path}?q=refund")).0, "{path}");
        }
        for path in ["/v1/feedback", "/v1/themes"] {
            let count = |query: &str| world.ids(&format!("{path}{query}")).len();
            assert_eq!((count(""), count("?archived=true"), count("?archived=false")), (2, 1, 1), "{path}");
            assert_eq!(count("?archived=false&q=refund"), 1, "{path}");
        }
    });
}
