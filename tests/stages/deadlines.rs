//! Time-driven steps, with a clock that the test turns.

use hearback::domain::stories::stage::Stage;
use hearback::domain::{
    base::{Actor, Calendar, Id, Paging, Time, decode::decode},
    releases::{NewDeployment, NewRelease, NewReleaseStories, Release, ReleaseState},
    stories::{Story, Transition},
    team::{DEFAULT_PRODUCT, Role},
};
use hearback::error::Result;
use hearback::jobs::stories::deadlines;
use hearback::store::{Store, Tx, base::events, releases, stories};
use hearback::usecase::{
    releases::{deployments, lifecycle, planning as release_planning, trains},
    stories::{planning, progress, stages, transitions},
    team::products,
};
use serde_json::{Value, json};

use crate::support::on_each_store;

const PERSON: Actor = Actor { kind: "member", id: None };

fn write<T: Send + 'static>(store: &Store, work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
    store.write_now(PERSON, work).unwrap()
}

fn settings(store: &Store, settings: Value) {
    write(store, move |tx| products::edit(tx, DEFAULT_PRODUCT, None, &json!({ "settings": settings })));
}

fn story(store: &Store, stages: &[&str]) -> Id {
    let input = decode(json!({ "title": "Refunds" })).unwrap();
    let id = write(store, move |tx| planning::create(tx, &input)).id;
    stages.iter().for_each(|stage| to(store, id, json!({ "to": stage })));
    id
}

fn to(store: &Store, id: Id, to: Value) {
    let to: Transition = decode(to).unwrap();
    write(store, move |tx| transitions::transition(tx, id, None, Role::Admin, &to));
}

fn shown(store: &Store, id: Id) -> Story {
    store.read_now(|conn| stories::rows::get(conn, id)).unwrap()
}

fn release(store: &Store, id: Id) -> Release {
    store.read_now(|conn| releases::rows::get(conn, id)).unwrap()
}

fn overdue_events(store: &Store, id: Id) -> Vec<Value> {
    let paging = Paging::new(Some(200), None, String::new()).unwrap();
    let page = store.read_now(|conn| events::history(conn, id, &paging)).unwrap();
    page.data.into_iter().filter(|e| e.kind == "story.overdue").map(|e| e.data).collect()
}

#[test]
fn a_draft_nobody_answers_is_late_once() {
    on_each_store(|store| {
        settings(store, json!({ "response_days": 2 }));
        let (ignored, answered) = (story(store, &[]), story(store, &[]));
        let promised = shown(store, ignored);
        assert_eq!(promised.respond_by, Some(Calendar::default().plus_working_days(promised.created_at, 2)));
        to(store, answered, json!({ "to": "accepted" }));
        assert_eq!(shown(store, answered).respond_by, None);
        deadlines::step(store).unwrap();
        assert!(shown(store, ignored).overdue_at.is_none(), "not yet");

        store.clock.advance(5 * Time::DAY);
        for _ in 0..3 {
            deadlines::step(store).unwrap();
        }
        let late = overdue_events(store, ignored);
        assert_eq!((late.len(), late[0]["promise"].as_str()), (1, Some("response")));
        assert_eq!(late[0]["since"], json!(promised.respond_by));
        assert!(overdue_events(store, answered).is_empty());
        assert_eq!(shown(store, ignored).version, 1, "a machine refuses no editor");

        // Answered late, it is no longer late; given another chance, the promise counts anew.
        to(store, ignored, json!({ "to": "declined", "reason": "Not ours" }));
        assert_eq!((shown(store, ignored).overdue_at, shown(store, ignored).respond_by), (None, None));
        to(store, ignored, json!({ "to": "draft", "reason": "It is ours" }));
        let again = shown(store, ignored);
        assert_eq!(again.respond_by, Some(Calendar::default().plus_working_days(again.updated_at, 2)));
        store.clock.advance(5 * Time::DAY);
        deadlines::step(store).unwrap();
        assert_eq!(overdue_events(store, ignored).len(), 2);
    });
}

