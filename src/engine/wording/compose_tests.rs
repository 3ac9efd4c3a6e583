//! Tests of titles: no title quotes a single person, whatever the texts say, and titles name the subject.

use std::collections::{BTreeSet, HashSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::compose::Composer;
use super::general::case_table::CASES;
use super::general::tables::says;
use super::keywords::{Background, FeedbackText};
use super::same_meaning::{are_alike, written};
use super::theme_item::ThemeItem;
use crate::engine::text::tokens::{NEGATIONS, is_function, stem};

fn items<'a>(texts: &'a [(u128, String)]) -> Vec<ThemeItem<'a>> {
    let item = |(n, (by, text)): (usize, &'a (u128, String))| ThemeItem {
        feedback: FeedbackText {
            id: Uuid::from_u128(n as u128 + 1),
            by: Uuid::from_u128(1000 + by),
            text,
            similarity: 0.6,
        },
        kind: None,
        segment: None,
    };
    texts.iter().enumerate().map(item).collect()
}

fn title(texts: &[(u128, String)], is_name: &dyn Fn(&str) -> bool) -> Option<String> {
    Composer::new(&items(texts), true, Background::none(), is_name).title(&HashSet::new())
}

fn all(texts: &[&str]) -> Vec<(u128, String)> {
    texts.iter().enumerate().map(|(n, text)| (n as u128, (*text).to_owned())).collect()
}

fn title_of(texts: &[&str]) -> String {
    title(&all(texts), &|_| false).unwrap_or_default()
}

#[test]
fn a_title_names_the_matter_without_what_one_person_said_of_themselves() {
    let refunds = [
        "Refund to jane.doe@example.com still missing, call 010-1234-5678",
        "Refund to jane.doe@example.com still missing, call me",
        "My refund to jane.doe@example.com is still missing",
        "Refund still missing, jane.doe@example.com",
        "Refund to jane.doe@example.com still missing",
    ];
    assert_eq!(title_of(&refunds), "Refund is missing");
    let crashes = [
        "App crashes at start",
        "App crashes when I open it",
        "The app crashes at start since Monday",
        "Crashes at start again",
        "App crashed at start",
    ];
    assert_eq!(title_of(&crashes), "App crashes at start");
    let korean = [
        "김서연(010-2345-6789)인데 지문 등록 화면이 멈춥니다",
        "지문 등록 화면이 멈춰요",
        "지문 등록하는 화면에서 멈춤",
        "지문 등록 화면이 멈췄어요 도와주세요",
    ];
    assert_eq!(title_of(&korean), "지문 등록 화면 멈춤");
    assert_eq!(title_of(&["정산이 늦어요", "정산 지연이 너무 잦아요", "정산이 또 늦네요"]), "정산 지연");
    assert_eq!(
        title_of(&["인증번호 문자가 안 와요", "인증번호 문자 안와요", "인증번호 문자가 오지 않아요"]),
        "인증번호 문자 안 옴"
    );
}

#[test]
fn the_last_syllable_of_a_noun_is_no_particle() {
    assert!(
        title_of(&["이체한도 늘려주세요", "이체한도 올려 주세요", "이체한도를 늘려 주세요"]).starts_with("이체한도")
    );
    assert!(
        title_of(&["와이파이 연결 실패", "와이파이 연결 실패해요", "와이파이가 연결 실패"]).starts_with("와이파이")
    );
}

#[test]
fn english_titles_are_short_clauses_in_the_wording_of_a_colleague() {
    let said_alike = |texts: [&str; 3]| title_of(&texts);
    for (texts, expected) in [
        (
            ["my refund still hasnt arrived", "refund has not arrived yet!", "The refund hasn't arrived on my card"],
            "Refund has not arrived",
        ),
        (
            [
                "app wont open after update",
                "The app doesn't open after the update",
                "after the update my app won't open",
            ],
            "App does not open after update",
        ),
        (["how do i change my address", "I need to change my address", "can you change my address?"], "Change address"),
        (["i was charged twice", "why was I charged twice??", "got charged twice again"], "Charged twice"),
        (["I haven't received my order", "order not received", "we did not receive our order"], "Order not received"),
        (
            ["i cant log in to my account", "cannot log in to the account", "can't log in to account"],
            "Cannot log in to account",
        ),
        (["The font is too small", "font's ok but font is too small for me", "font too small"], "Font is too small"),
        (
            ["they forgot my drinks, drinks missing", "two drinks missing", "my drinks are missing"],
            "Drinks are missing",
        ),
    ] {
        assert_eq!(said_alike(texts), expected, "{texts:?}");
    }
}

