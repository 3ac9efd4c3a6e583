//! Tests of copies: items with equal texts share a theme, however they arrive and however many they are, and do not
//! influence the grouping of other items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use uuid::Uuid;

use super::{Assignment, Granularity, Grouper, Kind, Settings, StoredItem, read};

const SAID: &[&str] = &[
    "my refund has not arrived",
    "when do I get my refund",
    "cannot log in to my account",
    "login fails with a wrong password",
    "please add a dark mode",
    "dark mode would be nice",
    "good",
    "nice",
    "good app",
    "ok",
    "결제가 안돼요",
    "카드 결제가 실패했어요",
    "배송이 너무 늦어요",
    "환불해 주세요",
    "👍",
];

/// The text with other case, spaces and punctuation.
fn written(text: &str, way: usize) -> String {
    match way % 6 {
        0 => text.to_owned(),
        1 => text.to_uppercase(),
        2 => format!("{text}!!"),
        3 => text.replace(' ', "  "),
        4 => format!(" \"{}\" \n", text.replace(' ', "-")),
        _ => text.replace(' ', ""),
    }
}

fn item(i: usize) -> Uuid {
    Uuid::from_u128(i as u128)
}

fn theme_ids() -> impl FnMut() -> Uuid {
    let mut next = 1 << 64;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

/// A stream of items, with everything that a server stores of it.
struct Stream {
    grouper: Grouper,
    said: Vec<(usize, String)>,
    stored: BTreeMap<usize, Assignment>,
    pinned: BTreeMap<usize, Uuid>,
}

impl Stream {
    fn new() -> Self {
        let grouper = Grouper::new(Settings::default());
        Stream { grouper, said: Vec::new(), stored: BTreeMap::new(), pinned: BTreeMap::new() }
    }

    fn arrive(&mut self, text: usize, way: usize, new_theme: &mut impl FnMut() -> Uuid) {
        let written = written(SAID[text], way);
        let number = self.said.len();
        self.stored.insert(number, self.grouper.assign(item(number), &written, new_theme));
        self.said.push((text, written));
    }

    /// Restarts the grouper from the stored data.
    fn restart(&mut self) {
        let mut again = Grouper::new(self.grouper.settings);
        for (number, Assignment { vector, neighbours, .. }) in &self.stored {
            let Some((theme, pinned)) = self.grouper.place_and_pin(item(*number)) else { continue };
            let reading = read(&self.said[*number].1);
            again.restore(StoredItem { id: item(*number), reading, external: None, vector, neighbours, theme, pinned });
        }
        self.grouper = again;
    }

    /// The themes of the copies of each text, without those that a person assigned.
    fn themes(&self) -> HashMap<usize, BTreeSet<Option<Uuid>>> {
        let mut themes: HashMap<usize, BTreeSet<Option<Uuid>>> = HashMap::new();
        for (number, (text, _)) in self.said.iter().enumerate() {
            if let Some((theme, false)) = self.grouper.place_and_pin(item(number)) {
                themes.entry(*text).or_default().insert(theme);
            }
        }
        themes
    }
}

#[derive(Clone, Debug)]
enum Act {
    /// Several items at once, as in an import.
    Arrive {
        text: usize,
        way: usize,
        times: usize,
    },
    Correct {
        from: usize,
        to: usize,
    },
    Unpin(usize),
    Remove(usize),
    /// A copy in another theme, as an older version or a crash between two parts of a refinement may have left it.
    Stray {
        from: usize,
        to: usize,
    },
    Refine(Kind),
    Set(f32),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let kind = prop_oneof![Just(Kind::Warm), Just(Kind::Cold)];
    prop_oneof![
        10 => (0..SAID.len(), 0usize..6, 1usize..30).prop_map(|(text, way, times)| Act::Arrive { text, way, times }),
        2 => (0usize..300, 0usize..300).prop_map(|(from, to)| Act::Correct { from, to }),
        1 => (0usize..300).prop_map(Act::Unpin),
        1 => (0usize..300).prop_map(Act::Remove),
        1 => (0usize..300, 0usize..300).prop_map(|(from, to)| Act::Stray { from, to }),
        4 => kind.prop_map(Act::Refine),
        1 => prop_oneof![Just(0.5f32), Just(2.0), Just(16.0), Just(128.0)].prop_map(Act::Set),
        1 => Just(Act::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn equal_texts_share_a_theme_whatever_happens(acts in proptest::collection::vec(act(), 1..60)) {
        let mut stream = Stream::new();
        let mut new_theme = theme_ids();
        // Whether a person may have separated copies since the last refinement.
        let mut parted = false;
        for act in acts {
            let place = |stream: &Stream, number| stream.grouper.theme_of(item(number));
            match act {
                Act::Arrive { text, way, times } => {
                    (0..times).for_each(|n| stream.arrive(text, way * (1 + n % 2), &mut new_theme));
                }
                Act::Correct { from, to } => {
                    if let (Some(_), Some((theme, _))) = (place(&stream, from), place(&stream, to)) {
                        stream.grouper.set_theme(item(from), theme, true);
                        stream.pinned.insert(from, theme);
                    }
                }
                Act::Unpin(number) => {
                    if let Some((theme, true)) = place(&stream, number) {
                        stream.grouper.set_theme(item(number), theme, false);
                        stream.pinned.remove(&number);
                        parted = true;
                    }
                }
                Act::Remove(number) => {
                    stream.grouper.remove(item(number));
                    stream.pinned.remove(&number);
                }
                Act::Stray { from, to } => {
                    if let (Some((_, false)), Some((theme, _))) = (place(&stream, from), place(&stream, to)) {
                        stream.grouper.set_theme(item(from), theme, false);
                        parted = true;
                    }
                }
                Act::Refine(kind) => {
                    let refinement = stream.grouper.snapshot().refine(kind, &mut new_theme);
                    stream.grouper.apply(&refinement);
                    parted = false;
                }
                Act::Set(g) => stream.grouper.set_granularity(Granularity::Fixed(g)),
                Act::Restart => stream.restart(),
            }
            for (number, theme) in &stream.pinned {
                prop_assert_eq!(stream.grouper.theme_of(item(*number)), Some((*theme, true)));
            }
            if !parted {
                for (text, themes) in stream.themes() {
                    prop_assert_eq!(themes.len(), 1, "{:?} is in {:?}", SAID[text], themes);
                }
            }
        }
    }
}

/// Sentences of several topics, all different.
fn different(count: usize) -> Vec<String> {
    let (topics, rests) = (
        ["my refund has not arrived", "login fails on", "dark mode for", "결제가 안돼요", "배송이 너무 늦어요"],
        ["monday", "my phone", "the tablet", "two weeks", "the new version", "a friend", "every page", "홈 화면"],
    );
    let number = |n: usize| (0..3).map(|at| (b'a' + (n / 26usize.pow(at) % 26) as u8) as char).collect::<String>();
    let text = |n: usize| format!("{} {} {}", topics[n % 5], rests[n / 5 % 8], number(n * 7));
    (0..count).map(text).collect()
}

/// The partition of these items: for each, the first item of its theme. One without a theme is alone in it.
fn partition(grouper: &Grouper, items: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut first: HashMap<Uuid, usize> = HashMap::new();
    let theme = |i: usize| grouper.theme_of(item(i)).map_or(item(i), |(theme, _)| theme);
    items.enumerate().map(|(at, i)| *first.entry(theme(i)).or_insert(at)).collect()
}

/// The stream with `copies` copies of one text between the other items, refined at its end.
fn with_copies(copies: usize) -> (Grouper, Vec<usize>) {
    let others = different(250);
    let mut grouper = Grouper::new(Settings::default());
    let mut new_theme = theme_ids();
    let mut distinct = Vec::new();
    let (mut number, mut copied) = (0, 0);
    for (n, text) in others.iter().enumerate() {
        distinct.push(number);
        grouper.assign(item(number), text, &mut new_theme);
        number += 1;
        while n >= 100 && copied < copies && (copied * 149 < copies * (n - 99) || n == 249) {
            if copied == 0 {
                distinct.push(number);
            }
            grouper.assign(item(number), &written("The voucher code does not work", copied), &mut new_theme);
            (number, copied) = (number + 1, copied + 1);
        }
    }
    for kind in [Kind::Cold, Kind::Warm] {
        let refinement = grouper.snapshot().refine(kind, &mut new_theme);
        grouper.apply(&refinement);
    }
    (grouper, distinct)
}

#[test]
fn ten_or_a_hundred_thousand_copies_are_as_one() {
    let (once, distinct) = with_copies(1);
    let expected = partition(&once, distinct.into_iter());
    assert!(expected.iter().collect::<BTreeSet<_>>().len() > 3, "the others are no single theme");
    for copies in [10, 10_000, 100_000] {
        let (grouper, distinct) = with_copies(copies);
        assert_eq!(grouper.len(), 250 + copies);
        assert_eq!(grouper.items.count(), 251, "in search and graph they are one");
        assert_eq!(grouper.embedder.documents(), 251, "their words are no more common for it");
        assert_eq!(partition(&grouper, distinct.iter().copied()), expected, "the others are where they were");
        let themes: BTreeSet<Uuid> = (0..grouper.len())
            .filter(|i| distinct.iter().filter(|d| **d > 101).all(|d| d != i) && *i > 101)
            .filter_map(|i| grouper.theme_of(item(i)).map(|(theme, _)| theme))
            .collect();
        assert_eq!(themes.len(), 1, "{copies} copies");
    }
}

#[test]
fn a_text_is_not_its_own_neighbour() {
    let mut grouper = Grouper::new(Settings::default());
    let mut new_theme = theme_ids();
    let texts = ["my refund has not arrived", "My refund has not arrived!", "where is my refund", "refund please"];
    let assigned: Vec<Assignment> = (0..40).map(|i| grouper.assign(item(i), texts[i % 4], &mut new_theme)).collect();
    // A copy is stored with the neighbours of its text: two others, of 18 bytes each.
    assert_eq!(assigned[37].neighbours.len(), 2 * 18);
    let near = grouper.look_up("my refund", 10);
    assert_eq!(near.items.len(), 3, "each text is shown once");
    assert!(near.items.iter().all(|found| found.id < item(4)), "the oldest of its copies");
}

#[test]
fn a_text_lives_on_in_its_copies() {
    let mut stream = Stream::new();
    let mut new_theme = theme_ids();
    (0..40).for_each(|n| stream.arrive(n % 10, n / 10, &mut new_theme));
    let before = stream.grouper.look_up("my refund has not arrived", 3);
    let first = before.items[0].id;
    // The oldest copy is removed. The next one represents the text, also after a restart.
    stream.grouper.remove(first);
    let after = stream.grouper.look_up("my refund has not arrived", 3);
    assert_eq!((after.items[0].theme, after.items[0].similarity), (before.items[0].theme, before.items[0].similarity));
    assert_ne!(after.items[0].id, first);
    stream.restart();
    assert_eq!(stream.grouper.look_up("my refund has not arrived", 3).items[0].id, after.items[0].id);
    // With the last copy the text is removed.
    (0..40).filter(|n| n % 10 == 0).for_each(|n| stream.grouper.remove(item(n)));
    assert!(stream.grouper.look_up("my refund has not arrived", 40).items.iter().all(|found| found.similarity < 0.99));
}

#[test]
fn granularity_is_chosen_from_different_texts_only() {
    let mut grouper = Grouper::new(Settings::default());
    let mut new_theme = theme_ids();
    for n in 0..600 {
        grouper.assign(item(n), &different(19)[n % 19], &mut new_theme);
    }
    assert!(grouper.snapshot().refine(Kind::Cold, &mut new_theme).choice.is_none());
    for (n, text) in different(40).iter().enumerate() {
        grouper.assign(item(1_000 + n), text, &mut new_theme);
    }
    assert!(grouper.snapshot().refine(Kind::Cold, &mut new_theme).choice.is_some());
}

#[test]
fn a_preview_shows_what_comes_out() {
    for count in [120, 400] {
        let mut grouper = Grouper::new(Settings::default());
        let mut new_theme = theme_ids();
        for (n, text) in different(count).iter().enumerate() {
            grouper.assign(item(2 * n), text, &mut new_theme);
            grouper.assign(item(2 * n + 1), &different(count)[n / 3], &mut new_theme);
        }
        let (theme, _) = grouper.theme_of(item(0)).unwrap();
        (0..5).for_each(|n| grouper.set_theme(item(20 * n), theme, true));
        let settings = [0.5, 2.0, 8.0, 64.0];
        let seen = grouper.snapshot().preview(&settings, |_| true, || true);
        for preview in seen {
            grouper.set_granularity(Granularity::Fixed(preview.granularity));
            let refinement = grouper.snapshot().refine(Kind::Cold, &mut new_theme);
            let mut after = Stream::new().grouper;
            std::mem::swap(&mut after, &mut grouper);
            let made = after.apply(&refinement);
            let sizes: Vec<usize> = after.theme_sizes().map(|(_, size)| size).filter(|size| *size > 1).collect();
            let alone = after.len() - sizes.iter().sum::<usize>();
            assert_eq!((preview.themes, preview.alone), (sizes.len(), alone), "{preview:?}");
            // Back to the state of the preview.
            made.iter().for_each(|m| after.put(m.item, m.from, false));
            grouper = after;
        }
    }
}
