//! Cookies, their ends, and forms of other sites.

use hearback::domain::base::Time;
use hearback::domain::team::Role;
use hearback::store::team::sessions;
use hearback::usecase::team::tokens;

use super::visitor::{PASSWORD, Visitor, hidden, set_password};
use crate::support::{on_each_world, on_each_world_with};

const COOKIE: &str = "hearback";

#[test]
fn a_session_has_a_new_secret_at_each_sign_in_and_only_its_hash_is_stored() {
    on_each_world(|world| {
        let id = world.member("jin@example.com");
        set_password(world, id);
        let mut person = Visitor::new(world);
        person.cookies.insert(COOKIE.to_owned(), "hb_chosen_by_somebody_else".to_owned());
        assert_eq!(person.get("/console/backlog").status, 303, "an unknown secret is no session");
        assert_eq!(person.sign_in("jin@example.com", PASSWORD).status, 303);
        let first = person.cookies[COOKIE].clone();
        assert_ne!(first, "hb_chosen_by_somebody_else", "a secret from before sign-in is never used (fixation)");
        assert_eq!(person.sign_in("jin@example.com", PASSWORD).status, 303);
        let second = person.cookies[COOKIE].clone();
        assert_ne!(first, second);
        let mut thief = Visitor::new(world);
        thief.cookies.insert(COOKIE.to_owned(), first);
        assert_eq!(thief.get("/console/account").status, 303, "the earlier session has ended");
        let stored = |hash: &[u8]| {
            let (now, always) = (world.clock().now(), Time(0));
            world.store().read_now(|conn| sessions::verify(conn, hash, now, always)).expect("a read").is_some()
        };
        assert!(stored(&tokens::hash(&second)) && !stored(second.as_bytes()), "the hash is stored, not the secret");
    });
}

#[test]
fn the_cookie_is_of_this_host_only_and_secure_over_https() {
    on_each_world(|world| {
        let id = world.member("jin@example.com");
        set_password(world, id);
        let mut plain = Visitor::new(world);
        let cookie = plain.sign_in("jin@example.com", PASSWORD).all("Set-Cookie").remove(0);
        assert!(cookie.starts_with("hearback=hb_") && !cookie.contains("Secure"), "{cookie}");
        let mut secure = Visitor::new(world);
        secure.headers.push(("X-Forwarded-Proto".to_owned(), "https".to_owned()));
        let cookie = secure.sign_in("jin@example.com", PASSWORD).all("Set-Cookie").remove(0);
        assert!(cookie.starts_with("__Host-hearback=hb_"), "{cookie}");
        for attribute in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(cookie.contains(attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        let value = secure.cookies.remove("__Host-hearback").expect("a cookie");
        secure.cookies.insert(COOKIE.to_owned(), value);
        assert_eq!(secure.get("/console/account").status, 303, "over https the other name is not accepted");
    });
}

#[test]
fn a_session_ends_when_it_is_idle_and_at_the_latest_after_its_whole_time() {
    on_each_world_with(
        |config| {
            config.session_idle_hours = 2;
            config.session_days = 1;
        },
        |world| {
            let hour = 3_600 * Time::SECOND;
            let jin = world.person("Jin", "jin@example.com", Role::Product, "en");
            let mut person = Visitor::of(world, &jin, "jin@example.com");
            for _ in 0..15 {
                world.clock().advance(hour + hour / 2);
                assert_eq!(person.get("/console/account").status, 200, "used often enough");
            }
            world.clock().advance(hour + hour / 2);
            assert_eq!(person.get("/console/account").status, 303, "a day is over");
            let mut other = Visitor::as_role(world, Role::Product);
            world.clock().advance(2 * hour + Time::SECOND);
            assert_eq!(other.get("/console/account").status, 303, "two hours without a request");
            world.step("housekeeping");
            let stored = world.store().read_now(|conn| sessions::of_member(conn, jin.id, Time(0), Time(0)));
            assert!(stored.expect("sessions").is_empty(), "what has ended is deleted");
        },
    );
}

#[test]
fn devices_are_listed_and_signed_out_one_by_one_or_together() {
    on_each_world(|world| {
        let person = world.person("Jin", "jin@example.com", Role::Support, "en");
        let mut laptop = Visitor::of(world, &person, "jin@example.com");
        let mut others: Vec<Visitor<'_>> = (0..3).map(|_| Visitor::new(world)).collect();
        for (n, other) in others.iter_mut().enumerate() {
            other.headers.push(("User-Agent".to_owned(), format!("Firefox/14{n}.0 (Windows)")));
            assert_eq!(other.sign_in("jin@example.com", PASSWORD).status, 303);
        }
        let page = laptop.read("/console/account");
        assert_eq!(page.matches("Firefox, Windows").count(), 3, "{page}");
        assert_eq!(page.matches("this device").count(), 1);
        let listed = world.read(&format!("/v1/members/{}/sessions", person.id));
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(4));
        let newest = listed["data"][0]["id"].as_str().expect("an id");
        let end = format!("/console/account/devices/{newest}");
        let mut stranger = Visitor::as_role(world, Role::Admin);
        assert_eq!(stranger.submit(&end, &[]).status, 404, "nobody ends the session of another by its id");
        assert_eq!(laptop.submit(&end, &[]).status, 303);
        assert_eq!(others[2].get("/console/account").status, 303);
        assert_eq!(others[1].get("/console/account").status, 200);
        assert_eq!(laptop.submit("/console/account/devices", &[]).status, 303);
        assert_eq!(others[1].get("/console/account").status, 303);
        assert_eq!(laptop.get("/console/account").status, 200, "this device stays");
        let path = format!("/v1/members/{}/sessions", person.id);
        assert_eq!(world.request("DELETE", &path).send().status, 204);
        assert_eq!(laptop.get("/console/account").status, 303, "an admin ends all of them");
    });
}

#[test]
fn signing_out_ends_the_session_and_a_new_password_the_other_ones() {
    on_each_world(|world| {
        let person = world.person("Jin", "jin@example.com", Role::Support, "en");
        let mut laptop = Visitor::of(world, &person, "jin@example.com");
        let mut phone = Visitor::new(world);
        phone.sign_in("jin@example.com", PASSWORD);
        let form = |current, new| vec![("current", current), ("password", new), ("repeated", new)];
        let refused = laptop.submit("/console/account/password", &form("wrong", "another long password"));
        assert_eq!(refused.status, 422);
        assert_eq!(phone.get("/console/account").status, 200);
        let changed = laptop.submit("/console/account/password", &form(PASSWORD, "another long password"));
        assert_eq!(changed.status, 303, "{changed:?}");
        assert_eq!(phone.get("/console/account").status, 303);
        assert!(laptop.read("/console/account").contains("The password was changed"));
        let secret = laptop.cookies[COOKIE].clone();
        assert_eq!(laptop.submit("/console/sign-out", &[]).status, 303);
        laptop.cookies.insert(COOKIE.to_owned(), secret);
        assert_eq!(laptop.get("/console/account").status, 303, "the secret is worth nothing any more");
    });
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    on_each_world(|world| {
        let mut person = Visitor::as_role(world, Role::Admin);
        let fields = [("name", "Changed"), ("language", "en")];
        let path = "/console/account";
        for site in ["cross-site", "same-site", "anything"] {
            assert_eq!(person.submit_from(site, path, &fields).status, 403, "{site}");
        }
        let post = |person: &mut Visitor<'_>, headers: &[(&str, &str)]| {
            person.send("POST", path, Some(&fields), headers).status
        };
        assert_eq!(post(&mut person, &[]), 403, "a browser says where a form comes from");
        assert_eq!(post(&mut person, &[("Origin", "https://evil.example")]), 403);
        assert_eq!(post(&mut person, &[("Origin", "null")]), 403);
        assert_eq!(post(&mut person, &[("Origin", "http://test.evil.example")]), 403);
        assert!(!person.read(path).contains("Changed"));
        assert_eq!(post(&mut person, &[("Origin", "http://test")]), 303, "an older browser, from our page");
        assert_eq!(post(&mut person, &[("Origin", "https://voice.example.com")]), 303, "behind a proxy with our name");
        assert!(person.read(path).contains("Changed"));
        let mut stranger = Visitor::new(world);
        let signed_in = stranger.submit_from("cross-site", "/console/sign-in", &[("email", "a"), ("password", "b")]);
        assert_eq!(signed_in.status, 403, "nor does another site sign somebody in");
    });
}

