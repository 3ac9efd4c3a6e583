//! Tests of English statements.

use super::reading::statement_of;
use super::statement::{Statement, Usage};
use crate::engine::wording::wish::Wish;

struct Nothing;

impl Usage for Nothing {
    fn is_proper(&self, _: &str) -> bool {
        false
    }

    fn is_verb(&self, word: &str) -> bool {
        word == "schedule"
    }
}

fn said(title: &str, wish: Wish) -> (String, String) {
    let found = statement_of(title, wish, &Nothing).unwrap_or(Statement::Stay { matter: format!("? {title}") });
    (found.want(false), found.then(false))
}

#[test]
fn troubles_do_not_occur() {
    for (title, want, then) in [
        ("App closes after update", "the app not to close after update", "the app does not close after update"),
        ("Card declined", "the card not to be declined", "the card is not declined"),
        ("Refund not received", "the refund to be received", "the refund is received"),
        ("Payout has not arrived", "the payout to arrive", "the payout arrives"),
        ("Card did not work", "the card to work", "the card works"),
        ("Notifications are not working", "the notifications to work", "the notifications work"),
        ("Font too small", "the font not to be too small", "the font is not too small"),
        ("Payment failed", "the payment not to fail", "the payment does not fail"),
        ("App keeps crashing", "the app not to crash", "the app does not crash"),
        ("Can't log in", "to log in", "customers can log in"),
        ("Billed twice", "not to be billed twice", "customers are not billed twice"),
        ("Not refunded", "to be refunded", "customers are refunded"),
        ("Not receiving the code", "to receive the code", "customers receive the code"),
        ("Login error", "no more login error", "customers have no login error"),
        (
            "Crash when opening the app",
            "no more crash when opening the app",
            "customers have no crash when opening the app",
        ),
        ("SMS code never arrives", "the SMS code to arrive", "the SMS code arrives"),
        ("Password login works", "the password login to work", "the password login works"),
        ("Problem with fees", "the problem with fees to be solved", "the problem with fees no longer occurs"),
        ("Points are missing", "the points not to be missing", "the points are not missing"),
        ("Exchange rate is too high", "the exchange rate not to be too high", "the exchange rate is not too high"),
        ("Payouts are late", "the payouts to be on time", "the payouts are on time"),
        ("Statement is wrong", "the statement to be correct", "the statement is correct"),
        ("Missing items", "the items not to be missing", "the items are not missing"),
        ("Video stops", "the video not to stop", "the video does not stop"),
        ("Form is confusing", "the form to be clear", "the form is clear"),
        ("Hotline does not answer", "the hotline to answer", "the hotline answers"),
        ("Card does not work", "the card to work", "the card works"),
    ] {
        assert_eq!(said(title, Wish::Fix), (want.to_owned(), then.to_owned()), "{title}");
    }
}

#[test]
fn requests_become_capabilities_and_questions_are_answered() {
    assert_eq!(said("Export transactions to Excel", Wish::Build).0, "to export transactions to Excel");
    assert_eq!(said("Group view", Wish::Build), ("group view".to_owned(), "group view is available".to_owned()));
    assert_eq!(said("Dark mode", Wish::Build).0, "to use a dark mode", "by the table of general matters");
    assert_eq!(said("Schedule payment", Wish::Build).0, "to schedule a payment");
    assert_eq!(said("Remove delivery address", Wish::Build).0, "to remove the delivery address");
    assert_eq!(said("Transfer limit", Wish::Build).0, "transfer limit");
    assert_eq!(said("Groups and projects", Wish::Build).1, "groups and projects are available");
    assert_eq!(said("How to change my address", Wish::Answer).0, "to know how to change my address");
    assert_eq!(said("Where is my card", Wish::Answer).0, "to know where my card is");
    assert_eq!(
        said("Exchange rate", Wish::Answer).1,
        "customers find out about the exchange rate without asking support"
    );
    assert_eq!(said("Card payment cancelled", Wish::Answer).0, "to know what to do when the card payment is cancelled");
    assert_eq!(said("Products are genuine", Wish::Answer).0, "to know whether the products are genuine");
    assert_eq!(said("Order delivered", Wish::Answer).0, "to know when the order is delivered");
    assert_eq!(said("Offers and referral programs", Wish::Answer).0, "to know about offers and referral programs");
    assert_eq!(said("Request about transfer", Wish::Build).1, "the request about transfer is met");
    assert_eq!(said("Refund not received", Wish::Answer).0, "to know why the refund is not received");
}