#[test]
fn korean_titles_say_what_is_wrong_and_what_is_wanted() {
    let titles = [
        (["강의 영상이 자꾸 끊겨요", "강의 영상 끊김이 심해요", "강의 영상이 끊겨서 공부를 못 해요"], "강의 영상 끊김"),
        (["쿠폰 적용이 안 돼요", "쿠폰이 적용되지 않아요", "쿠폰 적용이 안됨"], "쿠폰 적용 안 됨"),
        (["패치 후에 게임이 꺼져요", "패치 후 게임이 꺼짐", "패치하고 나서 게임이 꺼집니다"], "패치 후 게임 꺼짐"),
        (["배달이 너무 늦어요", "배달 지연이 잦아요", "배달이 아직 안 왔어요"], "배달 지연"),
        (["가족 등록 추가해 주세요", "가족 등록 기능 만들어 주세요", "가족 등록 있으면 좋겠어요"], "가족 등록 요청"),
        (["계정 연동은 어떻게 하나요", "계정 연동 어디서 해요?", "계정 연동이 궁금해요"], "계정 연동 문의"),
        (["예약 알림이 안 와요", "예약 알림이 오지 않아요", "예약 알림 안 옵니다"], "예약 알림 안 옴"),
    ];
    for (texts, expected) in titles {
        assert_eq!(title_of(&texts), expected);
    }
}

#[test]
fn other_languages_are_not_inflected_as_english() {
    let texts =
        ["App stürzt nach dem Update ab", "die App stürzt nach dem Update immer ab", "App stürzt nach dem Update ab!"];
    assert!(!title_of(&texts).contains("stürzts"), "{}", title_of(&texts));
}

/// A noun that nobody uses as a verb is not inflected as one: there is no "apped".
#[test]
fn a_noun_after_a_negation_stays_a_noun() {
    let texts = ["refund", "not app the 환불이 the", "환불이 refunds", "app"];
    assert!(!title_of(&texts).contains("apped"), "{}", title_of(&texts));
}

#[test]
fn names_of_known_people_stand_in_no_title() {
    let texts = ["Marta refund missing", "refund missing says Marta", "Marta: refund missing", "refund missing Marta"];
    let found = title(&all(&texts), &|word| word == "marta").unwrap_or_default();
    assert_eq!(found, "Refund is missing");
}

#[test]
fn one_customer_is_one_however_often_they_say_it() {
    let mut texts: Vec<(u128, String)> = (0..9).map(|_| (1, "my landlord stole the parcel".to_owned())).collect();
    texts.push((2, "something else entirely".to_owned()));
    assert_eq!(title(&texts, &|_| false), None);
}

#[test]
fn numbers_stand_in_a_title_only_where_they_are_shared() {
    let texts = ["App crashes after update 4.2", "app crashes after the 4.2 update", "crashes after update 4.2 always"];
    assert_eq!(title_of(&texts), "App crashes after 4.2 update");
    assert!(!title_of(&["order 5531 missing", "order 77 missing", "order 12 missing"]).contains(char::is_numeric));
}

/// A title of a theme whose items have this kind.
fn title_of_kind(kind: &'static str, texts: &[&str]) -> String {
    let texts = all(texts);
    let mut items = items(&texts);
    items.iter_mut().for_each(|item| item.kind = Some(kind));
    Composer::new(&items, true, Background::none(), &|_| false).title(&HashSet::new()).unwrap_or_default()
}

#[test]
fn what_is_said_in_different_words_is_titled_in_general_words() {
    let wrong = ["the odometer shows a wrong value", "my odometer is incorrect", "odometer does not match the mileage"];
    assert_eq!(title_of_kind("bug", &wrong), "Odometer is wrong");
    assert_eq!(title_of_kind("bug", &["소포가 너무 늦게 와요", "택배 언제 오나요 너무 늦네요"]), "배송 지연");
    assert_eq!(title_of_kind("bug", &["courier never came, still waiting", "parcel is late"]), "Delivery is late");
    assert_eq!(title_of_kind("request", &["a night theme please", "make it dark in the evening"]), "Dark mode");
    assert_eq!(title_of_kind("bug", &["it squeaks", "the handle fell off"]), "");
}

#[test]
fn users_of_words_of_the_same_meaning_in_both_languages_count_together() {
    let pets = [
        "please add a filter by pets",
        "would be nice to filter by pets",
        "강아지 필터 추가해 주세요",
        "let me look for hotels which take my dog",
        "애견 필터가 있으면 좋겠어요",
    ];
    assert_eq!(title_of_kind("request", &pets), "Filter by pets");
}

#[test]
fn what_is_wrong_is_said_of_the_thing_nearest_to_it() {
    let receipts = [
        "scanning receipts makes the app crash",
        "App crashes on every receipt",
        "영수증 찍으면 앱이 꺼져요",
        "the app crashed while I took a receipt",
        "영수증 촬영하면 앱이 꺼집니다",
    ];
    assert!(!title_of_kind("bug", &receipts).starts_with("Receipt"), "{}", title_of_kind("bug", &receipts));
    let prices = ["too expensive for a freelancer", "pricey", "that is way overpriced", "비싸요"];
    assert_eq!(title_of_kind("complaint", &prices), "Price is too high");
}

#[test]
fn a_title_is_in_the_language_in_which_it_says_what_is_wrong() {
    let texts = [
        "Ledger and zebra",
        "ledger with giraffe",
        "my ledger, a lion",
        "ledger tiger there",
        "장부 저장이 안 돼요",
        "장부 저장 안 됨",
        "장부가 저장이 안됩니다",
    ];
    assert_eq!(title_of_kind("bug", &texts), "장부 저장 안 됨");
}

