//! Replaying a mail that was given up.

use hearback::domain::{
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::jobs::outbox::mail::Mails;
use hearback::jobs::outbox::{AttemptOutcome, Sender};
use serde_json::json;

use super::with_mail;

#[test]
fn a_mail_that_was_given_up_can_be_sent_again() {
    with_mail(|world| {
        let theme = world.new_theme("Refunds");
        let ann = world.customer("ann@example.com").about(theme).files("The refund has not arrived & I wait").customer;
        let story = world.story_about(theme);
        world.go(story, "ready");
        world.go(story, "released");
        world.fan_out();
        let delivery = world.due("mail").remove(0);
        let refused = AttemptOutcome::Dead { status: Some(554), error: "5.7.1 rejected".to_owned() };
        let sender = Mails::new(None, String::new());
        world.record(&delivery, &refused, move |tx, delivery, arrived| sender.ended(tx, delivery, arrived));
        assert_eq!(world.closure(story, ann).channel, Channel::Agent);

        let admin = world.token(Role::Admin);
        let replay = format!("/v1/deliveries/{}/replay", delivery.id);
        let again = world.send("POST", &replay, &admin, Some(&json!({})));
        assert_eq!((again.status, &again.json()["replay_of"]), (202, &json!(delivery.id)), "{again:?}");
        assert_eq!(world.closure(story, ann).channel, Channel::Email);
        world.pump();
        assert_eq!(world.closure(story, ann).state, ClosureState::Told);
        assert_eq!(world.mails().raw().len(), 1);
        // Nobody is mailed twice.
        world.send("POST", &replay, &admin, Some(&json!({}))).problem(409, "conflict");
    });
}
