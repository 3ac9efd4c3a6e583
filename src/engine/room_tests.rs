//! Tests of a large product: its state in files, and refinements that read only its newest texts.

use std::sync::Arc;

use uuid::Uuid;

use super::{Grouper, Kind, Room, Settings};

const SAID: &[(&str, &[&str])] = &[
    (
        "refund",
        &["my refund has not arrived", "when do I get my refund", "환불이 아직 안 들어왔어요", "환불 언제 되나요"],
    ),
    ("login", &["cannot log in to my account", "login fails every time", "로그인이 안 돼요", "로그인 오류가 나요"]),
    (
        "dark",
        &["please add a dark mode", "the screen needs a dark theme", "다크 모드 추가해 주세요", "어두운 화면 원해요"],
    ),
];

fn text(n: usize) -> String {
    let extras = ["", " please", " today", " again", " on my phone", " since monday", " 부탁드려요", " 어제부터"];
    let (_, said) = SAID[n % SAID.len()];
    format!("{} {}{}", said[n / 3 % said.len()], n / 12, extras[n / 5 % extras.len()])
}

fn item(n: usize) -> Uuid {
    Uuid::from_u128(n as u128 + 1)
}

fn new_themes() -> impl FnMut() -> Uuid {
    let mut next = 1 << 64;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

/// What a grouper makes of a stream: all that it says on arrival, the moves of each refinement, and a look-up.
fn told(mut grouper: Grouper, count: usize) -> Vec<String> {
    let mut new_theme = new_themes();
    let mut told = Vec::new();
    for n in 0..count {
        told.push(format!("{:?}", grouper.assign(item(n), &text(n), &mut new_theme)));
        if let Some(kind) = grouper.refinement_due() {
            let refinement = grouper.snapshot().refine(kind, &mut new_theme);
            told.push(format!("{:?}", grouper.apply(&refinement)));
        }
    }
    grouper.remove(item(3));
    told.push(format!("{:?}", grouper.nearest("refund please", 20)));
    told
}

#[test]
fn state_in_files_gives_the_same_themes_as_state_in_memory() {
    let room = Room::of_files();
    let grouper = Grouper::within(&room);
    let in_files = told(grouper, 260);
    assert_eq!(in_files, told(Grouper::new(Settings::default()), 260));
    let ample = Room::new(usize::MAX, std::env::temp_dir());
    let grouper = Grouper::within(&ample);
    assert_eq!(Arc::strong_count(&ample), 1 + 7, "the large arrays are counted in it");
    assert_eq!(in_files, told(grouper, 260));
    assert_eq!((room.in_files(), ample.in_memory()), (0, 0), "what is dropped is given back");
}

#[test]
fn a_refinement_of_the_newest_texts_leaves_the_older_ones_where_they_are() {
    let (count, newest) = (400, 250);
    let mut grouper = Grouper::new(Settings::default());
    for n in 0..count {
        grouper.assign(item(n), &text(n), || Uuid::from_u128(9000 + n as u128));
        grouper.set_theme(item(n), Uuid::from_u128(5000 + (n as u128 / 7) % 4), false); // nonsense themes
    }
    // A person's decision about an older text and about a newer one.
    let (decided, older) = (Uuid::from_u128(7777), count - newest);
    grouper.set_theme(item(1), decided, true);
    grouper.set_theme(item(older + 2), decided, true);
    let before: Vec<_> = (0..count).map(|n| grouper.place_and_pin(item(n))).collect();
    let sizes = grouper.theme_sizes().count();

    let refinement = grouper.newest(newest).refine(Kind::Cold, new_themes());
    assert_eq!((refinement.items, refinement.themes.0), (count, sizes), "all items count, read or not");
    let made = grouper.apply(&refinement);
    assert!(made.len() > newest / 3 && made.len() == refinement.moves.len());
    for n in (0..older).chain([older + 2]) {
        assert_eq!(grouper.place_and_pin(item(n)), before[n], "{n}");
    }
    assert_eq!(refinement.themes.1, grouper.theme_sizes().count());

    let theme = |n: usize| grouper.theme_of(item(n)).map(|(theme, _)| theme);
    let pairs = (older..count).filter(|n| *n != older + 2).flat_map(|a| (older..a).map(move |b| (a, b)));
    let together = pairs.filter(|(a, b)| theme(*a).is_some() && theme(*a) == theme(*b));
    let (mut like, mut all) = (0, 0);
    together.for_each(|(a, b)| (like, all) = (like + usize::from(a % 3 == b % 3), all + 1));
    assert!(all > 0 && like as f32 > 0.8 * all as f32, "{like} of {all} pairs are of one matter");
}