/// The words that this program adds to titles.
#[rustfmt::skip]
const OWN: &[&str] = &[
    "problem", "request", "question", "praise", "feedback", "with", "about", "for", "관련", "문제", "요청", "문의", "칭찬", "의견",
    "안", "됨", "옴", "멈춤", "지연",
];

/// How many customers must have used a word.
fn needed(customers: usize) -> usize {
    if customers >= 6 { 3 } else { customers.div_ceil(2).max(2) }
}

/// How many customers use a word or another of the same meaning.
fn alike(word: &str, texts: &[(u128, String)]) -> usize {
    let meant = written(word);
    let is_like = |other: &str| stem(&other.to_lowercase()) == stem(word) || are_alike(&meant, &written(other));
    let said = texts.iter().filter(|(_, text)| text.split_whitespace().any(is_like));
    said.map(|(by, _)| *by).collect::<BTreeSet<_>>().len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_title_holds_a_word_that_too_few_customers_used(
        texts in prop::collection::vec(
            (0u128..8, prop::collection::vec(prop::sample::select(VOCABULARY), 1..9), any::<bool>()), 1..30)
    ) {
        let texts: Vec<(u128, String)> = texts
            .into_iter()
            .map(|(by, mut words, signs)| {
                let own = format!("secret{}", ["a", "b", "c", "d", "e", "f", "g", "h"][by as usize]);
                if signs { words.push(&own) }
                (by, words.join(" "))
            })
            .collect();
        let customers: BTreeSet<u128> = texts.iter().map(|(by, _)| *by).collect();
        let composer = Composer::new(&items(&texts), true, Background::none(), &|_| false);
        let shown = composer.title(&HashSet::new()).unwrap_or_default();
        let used = |word: &str| -> usize {
            let by: BTreeSet<u128> = texts
                .iter()
                .filter(|(_, text)| text.split_whitespace().any(|other| {
                    stem(&other.to_lowercase()) == stem(word) || (!word.is_ascii() && other.contains(word))
                }))
                .map(|(by, _)| *by)
                .collect();
            by.len()
        };
        // A title of the table quotes nobody, whatever its words.
        let composed = if CASES.of_title(&shown).is_some() { "" } else { shown.as_str() };
        let words: Vec<String> =
            composed.to_lowercase().split_whitespace().chain(composer.keywords(8).iter().map(String::as_str)).map(str::to_owned).collect();
        for word in words.iter().filter(|word| !is_function(word) && !NEGATIONS.contains(&word.as_str())) {
            // A general word stands for what enough customers said in words of their own.
            let general = texts.iter().filter(|(_, text)| says(word, text)).map(|(by, _)| *by).collect::<BTreeSet<_>>();
            let is_own = OWN.contains(&word.as_str()) || general.len() >= needed(customers.len());
            // So do two customers who use it, with those who use another word of the same meaning.
            let alike = used(word) >= 2 && alike(word, &texts) >= needed(customers.len());
            prop_assert!(is_own || alike || used(word) >= needed(customers.len()), "{} in {:?} of {:?}", word, shown, texts);
        }
        prop_assert!(!shown.contains("secret") || texts.is_empty());
    }

    #[test]
    fn any_text_gives_a_short_title_or_none(text in "\\PC{0,200}|[\\x00-\\x{10ffff}]{0,80}") {
        let texts: Vec<(u128, String)> = (0..4).map(|by| (by, text.clone())).collect();
        let shown = title(&texts, &|_| false).unwrap_or_default();
        prop_assert!(shown.chars().count() <= 80, "{}", shown);
    }
}

const VOCABULARY: &[&str] = &[
    "refund",
    "refunds",
    "app",
    "crashes",
    "crashed",
    "start",
    "card",
    "declined",
    "the",
    "is",
    "not",
    "my",
    "a",
    "login",
    "missing",
    "payment",
    "and",
    "to",
    "환불이",
    "환불",
    "결제가",
    "결제",
    "안",
    "돼요",
    "멈춰요",
    "늦어요",
    "화면",
    "화면이",
    "카드",
];

/// Long texts in which every word is shared need the most comparisons.
#[test]
fn a_title_of_long_letters_costs_no_more_than_one_of_their_beginnings() {
    let words: Vec<String> = (0..300).map(|n| format!("w{}k{}", n % 17, n)).collect();
    let letter = |n: usize, length: usize| {
        let word = |i: usize| words[(n * 7_919 + i * i * 31 + i) % words.len()].as_str();
        ((n as u128), (0..length).map(word).collect::<Vec<_>>().join(" "))
    };
    let took = |length: usize| {
        let letters: Vec<_> = (0..40).map(|n| letter(n, length)).collect();
        let started = std::time::Instant::now();
        assert!(title(&letters, &|_| false).is_some());
        started.elapsed()
    };
    let (short, long) = (took(200), took(4_000));
    assert!(long < 4 * short, "{short:?}, {long:?}");
}