#[test]
fn a_form_of_an_ended_session_is_sent_after_the_next_sign_in() {
    on_each_world(|world| {
        let person = world.person("Jin", "jin@example.com", Role::Support, "en");
        let mut visitor = Visitor::of(world, &person, "jin@example.com");
        let form = [
            ("form_id", "f1"),
            ("text", "환불이 \"아직도\" <안> 들어왔어요\nreally"),
            ("source", "call"),
            ("password", "secret"),
        ];
        world.clock().advance(40 * Time::DAY);
        let asked = visitor.submit("/console/inbox", &form);
        assert_eq!((asked.status, asked.header_text("www-authenticate")), (401, "Form"));
        assert!(
            asked.body.contains("You were signed out meanwhile") && !asked.body.contains("secret"),
            "{}",
            asked.body
        );
        let field = |page: &str, name| hidden(page, name).replace("&#38;", "&");
        let carried = |page: &str| (field(page, "unsent_path"), field(page, "unsent"));
        let (path, unsent) = carried(&asked.body);
        let sign_in = |password| {
            vec![
                ("email", "jin@example.com"),
                ("password", password),
                ("unsent_path", path.as_str()),
                ("unsent", unsent.as_str()),
            ]
        };
        let wrong = visitor.submit("/console/sign-in", &sign_in("not the password"));
        assert_eq!(carried(&wrong.body), (path.clone(), unsent.clone()), "a wrong password loses nothing either");
        let shown = visitor.submit("/console/sign-in", &sign_in(PASSWORD));
        assert_eq!(shown.status, 200, "{shown:?}");
        assert!(
            shown.body.contains("action=\"/console/inbox\"") && shown.body.contains("&#60;안&#62;"),
            "{}",
            shown.body
        );
        assert_eq!(visitor.submit("/console/inbox", &form).status, 303, "and now it is taken");
        let elsewhere = [
            ("email", "jin@example.com"),
            ("password", PASSWORD),
            ("unsent_path", "https://evil.example/"),
            ("unsent", "a=b"),
        ];
        assert_eq!(visitor.submit("/console/sign-in", &elsewhere).status, 303, "only to pages of ours");
    });
}
