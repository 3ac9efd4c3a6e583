//! Exports that earlier versions wrote are restored by this one.

use hearback::domain::base::Id;
use hearback::domain::feedback::{ImportState, State};
use hearback::store::Store;
use serde_json::{Value, json};

use super::restoring::{export, rows};
use super::{errors, import, on_each_database};

/// What version 0.1.0 wrote of an instance with rows of every table.
const EXPORT: &str = include_str!("exports/0.1.0.jsonl");

/// The fields that were added to lines after the first version, with what they are where a line lacks them.
fn added() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("member", "time_zone", Value::Null),
        ("member", "shortcuts", json!(true)),
        ("member", "team", Value::Null),
        ("product", "archived_at", Value::Null),
        ("customer", "unsubscribed_at", Value::Null),
        ("customer", "bounced_at", Value::Null),
        ("story", "due_at", Value::Null),
        ("story", "respond_by", Value::Null),
        ("story", "overdue_at", Value::Null),
        ("story", "released_at", Value::Null),
        ("story", "round", json!(0)),
        ("story", "recurrences", json!(0)),
        ("feedback", "kind_source", Value::Null),
        ("feedback", "set_aside", Value::Null),
        ("feedback", "votes", Value::Null),
        ("feedback", "impression", Value::Null),
        ("correction", "other_story_id", Value::Null),
        ("correction_item", "was_similarity", Value::Null),
        ("release", "held_deployment_id", Value::Null),
        ("deployment", "production", json!(false)),
        ("deployment", "held", Value::Null),
        ("deployment", "tag", Value::Null),
        ("story_evidence", "left_out", Value::Null),
        ("link", "reason", json!("person")),
        ("closure", "kind", json!("release")),
        ("closure", "note", Value::Null),
        ("closure", "handed_at", Value::Null),
        ("closure", "send_at", Value::Null),
        ("webhook", "format", json!("event")),
        ("theme", "languages", json!({})),
        ("product", "visibility", json!("team")),
        ("product", "default_role", Value::Null),
        ("product", "owner_id", Value::Null),
        ("theme", "labels", json!({})),
    ]
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Restores lines into an empty instance, and answers what that exports, both in one order.
fn restored(store: &Store, lines: &[Value]) -> (Vec<String>, Vec<String>) {
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let done = import(store, text.join("\n").as_bytes());
    assert_eq!((done.state, done.counts.rejected), (ImportState::Done, 0), "{:?}", errors(store, done.id));
    let sorted = |lines: &[Value]| {
        let mut lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        lines.sort_unstable();
        lines
    };
    (sorted(&lines[1..lines.len() - 1]), sorted(&self::lines(&rows(&export(store)).join("\n"))))
}

#[test]
fn an_export_of_the_first_version_comes_back_as_it_was() {
    on_each_database(|store| {
        let (before, after) = restored(store, &lines(EXPORT));
        assert_eq!(before, after);
    });
}

#[test]
fn a_line_without_the_fields_that_were_added_later_has_their_defaults() {
    on_each_database(|store| {
        let (mut old, mut expected) = (lines(EXPORT), lines(EXPORT));
        for (kind, field, value) in added() {
            let is_of_kind = |line: &&mut Value| line["type"] == kind;
            assert!(old.iter().any(|line| line["type"] == kind && line.get(field).is_some()), "{kind}.{field}");
            for line in old.iter_mut().filter(is_of_kind) {
                line.as_object_mut().unwrap().remove(field);
            }
            expected.iter_mut().filter(is_of_kind).for_each(|line| line[field] = value.clone());
        }
        let (_, after) = restored(store, &old);
        let mut expected: Vec<String> = expected[1..expected.len() - 1].iter().map(Value::to_string).collect();
        expected.sort_unstable();
        assert_eq!(after, expected);
    });
}

/// Feedback without a theme comes back without one, and the engine reads it again where it stands.
#[test]
fn feedback_without_a_theme_comes_back_without_one() {
    on_each_database(|store| {
        let mut all = lines(EXPORT);
        let is_feedback = |line: &&mut Value| line["type"] == "feedback" && line["state"] == "grouped";
        let alone: Vec<String> = all
            .iter_mut()
            .filter(is_feedback)
            .take(2)
            .map(|line| {
                (line["state"], line["theme_id"], line["pinned"]) = (json!("ungrouped"), Value::Null, json!(false));
                line["id"].as_str().unwrap().to_owned()
            })
            .collect();
        let (before, after) = restored(store, &all);
        assert_eq!(before, after);
        for id in alone {
            let id: Id = id.parse().unwrap();
            let row = store.read_now(|conn| hearback::store::feedback::rows::row(conn, id)).unwrap();
            assert_eq!((row.state, row.theme_id), (State::Ungrouped, None));
        }
    });
}

/// A short export is one batch: the note must not be restored before the feedback that it is about.
#[test]
fn a_note_comes_back_with_the_feedback_that_it_is_about() {
    on_each_database(|store| {
        let mut all = lines(EXPORT);
        let feedback = all.iter().find(|line| line["type"] == "feedback").unwrap()["id"].clone();
        all.iter_mut().filter(|line| line["type"] == "note").for_each(|note| {
            (note["subject_kind"], note["subject_id"]) = (json!("feedback"), feedback.clone());
        });
        let (before, after) = restored(store, &all);
        assert_eq!(before, after);
    });
}
