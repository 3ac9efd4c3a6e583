//! Tests of the matters of themes: they are found in both languages and across them, and only where most customers speak of
//! one and want the same.

use std::collections::HashSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::case_table::CASES;
use super::cases::matter_of;
use crate::engine::text::likeness::{TABLES, lines};
use crate::engine::wording::compose::Composer;
use crate::engine::wording::keywords::{Background, FeedbackText};
use crate::engine::wording::theme_item::ThemeItem;

fn items<'a>(texts: &'a [&'a str]) -> Vec<ThemeItem<'a>> {
    let id = |n: usize| Uuid::from_u128(n as u128 + 1);
    let item = |(n, text): (usize, &&'a str)| ThemeItem {
        feedback: FeedbackText { id: id(n), by: Uuid::from_u128(1_000 + n as u128), text, similarity: 0.6 },
        kind: None,
        segment: None,
    };
    texts.iter().enumerate().map(item).collect()
}

fn matter(texts: &[&str]) -> Option<&'static str> {
    let items = items(texts);
    let theme = Composer::new(&items, true, Background::none(), &|_| false);
    matter_of(&theme).map(|found| found.case.title(false))
}

fn title(texts: &[&str]) -> String {
    Composer::new(&items(texts), true, Background::none(), &|_| false).title(&HashSet::new()).unwrap_or_default()
}

#[test]
fn customers_who_share_no_word_are_about_one_matter() {
    let late = [
        "Delivery took 95 minutes, the app said 30",
        "always late!! estimated 25 min, arrived after an hour and 10",
        "my order was over an hour late again yesterday",
        "배달 예상시간 30분이라더니 1시간 20분 걸렸어요",
    ];
    assert_eq!(matter(&late), Some("Delivery is late"));
    let crowded = [
        "Circled for half an hour and found no parking spot",
        "car park full again",
        "주차할 자리가 없어서 돌아갔어요",
        "주차장이 항상 꽉 차 있어요",
    ];
    assert_eq!(matter(&crowded), Some("No parking space"));
}

#[test]
fn a_title_in_each_language_is_of_the_same_matter() {
    let korean = ["쿠폰이 안 먹어요", "할인 코드 입력하면 오류라고 나옴", "프로모션 코드 적용이 안 되네요"];
    assert_eq!(matter(&korean), Some("Coupon cannot be applied"));
    assert_eq!(title(&korean), "쿠폰 적용 안 됨");
    let english = ["my voucher is not accepted", "promo code says invalid", "discount code does nothing at checkout"];
    assert_eq!(matter(&english), Some("Coupon cannot be applied"));
}

#[test]
fn what_customers_ask_for_is_no_failure_and_a_failure_no_request() {
    let asked = [
        "please let me cancel my order",
        "I want to cancel my order",
        "cancel order please",
        "need to cancel an order",
    ];
    assert_ne!(matter(&asked), Some("Order cannot be cancelled"));
    let broken =
        ["dark mode is broken, text is black on black", "dark mode crashes", "error when I switch to dark mode"];
    assert_ne!(matter(&broken), Some("Dark mode"));
}

#[test]
fn texts_about_nothing_in_particular_and_about_several_matters_have_none() {
    assert_eq!(matter(&["hello", "thx", "안녕하세요", "ㅋㅋㅋ"]), None);
    let mixed =
        ["my card is declined", "the driver was rude", "로그인이 안 돼요", "dark mode please", "where is my parcel"];
    assert_eq!(matter(&mixed), None);
    assert_eq!(matter(&[]), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// What customers are given in the words of the table is found again, in each language and mixed.
    #[test]
    fn the_phrases_of_a_matter_find_it(at in 0..CASES.all.len(), skip in 0usize..2) {
        let columns = TABLES.map(lines).concat()[at];
        let texts: Vec<&str> = columns[5].split("; ").skip(skip).collect();
        // Its customers may want something else by the form of these phrases, but they speak of no other matter.
        prop_assert!(matter(&texts).is_none_or(|found| found == columns[1]), "{:?} in {}", matter(&texts), columns[1]);
    }

    #[test]
    fn any_texts_have_a_matter_or_none(texts in prop::collection::vec("\\PC{0,80}|[가-힣a-z ?.]{0,60}", 0..8)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let found = matter(&texts);
        prop_assert!(found.is_none_or(|title| CASES.of_title(title).is_some()));
    }
}
