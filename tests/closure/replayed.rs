//! Replaying a mail that was given up.

use hearback::domain::{
    closure::{Channel, ClosureState},
    team::Role,
};
use hearback::jobs::outbox::mail::Mails;
use hearback::jobs::outbox::{Outcome, Sender};
use serde_json::json;

use super::bench::with_mail;

#[test]
fn a_mail_that_was_given_up_goes_out_after_all() {
    with_mail(|bench| {
        let theme = bench.theme();
        let ann = bench.say(theme, "ann@example.com", "The refund has not arrived & I wait");
        let story = bench.story(theme);
        bench.go(story, "ready");
        bench.go(story, "released");
        bench.fan_out();
        let delivery = bench.due("mail").remove(0);
        let refused = Outcome::Dead { status: Some(554), error: "5.7.1 rejected".to_owned() };
        let sender = Mails::new(None, String::new());
        bench.record(&delivery, &refused, move |tx, delivery, arrived| sender.ended(tx, delivery, arrived));
        assert_eq!(bench.closure(story, ann).channel, Channel::Agent);

        let admin = bench.token(Role::Admin, None);
        let replay = format!("/v1/deliveries/{}/replay", delivery.id);
        let again = bench.call(&admin, "POST", &replay, None);
        assert_eq!((again.status, &again.json()["replay_of"]), (202, &json!(delivery.id)), "{again:?}");
        assert_eq!(bench.closure(story, ann).channel, Channel::Email);
        bench.pump();
        assert_eq!(bench.closure(story, ann).state, ClosureState::Told);
        assert_eq!(bench.mails().raw().len(), 1);
        // Nobody is mailed twice.
        bench.call(&admin, "POST", &replay, None).problem(409, "conflict");
    });
}