#[test]
fn a_due_date_is_missed_once_until_it_changes() {
    on_each_store(|store| {
        let id = story(store, &["accepted", "building"]);
        let due = |days: i64| {
            let at = store.clock.now().plus(days * Time::DAY);
            write(store, move |tx| planning::edit(tx, id, None, &json!({ "due_at": at })));
        };
        due(1);
        store.clock.advance(2 * Time::DAY);
        deadlines::step(store).unwrap();
        deadlines::step(store).unwrap();
        assert_eq!(overdue_events(store, id).len(), 1);
        to(store, id, json!({ "to": "testing" }));
        deadlines::step(store).unwrap();
        assert_eq!(overdue_events(store, id).len(), 1, "it was late before");
        due(1);
        assert!(shown(store, id).overdue_at.is_none());
        store.clock.advance(2 * Time::DAY);
        deadlines::step(store).unwrap();
        assert_eq!(overdue_events(store, id).len(), 2);
        due(1);
        to(store, id, json!({ "to": "ready" }));
        to(store, id, json!({ "to": "released" }));
        store.clock.advance(2 * Time::DAY);
        deadlines::step(store).unwrap();
        assert_eq!(overdue_events(store, id).len(), 2, "released in time");
    });
}

/// A weekly train, its next departure, and a release on it.
fn train(store: &Store, name: &str, aboard: &[Id]) -> (Time, Id) {
    settings(store, json!({ "train": { "every_weeks": 1, "weekday": "tuesday", "starts_on": "2026-01-05" } }));
    let now = store.clock.now();
    let next = store.read_now(|conn| trains::upcoming(conn, DEFAULT_PRODUCT, now, 1)).unwrap().remove(0);
    let input: NewRelease = decode(json!({ "name": name, "train_at": next.leaves_at })).unwrap();
    let id = write(store, move |tx| release_planning::create(tx, &input)).id;
    let stories: NewReleaseStories = decode(json!({ "story_ids": aboard, "section": "fixed" })).unwrap();
    write(store, move |tx| release_planning::add_stories(tx, id, None, &stories));
    (next.leaves_at, id)
}

#[test]
fn a_story_that_is_not_ready_moves_to_the_next_release_train() {
    on_each_store(|store| {
        let (ready, slow) = (story(store, &["accepted", "ready"]), story(store, &["accepted", "building"]));
        let (leaves_at, first) = train(store, "1.0", &[ready, slow]);
        deadlines::step(store).unwrap();
        assert_eq!(release(store, first).state, ReleaseState::Planned, "it has not left");

        store.clock.advance(leaves_at.0 - store.clock.now().0 + Time::SECOND);
        for _ in 0..3 {
            deadlines::step(store).unwrap();
        }
        let left = release(store, first);
        assert_eq!(left.state, ReleaseState::Frozen);
        assert_eq!(left.aboard().map(|row| row.story_id).collect::<Vec<_>>(), [ready]);
        let next = left.stories.iter().find(|row| row.story_id == slow).and_then(|row| row.moved_to).unwrap();
        let next = release(store, next);
        assert_eq!((next.train_at, next.state), (Some(leaves_at.plus(7 * Time::DAY)), ReleaseState::Planned));
        assert_eq!(next.name, next.train_at.unwrap().date());
        assert_eq!((next.stories.len(), next.stories[0].section.as_str()), (1, "fixed"));
        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let events = store.read_now(|conn| events::history(conn, first, &paging)).unwrap().data;
        let missed: Vec<&Value> = events.iter().filter(|e| e.kind == "release.story_missed").map(|e| &e.data).collect();
        assert_eq!(missed, [&json!({ "story_id": slow, "train_at": leaves_at, "moved_to": next.id })]);

        // It misses that one too; the next is made by the same rule, and the trains show them.
        store.clock.advance(7 * Time::DAY);
        deadlines::step(store).unwrap();
        assert!(release(store, next.id).aboard().next().is_none());
        let now = store.clock.now();
        let shown = store.read_now(|conn| trains::upcoming(conn, DEFAULT_PRODUCT, now, 3)).unwrap();
        assert_eq!(shown.iter().filter(|train| train.release.is_some()).count(), 1);
        assert_eq!(shown[0].leaves_at, leaves_at.plus(14 * Time::DAY));
        // The first release still ships with what was ready.
        write(store, move |tx| lifecycle::ship(tx, first, None, &decode(json!({})).unwrap()));
    });
}

