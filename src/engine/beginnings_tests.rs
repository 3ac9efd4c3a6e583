//! Tests of products with little feedback, of texts that belong to nothing, and of streams without themes.

use uuid::Uuid;

use super::measure::replay::Replay;
use super::{Grouper, Kind, Settings};

const REFUND: [&str; 10] = [
    "my refund has not arrived",
    "when do I get my refund",
    "the refund is still missing",
    "waiting for the refund since two weeks",
    "refund not received yet",
    "how long does a refund take",
    "I never got my money back, refund please",
    "refund still pending",
    "no refund on my account",
    "where is my refund",
];
const LOGIN: [&str; 10] = [
    "cannot log in to my account",
    "login fails with a wrong password",
    "log in does not work",
    "I am locked out and cannot log in",
    "the login page says wrong password",
    "login broken since the update",
    "unable to log in on my phone",
    "log in error again",
    "my account login is blocked",
    "it does not let me log in",
];
const DARK: [&str; 10] = [
    "please add a dark mode",
    "dark mode would be nice",
    "a dark theme for the night please",
    "is there a dark mode",
    "the white screen hurts, add dark mode",
    "dark mode for the app",
    "I want a dark theme",
    "night mode or dark mode please",
    "dark mode is missing",
    "when does dark mode come",
];
const DELIVERY: [&str; 10] = [
    "배송이 언제 오나요",
    "배송이 너무 늦어요",
    "주문한 상품 배송 조회가 안됩니다",
    "배송 지연 문의드립니다",
    "배송이 아직도 안 왔어요",
    "배송 상태가 안 바뀌어요",
    "배송이 며칠 걸리나요",
    "배송 기사님이 안 오셨어요",
    "배송 언제 출발하나요",
    "늦은 배송 때문에 화가 나요",
];

/// The themes of a stream that ends with a refinement, as after an import.
fn themes(texts: &[&str]) -> Vec<Uuid> {
    let mut replay = Replay::new(Settings::default());
    texts.iter().for_each(|text| replay.take(text));
    replay.end();
    replay.themes()
}

fn count(themes: &[Uuid], from: usize) -> usize {
    let mut distinct = themes.to_vec();
    distinct.sort_unstable();
    distinct.chunk_by(|a, b| a == b).filter(|theme| theme.len() >= from).count()
}

#[test]
fn a_few_texts_about_a_few_matters_make_a_few_themes() {
    for (matters, each) in [(2, 5), (2, 10), (3, 6), (4, 6), (4, 10)] {
        let matter = [REFUND, DELIVERY, LOGIN, DARK];
        let texts: Vec<&str> = (0..each).flat_map(|n| matter[..matters].iter().map(move |said| said[n])).collect();
        let themes = themes(&texts);
        let found = count(&themes, 1);
        assert!((matters..=matters + 2).contains(&found), "{found} themes for {matters} matters of {each} texts");
        let mixed = (0..texts.len()).any(|a| (0..a).any(|b| a % matters != b % matters && themes[a] == themes[b]));
        assert!(!mixed, "{matters} matters of {each} texts: {themes:?}");
    }
}

#[test]
fn an_item_without_neighbours_is_alone_until_a_similar_one_arrives() {
    let mut texts: Vec<String> = Vec::new();
    for extra in ["", " today", " on my phone", " since monday"] {
        texts.extend((0..10).flat_map(|n| [REFUND, LOGIN, DARK].map(|said| format!("{}{extra}", said[n]))));
    }
    let odd = texts.len() / 2;
    texts.insert(odd, "purple elephants dance in the volcano garden".to_owned());
    let mut grouper = Grouper::new(Settings::default());
    let mut next = 0;
    let mut new_theme = || {
        next += 1;
        Uuid::from_u128(1 << 64 | next)
    };
    let id = |n: usize| Uuid::from_u128(n as u128);
    texts.iter().enumerate().for_each(|(n, text)| drop(grouper.assign(id(n), text, &mut new_theme)));
    let mut alone = || {
        let refinement = grouper.snapshot().refine(Kind::Cold, &mut new_theme);
        grouper.apply(&refinement);
        let theme = grouper.theme_of(id(odd)).map(|(theme, _)| theme);
        (0..grouper.len()).filter(|n| grouper.theme_of(id(*n)).map(|(theme, _)| theme) == theme).count()
    };
    assert_eq!(alone(), 1);
    assert_eq!(alone(), 1, "another refinement changes nothing");
    assert_eq!(grouper.place_and_pin(id(odd)), Some((None, false)), "it has no theme");
    for (n, text) in
        ["purple elephants in the garden", "elephants dance in a volcano", "the purple elephants dance again"]
            .iter()
            .enumerate()
    {
        grouper.assign(id(texts.len() + n), text, || Uuid::from_u128(2 << 64 | n as u128));
    }
    let mut new_theme = || Uuid::from_u128(3 << 64);
    let refinement = grouper.snapshot().refine(Kind::Cold, &mut new_theme);
    grouper.apply(&refinement);
    let theme = grouper.theme_of(id(odd)).map(|(theme, _)| theme);
    let with_it = (texts.len()..texts.len() + 3).filter(|n| grouper.theme_of(id(*n)).map(|(theme, _)| theme) == theme);
    assert!(with_it.count() >= 2, "its like has come");
}

/// Texts of random words have no themes: they get a few dozen, as people would read them, not hundreds.
#[test]
fn random_words_get_few_themes() {
    let words: Vec<&str> = "account address answer app apple bank battery book bottle box bridge button car card chair \
        city clock cloud coffee color computer copy door dream engine family farm field fire fish floor flower forest \
        friend garden glass gold hand hat history horse house ice idea island jacket key kitchen lake lamp letter light \
        lunch machine map market milk mirror money moon morning mountain music name night ocean office orange paper park \
        pen phone picture plane plant price queen question radio rain river road rock roof salt school sea shirt shoe \
        snow song spring star stone street sugar summer table tea ticket tower train tree valley village voice wall \
        water week wheel window winter wood word yard"
        .split_whitespace()
        .collect();
    let mut state = 7u64;
    let mut number = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for items in [150, 800_u32] {
        let texts: Vec<String> = (0..items)
            .map(|_| (0..5 + number(4)).map(|_| words[number(words.len())]).collect::<Vec<_>>().join(" "))
            .collect();
        let found = count(&themes(&texts.iter().map(String::as_str).collect::<Vec<_>>()), 2);
        let few = (2.5 * f64::from(items).sqrt()) as usize;
        assert!(found <= few, "{found} themes of {items} items");
    }
}
