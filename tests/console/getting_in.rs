//! Invitations, sign-in, and what slows those who guess.

use hearback::domain::base::{Actor, Time};
use hearback::domain::team::Role;
use hearback::store::Tx;
use hearback::store::team::attempts;
use hearback::usecase::team::{invitations, sign_in};
use serde_json::json;

use super::visitor::{PASSWORD, Visitor, set_password};
use crate::support::{Receiver, World, on_each_world, on_each_world_with_mail};

fn first_link(world: &World) -> Option<String> {
    let secret = invitations::new_secret().expect("randomness");
    let new = secret.clone();
    let made = world.store().write_now(Actor::COMMAND, move |tx: &mut Tx<'_>| invitations::first_admin(tx, &new));
    made.expect("a write").map(|_| format!("/console/invite/{secret}"))
}

#[test]
fn the_first_link_makes_an_admin_once() {
    on_each_world(|world| {
        let link = first_link(world).expect("a link, since there is nobody");
        let mut person = Visitor::new(world);
        assert!(person.read(&link).contains("Join Hearback"));
        let form = [("name", "Mina"), ("email", "mina@example.com"), ("password", PASSWORD), ("repeated", PASSWORD)];
        let joined = person.submit(&link, &form);
        assert_eq!((joined.status, joined.header_text("location")), (303, "/console/"), "{joined:?}");
        assert!(person.read("/console/account").contains("mina@example.com"));
        assert_eq!(world.read("/v1/members")["data"][0]["role"], "admin");

        let mut other = Visitor::new(world);
        assert_eq!(other.get(&link).status, 410, "the link is used");
        assert_eq!(other.submit(&link, &form).status, 410);
        assert_eq!(first_link(world), None, "from here on an admin invites");
    });
}

#[test]
fn a_wrong_form_keeps_what_was_written_and_names_each_field() {
    on_each_world(|world| {
        let link = first_link(world).expect("a link");
        let mut person = Visitor::new(world);
        let form = [("name", " "), ("email", "no address"), ("password", "short"), ("repeated", "other")];
        let refused = person.submit(&link, &form);
        assert_eq!(refused.status, 422);
        for expected in ["no address", "#name", "#email", "#password", "#repeated", "Error: Join Hearback"] {
            assert!(refused.body.contains(expected), "{expected}: {}", refused.body);
        }
        assert!(!refused.body.contains("short"), "a password is never sent back");
        assert_eq!(person.get(&link).status, 200, "the link still works");
    });
}

#[test]
fn a_member_is_invited_by_an_admin_and_a_newer_link_replaces_it() {
    on_each_world(|world| {
        let id = world.member("sol@example.com");
        let path = format!("/v1/members/{id}/invitation");
        let first = world.done(&path, json!({}));
        assert_eq!((&first["mailed"], &first["role"]), (&json!(false), &json!("support")));
        let answer = world.post(&path, json!({}));
        assert_eq!((answer.status, answer.header_text("cache-control")), (201, "no-store"));
        let link = |value: &serde_json::Value| {
            let link = value["link"].as_str().expect("a link").to_owned();
            link.trim_start_matches("https://voice.example.com").to_owned()
        };
        let mut person = Visitor::new(world);
        assert_eq!(person.get(&link(&first)).status, 410, "replaced by the second");
        let form = [("name", "Sol"), ("password", PASSWORD), ("repeated", PASSWORD)];
        assert_eq!(person.submit(&link(&answer.json()), &form).status, 303);
        assert_eq!(world.read(&format!("/v1/members/{id}"))["name"], "Sol");

        world.clock().advance(8 * Time::DAY);
        let late = link(&world.done(&path, json!({})));
        world.clock().advance(8 * Time::DAY);
        assert_eq!(Visitor::new(world).get(&late).status, 410, "expired");
        world.patch(&format!("/v1/members/{id}"), json!({ "active": false }));
        assert_eq!(world.post(&path, json!({})).problem(409, "conflict")["detail"], "The member is not active.");
        assert_eq!(world.post("/v1/members/00000000-0000-7000-8000-000000000000/invitation", json!({})).status, 404);
    });
}

#[test]
fn an_invitation_is_mailed_where_a_mail_server_is_set() {
    if !Receiver::available() {
        return;
    }
    on_each_world_with_mail(|world| {
        let id = world.person("하나", "hana@example.com", Role::Support, "ko").id;
        let invited = world.done(&format!("/v1/members/{id}/invitation"), json!({}));
        assert_eq!((&invited["mailed"], &invited["link"]), (&json!(true), &json!(null)));
        let mails = world.mails().mails();
        let mail = mails.last().expect("a mail");
        assert!(format!("{mail:?}").contains("/console/invite/hbi_"), "{mail:?}");
    });
}

#[test]
fn a_wrong_password_and_an_unknown_person_get_the_same_answer_and_the_same_record() {
    on_each_world(|world| {
        let id = world.member("jin@example.com");
        set_password(world, id);
        let mut person = Visitor::new(world);
        let wrong = person.sign_in("jin@example.com", "not the password");
        let unknown = person.sign_in("nobody@example.com", "not the password");
        assert_eq!((wrong.status, unknown.status), (422, 422));
        let same = |body: &str| body.replace("nobody@example.com", "jin@example.com");
        assert_eq!(wrong.body, same(&unknown.body), "nothing tells which it was");
        let failures = |email: &str| {
            let account = sign_in::account(email);
            world.store().read_now(|conn| attempts::of_account(conn, &account, Time(0))).expect("failures").count
        };
        let of_both = || (failures("jin@example.com"), failures("nobody@example.com"));
        assert_eq!(of_both(), (1, 1), "both are noted");
        let noted = world.kinds_of(id);
        assert_eq!(
            noted.iter().filter(|kind| *kind == "member.sign_in_failed").count(),
            1,
            "in the log too: {noted:?}"
        );
        assert_eq!(person.sign_in("jin@example.com", PASSWORD).status, 303);
        assert_eq!(of_both(), (0, 1), "a right password clears the account");
    });
}

#[test]
fn guessing_is_slowed_by_account_and_nobody_is_locked_out() {
    on_each_world(|world| {
        let id = world.member("jin@example.com");
        set_password(world, id);
        let mut guesser = Visitor::new(world);
        for _ in 0..6 {
            assert_eq!(guesser.sign_in("jin@example.com", "a wrong guess").status, 422);
            world.clock().advance(Time::SECOND);
        }
        let slowed = guesser.sign_in("JIN@example.com", PASSWORD);
        assert_eq!(slowed.status, 429, "even with the right password");
        let wait: i64 = slowed.header_text("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(guesser.sign_in("other@example.com", "x").status, 422, "another account is not slowed");
        world.clock().advance(wait * Time::SECOND);
        assert_eq!(guesser.sign_in("jin@example.com", PASSWORD).status, 303);
    });
}

#[test]
fn a_member_without_a_password_or_not_active_does_not_get_in() {
    on_each_world(|world| {
        world.member("new@example.com");
        let id = world.member("gone@example.com");
        set_password(world, id);
        let mut person = Visitor::new(world);
        assert_eq!(person.sign_in("new@example.com", "").status, 422);
        assert_eq!(person.sign_in("gone@example.com", PASSWORD).status, 303);
        assert_eq!(person.get("/console/account").status, 200);
        world.patch(&format!("/v1/members/{id}"), json!({ "active": false }));
        assert_eq!(person.get("/console/account").status, 303, "the session ends with the member");
        assert_eq!(person.sign_in("gone@example.com", PASSWORD).status, 422);
    });
}

#[test]
fn after_sign_in_the_page_that_was_asked_for_is_shown_and_no_other_site() {
    on_each_world(|world| {
        let id = world.member("jin@example.com");
        set_password(world, id);
        let mut person = Visitor::new(world);
        let asked = person.get("/console/themes?q=%ED%99%98%EB%B6%88");
        assert_eq!(asked.status, 303);
        let page = person.read(asked.header_text("location"));
        let next = super::visitor::hidden(&page, "next").replace("&#38;", "&");
        assert_eq!(next, "/console/themes?q=%ED%99%98%EB%B6%88");
        let form = |next| vec![("email", "jin@example.com"), ("password", PASSWORD), ("next", next)];
        let in_ = person.submit("/console/sign-in", &form(&next));
        assert_eq!((in_.status, in_.header_text("location")), (303, next.as_str()));
        for elsewhere in ["https://evil.example/", "//evil.example", "/v1/stories", "javascript:alert(1)"] {
            let in_ = person.submit("/console/sign-in", &form(elsewhere));
            assert_eq!(in_.header_text("location"), "/console/", "{elsewhere}");
        }
    });
}