#[test]
fn a_missed_train_finds_the_release_that_is_planned_for_the_next() {
    on_each_store(|store| {
        let slow = story(store, &["accepted", "building"]);
        let (leaves_at, first) = train(store, "1.0", &[slow]);
        let next_at = leaves_at.plus(7 * Time::DAY);
        let make = |name: &str, at: Time| {
            let input: NewRelease = decode(json!({ "name": name, "train_at": at })).unwrap();
            write(store, move |tx| release_planning::create(tx, &input)).id
        };
        let (frozen, open) = (make("1.1", next_at), make("1.2", next_at.plus(7 * Time::DAY)));
        write(store, move |tx| release_planning::freeze(tx, frozen, None));
        store.clock.advance(leaves_at.0 - store.clock.now().0 + Time::SECOND);
        deadlines::step(store).unwrap();
        assert_eq!(release(store, first).stories[0].moved_to, Some(open), "the frozen one takes nobody");
        assert_eq!(release(store, open).stories.len(), 1);
        let none = store.write_now(PERSON, move |tx| {
            release_planning::create(
                tx,
                &decode(json!({ "name": "2.0", "train_at": leaves_at.plus(Time::DAY) })).unwrap(),
            )
        });
        assert_eq!(none.unwrap_err().fields[0].pointer, "/train_at");
    });
}

#[test]
fn automation_moves_forward_only_and_never_past_a_gate() {
    on_each_store(|store| {
        let advance =
            |id: Id, to: Stage| write(store, move |tx| progress::advance(tx, id, to)).map(|story| story.stage);
        let draft = story(store, &[]);
        assert_eq!(advance(draft, Stage::Building), None, "never a draft");
        let id = story(store, &["accepted"]);
        assert_eq!(advance(id, Stage::Building), Some(Stage::Building));
        assert_eq!(advance(id, Stage::Accepted), None, "never back");
        assert_eq!(advance(id, Stage::Building), None, "twice is once");
        assert_eq!(advance(id, Stage::Closed), None, "nobody has it");
        settings(store, json!({ "gates": [{ "key": "security_review", "title": "Security", "stage": "ready" }] }));
        assert_eq!((advance(id, Stage::Ready), advance(id, Stage::Released)), (None, None), "never past a closed gate");
        settings(store, json!({ "gates": [] }));
        assert_eq!(advance(id, Stage::Released), Some(Stage::Released));
        assert_eq!(advance(id, Stage::Closed), Some(Stage::Closed));
        let reopened = write(store, move |tx| stages::reopen(tx, id, "not_solved"));
        assert_eq!((reopened.stage, reopened.stage_reason.as_deref()), (Stage::Building, Some("not_solved")));
        let again = write(store, move |tx| stages::reopen(tx, id, "not_solved"));
        assert_eq!(again.version, reopened.version, "reopened once");
    });
}

#[test]
fn the_same_deployment_reported_at_once_is_one() {
    on_each_store(|store| {
        let input: NewDeployment = decode(json!({ "external_id": "d-1" })).unwrap();
        let ids: Vec<Id> = std::thread::scope(|scope| {
            let report = |_| {
                let input = input.clone();
                scope.spawn(move || write(store, move |tx| deployments::deployed(tx, "github", &input)).id)
            };
            let running: Vec<_> = (0..8).map(report).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let other = write(store, move |tx| deployments::deployed(tx, "gitlab", &input)).id;
        assert_ne!(other, ids[0], "another source counts for itself");
    });
}
