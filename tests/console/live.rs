//! Live updates and presence: what the stream of a page tells, to whom, and when it ends.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hearback::domain::base::{Id, Time};
use hearback::domain::team::Role;
use hearback::domain::team::presence::{LookedAt, Onlooker, PresenceKind};
use hearback::domain::team::rights::allowed;
use hearback::store::team::presences;
use hearback::usecase::team::presence;
use serde_json::{Value, json};

use super::visitor::{PASSWORD, Visitor};
use crate::support::{World, on_each_program, on_each_world};

/// A browser in which a new member of the started program is signed in, and the member's id.
fn signed_in<'a>(world: &'a World, name: &str, role: &str) -> (Visitor<'a>, String) {
    let email = format!("{}@example.com", Id::next().0.simple());
    let member = world.done("/v1/members", json!({ "name": name, "email": email, "role": role }));
    let id = member["id"].as_str().expect("an id").to_owned();
    let invited = world.done(&format!("/v1/members/{id}/invitation"), json!({}));
    let link = invited["link"].as_str().expect("a link").split_once("/console/").expect("a path").1.to_owned();
    let mut visitor = Visitor::new(world);
    let set = [("name", name), ("password", PASSWORD), ("repeated", PASSWORD)];
    assert_eq!(visitor.submit(&format!("/console/{link}"), &set).status, 303);
    (visitor, id)
}

/// The stream of an open page.
struct Page(BufReader<TcpStream>);

impl Page {
    fn try_open(visitor: &Visitor<'_>, watch: &str) -> Result<Self, String> {
        Self::try_again(visitor, watch, "")
    }

    /// Opens one again that broke off after this event.
    fn try_again(visitor: &Visitor<'_>, watch: &str, last: &str) -> Result<Self, String> {
        let mut stream = TcpStream::connect(visitor.world.address()).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
        let cookies: Vec<String> = visitor.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let last = if last.is_empty() { String::new() } else { format!("Last-Event-ID: {last}\r\n") };
        let head = format!("GET /console/live?{watch} HTTP/1.1\r\nHost: test\r\nCookie: {cookies}\r\n{last}\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).expect("an answer");
        if line.contains(" 200 ") { Ok(Self(reader)) } else { Err(line) }
    }

    /// Opens one and waits for its first event.
    fn open(visitor: &Visitor<'_>, watch: &str) -> Self {
        let mut page = Self::try_open(visitor, watch).expect("a stream");
        assert_eq!(page.next().expect("an event").0, "at");
        page
    }

    /// The next event with its data; `None` at the end of the stream.
    fn next(&mut self) -> Option<(String, Value)> {
        let (mut line, mut event) = (String::new(), String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line).expect("a line in time") == 0 {
                return None;
            }
            if let Some(name) = line.strip_prefix("event: ") {
                event = name.trim().to_owned();
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some((event, serde_json::from_str(data).expect("JSON")));
            }
        }
    }

    /// The data of the next event of this kind.
    fn wait(&mut self, event: &str) -> Value {
        loop {
            let (name, data) = self.next().unwrap_or_else(|| panic!("the end before {event}"));
            if name == event {
                return data;
            }
        }
    }
}

#[test]
fn a_page_hears_that_somebody_else_changed_what_it_shows() {
    on_each_program(|world| {
        let story = world.done("/v1/stories", json!({ "title": "Refunds show a date" }));
        let number = story["number"].as_str().expect("a number");
        let (ana, _) = signed_in(world, "Ana", "product");
        let (mut bo, _) = signed_in(world, "Bo", "product");
        let mut page = Page::open(&ana, &format!("place=%2Fconsole%2Fstories%2F{number}"));
        let mut list = Page::open(&ana, "list=backlog");
        let mut inbox = Page::open(&ana, "list=inbox");
        let edit = format!("/console/stories/{number}/edit");
        assert_eq!(bo.submit(&edit, &[("title", "Refunds show a day")]).status, 303);
        assert_eq!(
            page.wait("changed"),
            json!({ "text": "Bo changed this just now.", "later": "Bo changed this meanwhile." })
        );
        list.wait("stir");
        world.done("/v1/feedback", json!({ "text": "Where is my refund" }));
        inbox.wait("stir");
        let unknown = Page::try_open(&ana, "place=%2Fconsole%2Fstories%2FHB-99").err().expect("refused");
        assert!(unknown.contains("404"), "{unknown}");
        assert!(Page::try_open(&ana, "list=nonsense").is_err());
        let mut machine = Visitor::new(world);
        machine.cookies.insert("hearback".to_owned(), "hb_nothing".to_owned());
        assert!(Page::try_open(&machine, "list=backlog").err().expect("refused").contains("303"), "no session");
        let many: Vec<Page> = (0..9).map(|_| Page::open(&ana, "list=backlog")).collect();
        assert!(
            Page::try_open(&ana, "list=backlog").err().expect("refused").contains("429"),
            "a bounded number a member"
        );
        drop(many);
    });
}

#[test]
fn a_page_that_was_out_of_view_hears_what_it_missed() {
    on_each_program(|world| {
        let story = world.done("/v1/stories", json!({ "title": "Refunds show a date" }));
        let number = story["number"].as_str().expect("a number");
        let (ana, _) = signed_in(world, "Ana", "product");
        let (mut bo, _) = signed_in(world, "Bo", "product");
        let watch = format!("place=%2Fconsole%2Fstories%2F{number}");
        let before = world.walk("/v1/events", || ()).pop().expect("an event")["id"].as_str().expect("an id").to_owned();
        assert_eq!(bo.submit(&format!("/console/stories/{number}/edit"), &[("title", "A day")]).status, 303);
        crate::support::eventually("the log shows it", Duration::from_secs(20), || {
            world.walk("/v1/events?kind=story.updated", || ()).len() == 1
        });
        let mut page = Page::open(&ana, &format!("{watch}&after={before}"));
        assert_eq!(page.wait("changed")["text"], "Bo changed this just now.");
        let mut again = Page::try_again(&ana, &watch, &before).expect("a stream");
        assert_eq!(again.wait("changed")["text"], "Bo changed this just now.", "a stream that broke off goes on");
    });
}

