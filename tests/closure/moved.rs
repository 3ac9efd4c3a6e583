//! Closures restored from an export: customers are not told or asked a second time.

use hearback::domain::{
    base::{Actor, Id},
    closure::{Channel, ClosureState},
    feedback::{ImportJob, ImportState},
};
use hearback::jobs;
use hearback::jobs::feedback::import::{End, work_off};
use hearback::store::feedback::imports;
use hearback::usecase::transfer::export;

use super::{tell_at_once, with_mail};
use crate::support::World;
use crate::support::{Database, Receiver};

/// A second instance with all data of the first.
fn moved_from(old: &World) -> World {
    let mut lines = Vec::new();
    export::export(old.store(), &mut lines).unwrap();
    let new = World::in_process_with(Database::new(old.database.kind), Receiver::start(), |_| ());
    tell_at_once(&new);
    new.clock().advance(old.clock().now().0 - new.clock().now().0);
    let (id, job) = (Id::next(), ImportJob { may_restore: true, ..ImportJob::default() });
    let claimed = new.store().write_now(Actor::COMMAND, move |tx| {
        imports::begin(tx, id, &job, 0, Some("test"))?;
        Ok(imports::claim(tx, id, "test")?.unwrap())
    });
    let end = work_off(new.store(), &claimed.unwrap(), lines.as_slice(), &mut |_| true).unwrap();
    assert!(matches!(end, End::Done), "{end:?}");
    let done = new.store().read_now(|conn| imports::get(conn, id)).unwrap();
    assert_eq!((done.state, done.counts.rejected), (ImportState::Done, 0));
    new
}

#[test]
fn customers_told_before_a_restore_are_not_told_again() {
    with_mail(|old| {
        let theme = old.new_theme("Refunds");
        let [ann, bob, busy] = ["ann", "bob", "busy"]
            .map(|name| old.customer(&format!("{name}@example.com")).about(theme).files("Refund please").customer);
        let story = old.story_about(theme);
        old.release_story(story);
        let first = old.mails().mails_to("bob@example.com").remove(0);
        old.submit(&old.mails().mails_to("ann@example.com")[0].answer(), "answer=solved");

        let new = moved_from(old);
        let states = |world: &World| [ann, bob, busy].map(|customer| world.closure(story, customer).state);
        assert_eq!(states(&new), [ClosureState::Confirmed, ClosureState::Told, ClosureState::Waiting]);
        assert_eq!(new.stage(story), old.stage(story));
        jobs::step(new.app(), "closing").unwrap();
        new.pump();
        assert!(new.mails().raw().is_empty(), "who was told is not told again");
        assert_eq!(new.open("GET", &first.answer()).send().status, 404, "the old instance signed it");

        // A customer whose mail had not left at the time of the export is told by an agent.
        new.days_pass(1);
        let waiting = new.closure(story, busy);
        assert_eq!((waiting.channel, waiting.state), (Channel::Agent, ClosureState::Waiting));
        assert!(new.mails().raw().is_empty());

        // The one reminder comes in its time, goes with the first mail, and has a link that answers.
        new.days_pass(6);
        new.days_pass(1);
        let mails = new.mails().mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        assert_eq!(
            (mails[0].to.as_str(), mails[0].in_reply_to.as_deref()),
            ("bob@example.com", Some(first.id.as_str()))
        );
        assert_eq!(new.submit(&mails[0].answer(), "answer=not_solved&because=Still+late").status, 200);

        // A customer who confirmed on the old instance is not asked on the new one.
        new.release_story(story);
        let asked: Vec<Id> = new.round(story, 2).into_iter().map(|(customer, _)| customer).collect();
        assert!(asked.contains(&bob) && !asked.contains(&ann), "{asked:?}");
    });
}
