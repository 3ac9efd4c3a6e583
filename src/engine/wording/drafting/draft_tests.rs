//! Tests of drafts: polarity, needs, criteria, purposes, and languages.

use proptest::prelude::*;
use uuid::Uuid;

use crate::engine::text::words::is_korean;
use crate::engine::{Background, Composer, Draft, DraftOf, FeedbackText, ThemeItem, draft};

fn item(id: u128, text: &'static str) -> ThemeItem<'static> {
    let (id, by) = (Uuid::from_u128(id), Uuid::from_u128(id + 1_000));
    ThemeItem { feedback: FeedbackText { id, by, text, similarity: 0.6 }, kind: None, segment: None }
}

fn items(texts: &[&'static str]) -> Vec<ThemeItem<'static>> {
    texts.iter().enumerate().map(|(n, text)| item(n as u128 + 1, text)).collect()
}

fn drafted(title: &str, items: &[ThemeItem<'_>]) -> Draft {
    let keywords = Composer::new(items, true, Background::none(), &|_: &str| false).keywords(8);
    draft(&DraftOf {
        title,
        keywords: &keywords,
        items,
        background: Background::none(),
        is_name: &|_: &str| false,
        likeness: None,
    })
}

fn criteria(draft: &Draft) -> Vec<&str> {
    draft.acceptance_criteria.iter().map(|criterion| criterion.text.as_str()).collect()
}

#[test]
fn a_trouble_is_gone_and_a_recurring_version_is_a_condition() {
    let items = items(&[
        "The app closes after the 4.2 update",
        "since update 4.2 the app closes",
        "app closes at once, how annoying",
        "the app closes when I open it",
    ]);
    let draft = drafted("App closes", &items);
    assert_eq!(draft.i_want, "the app not to close");
    assert_eq!(draft.acceptance_criteria[0].text, "The app does not close. (4 customers)");
    let given = draft.acceptance_criteria.iter().find(|criterion| criterion.given.is_some()).unwrap();
    assert_eq!(given.text, "Given version 4.2, the app does not close. (2 customers)");
    assert_eq!((given.customers, given.then.as_str()), (2, "the app does not close"));
    assert_eq!(given.feedback_ids, [1, 2].map(Uuid::from_u128));
    assert_eq!(given.quotes.len(), 2);
    assert!(draft.facts.iter().any(|fact| fact.text == "4.2" && fact.customers == 2), "{:?}", draft.facts);
}

#[test]
fn requests_are_capabilities_and_questions_find_answers() {
    let requests = items(&[
        "Export invoices to Excel",
        "please let me export invoices to Excel",
        "export invoices to Excel, please",
    ]);
    let draft = drafted("Export invoices to Excel", &requests);
    assert_eq!(draft.i_want, "to export invoices to Excel");
    assert_eq!(criteria(&draft), ["Customers can export invoices to Excel. (3 customers)"]);
    let questions = items(&["what is the opening time?", "opening time on sunday?", "when is the opening time"]);
    assert_eq!(drafted("Opening time", &questions).i_want, "to know about opening time");
}

#[test]
fn praise_is_cited_by_no_criterion_of_a_trouble() {
    let mut items =
        items(&["card declined again", "my card is declined", "card declined in the shop", "I love this card, great"]);
    items[3].kind = Some("praise");
    let draft = drafted("Card declined", &items);
    let cited: Vec<Uuid> = draft.acceptance_criteria.iter().flat_map(|c| c.feedback_ids.clone()).collect();
    assert_eq!(cited, [1, 2, 3].map(Uuid::from_u128));
    assert_eq!(criteria(&draft), ["The card is not declined. (3 customers)"]);
}

#[test]
fn another_need_of_several_customers_is_another_criterion_and_a_line_of_the_scope() {
    let items = items(&[
        "refund not received yet",
        "my refund was not received",
        "refund not received since monday",
        "refund not received, where is it",
        "still refund not received",
        "receipt shows the wrong address",
        "wrong address on the receipt",
        "the receipt has the wrong address",
    ]);
    let draft = drafted("Refund not received", &items);
    let receipts: Vec<&str> = criteria(&draft).into_iter().filter(|text| text.contains("address")).collect();
    assert_eq!(receipts.len(), 1, "{:?}", criteria(&draft));
    let own = draft.acceptance_criteria.iter().find(|c| c.text.contains("address")).unwrap();
    assert_eq!(own.feedback_ids, [6, 7, 8].map(Uuid::from_u128));
    assert_eq!(draft.acceptance_criteria[0].feedback_ids, [1, 2, 3, 4, 5].map(Uuid::from_u128));
    assert!(draft.in_scope[0].starts_with("Refund not received"), "{:?}", draft.in_scope);
}

#[test]
fn a_purpose_is_named_by_several_or_left_out() {
    let alone = items(&["app closes, so I can't feed my iguana", "the app closes", "app closes again"]);
    assert_eq!(drafted("App closes", &alone).so_that, "");
    assert!(!drafted("App closes", &alone).i_want.contains("iguana"));
    let several = items(&[
        "the payout is late so I can't pay my staff",
        "payout late again, so I can't pay my staff",
        "late payout, so I cannot pay my staff",
    ]);
    assert_eq!(drafted("Payout is late", &several).so_that, "I can pay my staff");
}

#[test]
fn the_segment_or_the_role_that_several_have_asks() {
    let mut items = items(&["I want dark mode", "dark mode please", "add dark mode"]);
    items.iter_mut().for_each(|item| item.segment = Some("enterprise"));
    assert_eq!(drafted("Dark mode", &items).as_a, "enterprise customer");
    items[0].feedback.text = "As a driver, I want dark mode";
    items[1].feedback.text = "I'm a driver, dark mode please";
    assert_eq!(drafted("Dark mode", &items).as_a, "driver");
}

#[test]
fn korean_feedback_gives_a_korean_story_with_an_english_title_beside() {
    let items = items(&[
        "카드 결제가 거절돼요",
        "결제 거절 왜 이래요",
        "카드 결제 거절됨",
        "카드 결제 계속 거절",
        "card declined",
        "my card was declined",
        "card declined again",
    ]);
    let draft = drafted("카드 결제 거절", &items);
    assert_eq!(draft.as_a, "고객");
    assert_eq!(draft.i_want, "카드 결제가 거절되지 않기를 원합니다");
    assert!(draft.acceptance_criteria.iter().all(|criterion| is_korean(&criterion.text)), "{:?}", criteria(&draft));
    assert_eq!(draft.other_title.as_deref(), Some("Card declined"));
}

#[test]
fn a_theme_without_a_title_has_a_criterion_that_says_no_more_than_is_known() {
    let draft = drafted("", &items(&["my zebra limps", "purple is lovely", "where do owls sleep"]));
    assert!(!draft.i_want.is_empty() && draft.acceptance_criteria.len() <= 1);
    assert!(!["zebra", "purple", "owls"].iter().any(|word| draft.i_want.contains(word)), "{}", draft.i_want);
}

proptest! {
    #[test]
    fn any_text_can_be_drafted(text in "\\PC{0,120}|[\\x00-\\x{10ffff}]{0,60}", title in "\\PC{0,40}") {
        let feedback = FeedbackText { id: Uuid::nil(), by: Uuid::nil(), text: &text, similarity: 0.5 };
        let member = ThemeItem { feedback, kind: None, segment: None };
        let draft = drafted(&title, &[member, member]);
        prop_assert!(draft.acceptance_criteria.iter().all(|criterion| !criterion.feedback_ids.is_empty()));
    }
}

#[test]
fn what_unknown_customers_say_is_counted_by_how_often_it_was_said() {
    let mut items = items(&["card declined again", "my card is declined", "card declined in the shop"]);
    let shown = |items: &[ThemeItem<'_>]| drafted("Card declined", items).acceptance_criteria[0].text.clone();
    items[0].feedback.by = items[0].feedback.id;
    assert_eq!(shown(&items), "The card is not declined. (2 customers)");
    items.iter_mut().for_each(|item| item.feedback.by = item.feedback.id);
    assert_eq!(shown(&items), "The card is not declined. (3 times)");
}

#[test]
fn a_step_that_several_name_in_shared_words_is_a_condition() {
    let items = items(&[
        "the app crashes when I open the shop",
        "app crashes when I open the shop",
        "App crashes whenever I open the shop!",
        "the app crashes",
    ]);
    let draft = drafted("App crashes", &items);
    let conditions: Vec<&str> = draft.acceptance_criteria.iter().filter_map(|c| c.when.as_deref()).collect();
    assert_eq!(conditions, ["when i open the shop"]);
}

#[test]
fn a_purpose_that_customers_name_each_in_other_words_is_said_in_general_words() {
    let items = items(&[
        "payout is late, I pay the rent from it",
        "the payout is late and we pay suppliers from it",
        "payout late again",
    ]);
    assert_eq!(drafted("Payout is late", &items).so_that, "I can pay my bills on time");
    let one = self::items(&["payout is late, I pay the rent from it", "the payout is late", "payout late again"]);
    assert_eq!(drafted("Payout is late", &one).so_that, "");
    // What a product is about is no consequence.
    let wages =
        self::items(&["the payroll shows wrong wages", "wrong wages in the payroll", "payroll has wrong wages"]);
    assert_eq!(drafted("Wrong wages", &wages).so_that, "");
}
