//! Several instances on one database, and instances that end in between: one report and one mail for each reader.

use std::sync::Barrier;

use hearback::app::App;
use hearback::domain::base::Time;
use hearback::domain::team::Role;
use hearback::jobs;
use hearback::jobs::outbox::Outbox;
use serde_json::json;

use super::week;
use crate::support::{Kind, World, on_each_world_with_mail};

/// Two members of the team who want the same report, and one who wants it in Korean.
fn subscribed(world: &World) -> [&'static str; 3] {
    let all = ["ann@example.com", "bo@example.com", "sumi@example.com"];
    for (email, language) in all.iter().zip(["en", "en", "ko"]) {
        let person = world.person("Reader", email, Role::Viewer, language);
        let token = world.token_of(Role::Viewer, person.id);
        let new = json!({ "member_id": "me", "kind": "weekly", "products": [world.product.key], "language": language });
        assert_eq!(world.send("POST", "/v1/subscriptions", &token, Some(&new)).status, 201);
    }
    all
}

/// Another instance on the database of a world, with the same settings and the same clock.
fn another(world: &World) -> App {
    let app = App::build((*world.app().config).clone(), world.clock().clone()).expect("an app");
    app.prepare().expect("the schema is there");
    app.set_ready();
    app
}

fn works(app: &App) {
    jobs::step(app, "reports").unwrap();
    Outbox::of(app).unwrap().run_until_idle().unwrap();
}

fn assert_each_got_one(world: &World, readers: &[&str]) {
    let reports = world.read("/v1/reports")["data"].clone();
    assert_eq!(reports.as_array().unwrap().len(), 2, "one in each language: {reports}");
    for email in readers {
        assert_eq!(world.mails().mails_to(email).len(), 1, "{email}");
    }
}

#[test]
fn two_instances_at_once_make_one_report_and_send_one_mail_to_each() {
    on_each_world_with_mail(|world| {
        // SQLite is for one instance.
        if world.database.kind != Kind::Postgres {
            return;
        }
        week(world);
        let readers = subscribed(world);
        world.clock().advance(8 * Time::DAY);
        let other = another(world);
        let (start, apps) = (Barrier::new(4), [world.app(), &other, world.app(), &other]);
        std::thread::scope(|scope| {
            for app in apps {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    works(app);
                });
            }
        });
        works(&other);
        assert_each_got_one(world, &readers);
        other.store.close();
    });
}

#[test]
fn an_instance_that_ends_between_making_and_sending_sends_nothing_twice() {
    on_each_world_with_mail(|world| {
        week(world);
        let readers = subscribed(world);
        world.clock().advance(8 * Time::DAY);
        jobs::step(world.app(), "reports").unwrap();
        assert_eq!(world.read("/v1/reports")["data"].as_array().unwrap().len(), 2, "made");
        assert!(world.mails().mails().is_empty(), "not sent");
        // The instance is gone with all that it knew; the next one finds the work in the database.
        world.app().store.close();
        for _ in 0..2 {
            let next = another(world);
            works(&next);
            works(&next);
            next.store.close();
        }
        let next = another(world);
        let mails: Vec<usize> = readers.iter().map(|email| world.mails().mails_to(email).len()).collect();
        assert_eq!(mails, [1, 1, 1]);
        let made = next.store.read_now(|conn| {
            let query = hearback::domain::reports::report::ReportQuery::default();
            let paging = hearback::domain::base::Paging::of("/v1/reports", &query)?;
            hearback::store::reports::rows::list(conn, &query, &paging)
        });
        assert_eq!(made.unwrap().data.len(), 2, "no other report");
        next.store.close();
    });
}