#[test]
fn a_page_tells_who_else_looks_and_who_writes() {
    on_each_program(|world| {
        let story = world.done("/v1/stories", json!({ "title": "Refunds show a date" }));
        let number = story["number"].as_str().expect("a number");
        let place = format!("/console/stories/{number}");
        let watch = serde_urlencoded::to_string([("place", &place)]).expect("a query");
        let (ana, _) = signed_in(world, "Ana", "product");
        let (mut bo, _) = signed_in(world, "Bo </script>", "support");
        let mut page = Page::open(&ana, &watch);
        let mut list = Page::open(&ana, "list=backlog");
        assert_eq!(page.wait("here")["text"], "", "nobody yet");
        let other = Page::open(&bo, &watch);
        assert_eq!(page.wait("here")["text"], "Also here: Bo </script>.");
        let mut marks = list.wait("here");
        while marks["marks"].as_object().is_none_or(serde_json::Map::is_empty) {
            marks = list.wait("here");
        }
        assert_eq!(marks["marks"][&place], "Also here: Bo </script>.");
        let draft = [
            (":page", place.as_str()),
            (":action", "/console/x"),
            (":form", ""),
            (":place", place.as_str()),
            ("reason", "be"),
        ];
        assert_eq!(bo.submit("/console/drafts", &draft).status, 204);
        assert_eq!(page.wait("here")["text"], "Writing here: Bo </script>.");
        drop(other);
        assert_eq!(page.wait("here")["text"], "", "they left");
    });
}

#[test]
fn a_stream_ends_at_sign_out_and_when_the_member_is_no_longer_here() {
    on_each_program(|world| {
        let (mut ana, id) = signed_in(world, "Ana", "product");
        let mut page = Page::open(&ana, "list=backlog");
        let started = Instant::now();
        assert_eq!(ana.submit("/console/sign-out", &[]).status, 303);
        while page.next().is_some() {}
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        assert_eq!(
            ana.sign_in(world.read(&format!("/v1/members/{id}"))["email"].as_str().expect("an address"), PASSWORD)
                .status,
            303
        );
        let mut page = Page::open(&ana, "list=backlog");
        let started = Instant::now();
        assert_eq!(world.patch(&format!("/v1/members/{id}"), json!({ "active": false })).status, 200);
        while page.next().is_some() {}
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
        // The connection of a browser that died is noticed too: the server does not keep it from stopping.
        let (bo, _) = signed_in(world, "Bo", "product");
        let open = Page::open(&bo, "list=inbox");
        let started = Instant::now();
        world.terminate();
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
        drop(open);
    });
}

#[test]
fn a_presence_expires_and_is_never_shown_to_oneself() {
    on_each_world(|world| {
        let ana = world.person("Ana", "ana@example.com", Role::Support, "en").id;
        let bo = world.person("Bo", "bo@example.com", Role::Support, "en").id;
        let story = world.done("/v1/stories", json!({ "title": "Refunds show a date" }));
        let (id, number) = (story["id"].as_str().expect("an id"), story["number"].as_str().expect("a number"));
        let find = |role: Role, path: String| {
            world
                .store()
                .read_now(|conn| presence::looked_at(conn, &|operation| allowed(operation, role), &path))
                .expect("a read")
        };
        let at = find(Role::Support, format!("/console/stories/{id}")).expect("a story");
        assert_eq!(at, find(Role::Support, format!("/console/stories/{number}")).expect("the same by its number"));
        assert_eq!(
            at,
            LookedAt {
                kind: PresenceKind::Story,
                id: id.parse().expect("an id"),
                place: format!("/console/stories/{number}")
            }
        );
        assert_eq!(find(Role::Ingest, at.place.clone()), None, "a role that may not read it");
        assert_eq!(find(Role::Admin, format!("/console/themes/{id}")), None, "a story is no theme");
        let others =
            |me: Id| world.store().read_now(|conn| presences::at(conn, at.id, me, world.now())).expect("a read");
        let look = |who: Id, writes: bool| {
            let at = at.clone();
            world.write(move |tx| presences::look(tx, who, &at, writes)).expect("a write");
        };
        look(ana, false);
        look(ana, true);
        look(bo, false);
        let onlooker = |name: &str, member_id: Id, is_writing: bool| Onlooker {
            name: name.to_owned(),
            member_id,
            place: at.place.clone(),
            is_writing,
        };
        assert_eq!(others(bo), [onlooker("Ana", ana, true)]);
        assert_eq!(others(ana), [onlooker("Bo", bo, false)]);
        world.clock().advance(21 * Time::SECOND);
        look(ana, false);
        assert_eq!(others(bo), [onlooker("Ana", ana, false)], "no longer writing");
        world.clock().advance(30 * Time::SECOND);
        assert_eq!(others(ana), [], "Bo was not heard of for 51 seconds");
        assert_eq!(others(bo).len(), 1);
        world.clock().advance(30 * Time::SECOND);
        world.step("housekeeping");
        look(bo, false);
        assert_eq!(others(bo), [], "expired");
        world.write(move |tx| presences::leave_all(tx, bo)).expect("a write");
        assert_eq!(others(ana), []);
    });
}
