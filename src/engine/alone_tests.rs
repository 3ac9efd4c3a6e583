//! Tests of items without a theme.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use uuid::Uuid;

use super::{Assignment, Grouper, Kind, Settings, StoredItem, read};

const MATTERS: [&str; 5] =
    ["my refund has not arrived", "login fails with", "dark mode for", "결제가 안돼요", "배송이 너무 늦어요"];
const RESTS: [&str; 8] =
    ["since monday", "my phone", "the tablet", "again today", "the new version", "a friend", "every page", "홈 화면"];
/// Texts that are like nothing else here, each with a text that is like it.
const ODD: [[&str; 2]; 6] = [
    ["purple elephants dance in the volcano garden", "the purple elephants dance in a garden"],
    ["asdf qwer zxcv", "asdf qwer zxcv hjkl"],
    ["good morning have a blessed sunday", "a blessed sunday and good morning"],
    ["the river froze over in january", "in january the river froze over again"],
    ["고양이가 창문 밖을 바라본다", "고양이가 창문 밖을 오래 바라본다"],
    ["내일 비가 오면 우산을 챙기자", "내일은 비가 오니까 우산을 챙기자"],
];

fn item(number: usize) -> Uuid {
    Uuid::from_u128(number as u128)
}

fn theme_ids() -> impl FnMut() -> Uuid {
    let mut next = 1 << 64;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn usual(number: usize) -> String {
    let letter = |at: u32| (b'a' + (number * 7 / 26usize.pow(at) % 26) as u8) as char;
    format!("{} {} {}{}", MATTERS[number % 5], RESTS[number / 5 % 8], letter(0), letter(1))
}

fn product(items: usize, new_theme: &mut impl FnMut() -> Uuid) -> Grouper {
    let mut grouper = Grouper::new(Settings::default());
    (0..items).for_each(|n| drop(grouper.assign(item(n), &usual(n), &mut *new_theme)));
    refine(&mut grouper, Kind::Cold, new_theme);
    grouper
}

fn refine(grouper: &mut Grouper, kind: Kind, new_theme: &mut impl FnMut() -> Uuid) {
    let refinement = grouper.snapshot().refine(kind, new_theme);
    grouper.apply(&refinement);
}

#[test]
fn what_is_near_nothing_has_no_theme_until_its_like_takes_it_along() {
    let mut new_theme = theme_ids();
    // 200 items, because an odd text is told from the others only once the mean of all texts in its language is known.
    let mut grouper = product(200, &mut new_theme);
    for (n, [odd, like]) in ODD.into_iter().take(5).enumerate() {
        let (first, second) = (item(1_000 + n), item(2_000 + n));
        let arrived = grouper.assign(first, odd, &mut new_theme);
        assert_eq!((arrived.theme, arrived.is_new, arrived.taken), (None, false, None), "{odd}");
        assert_eq!((grouper.theme_of(first), grouper.place_and_pin(first)), (None, Some((None, false))));
        let found = grouper.look_up(odd, 5);
        assert_eq!((found.items[0].id, found.items[0].theme), (first, None), "it is found all the same");
        let sizes: Vec<Uuid> = grouper.theme_sizes().map(|(theme, _)| theme).collect();
        assert!(found.themes.iter().all(|(theme, _)| sizes.contains(theme)), "its place is no theme");

        let arrived = grouper.assign(second, like, &mut new_theme);
        assert_eq!((arrived.is_new, arrived.taken), (true, Some(first)), "{like}");
        assert_eq!(grouper.theme_of(first), grouper.theme_of(second));
        assert_eq!(grouper.theme_of(first).map(|(theme, _)| Some(theme)), Some(arrived.theme));
    }
    assert_eq!(grouper.len(), 210);
}

#[test]
fn the_first_items_of_a_product_show_themes_at_once() {
    let mut new_theme = theme_ids();
    let mut grouper = Grouper::new(Settings::default());
    for (n, [odd, _]) in ODD.into_iter().enumerate() {
        assert!(grouper.assign(item(n), odd, &mut new_theme).theme.is_some());
    }
    refine(&mut grouper, Kind::Cold, &mut new_theme);
    assert!((0..ODD.len()).all(|n| grouper.theme_of(item(n)).is_some()));
}

#[test]
fn a_copy_takes_an_item_along_and_a_person_puts_it_anywhere() {
    let mut new_theme = theme_ids();
    let mut grouper = product(60, &mut new_theme);
    let [(copied, again), (moved, _)] = [(100, 101), (102, 103)].map(|(a, b)| (item(a), item(b)));
    grouper.assign(copied, ODD[0][0], &mut new_theme);
    let arrived = grouper.assign(again, &ODD[0][0].to_uppercase(), &mut new_theme);
    assert_eq!((arrived.is_new, arrived.taken), (true, Some(copied)));

    grouper.assign(moved, ODD[3][0], &mut new_theme);
    let (theme, _) = grouper.theme_of(item(0)).unwrap();
    grouper.set_theme(moved, theme, true);
    for kind in [Kind::Warm, Kind::Cold] {
        refine(&mut grouper, kind, &mut new_theme);
        assert_eq!(grouper.theme_of(moved), Some((theme, true)), "a refinement leaves it there");
        assert_eq!(grouper.theme_of(copied), grouper.theme_of(again));
    }
    grouper.set_alone(moved);
    assert_eq!((grouper.place_and_pin(moved), grouper.len()), (Some((None, false)), 63));
    grouper.remove(moved);
    assert_eq!((grouper.holds(moved), grouper.len()), (false, 62));
}

/// A product whose texts are all about something, with strange texts in two languages between them.
#[test]
fn a_refinement_leaves_out_what_is_near_nothing_and_hardly_anything_else() {
    let mut new_theme = theme_ids();
    let mut grouper = product(600, &mut new_theme);
    ODD.iter().enumerate().for_each(|(n, [odd, _])| drop(grouper.assign(item(1_000 + n), odd, &mut new_theme)));
    // As an older version left them: each in the largest theme.
    let (largest, _) = grouper.theme_sizes().max_by_key(|(_, size)| *size).unwrap();
    (0..ODD.len()).for_each(|n| grouper.set_theme(item(1_000 + n), largest, false));
    refine(&mut grouper, Kind::Cold, &mut new_theme);
    let alone = |id: Uuid| grouper.theme_of(id).is_none();
    let odd = (0..ODD.len()).filter(|n| alone(item(1_000 + n))).count();
    assert!(odd >= 5, "{odd} of {} are left out", ODD.len());
    let usual = (0..600).filter(|n| alone(item(*n))).count();
    assert!(usual <= 18, "{usual} of 600 are left out");
}

#[derive(Clone, Debug)]
enum Act {
    Arrive(usize),
    Odd(usize, bool),
    Correct(usize, usize),
    Remove(usize),
    Refine(Kind),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0usize..400).prop_map(Act::Arrive),
        6 => (0..ODD.len(), any::<bool>()).prop_map(|(odd, like)| Act::Odd(odd, like)),
        2 => (0usize..200, 0usize..200).prop_map(|(a, b)| Act::Correct(a, b)),
        2 => (0usize..200).prop_map(Act::Remove),
        2 => prop_oneof![Just(Kind::Warm), Just(Kind::Cold)].prop_map(Act::Refine),
        1 => Just(Act::Restart),
    ]
}

/// The grouper anew from what was stored.
fn restarted(grouper: &Grouper, stored: &BTreeMap<usize, (String, Assignment)>) -> Grouper {
    let mut again = Grouper::new(Settings::default());
    for (number, (text, Assignment { vector, neighbours, .. })) in stored {
        if let Some((theme, pinned)) = grouper.place_and_pin(item(*number)) {
            let reading = read(text);
            again.restore(StoredItem { id: item(*number), reading, external: None, vector, neighbours, theme, pinned });
        }
    }
    again
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn items_without_a_theme_are_counted_kept_and_never_a_theme(acts in proptest::collection::vec(act(), 1..90)) {
        let mut new_theme = theme_ids();
        let mut grouper = product(60, &mut new_theme);
        let mut stored = BTreeMap::new();
        let mut decided: HashMap<Uuid, Uuid> = HashMap::new();
        let mut next = 60;
        for act in acts {
            let text = match &act {
                Act::Arrive(n) => Some(usual(*n)),
                Act::Odd(n, like) => Some(ODD[*n][usize::from(*like)].to_owned()),
                _ => None,
            };
            if let Some(text) = text {
                let arrived = grouper.assign(item(next), &text, &mut new_theme);
                prop_assert_eq!(arrived.theme.is_none(), grouper.theme_of(item(next)).is_none());
                prop_assert!(arrived.taken.is_none_or(|taken| grouper.theme_of(taken) == grouper.theme_of(item(next))));
                stored.insert(next, (text, arrived));
                next += 1;
            }
            match act {
                Act::Correct(a, b) => {
                    if let (true, Some((theme, _))) = (grouper.holds(item(a)), grouper.theme_of(item(b))) {
                        grouper.set_theme(item(a), theme, true);
                        decided.insert(item(a), theme);
                    }
                }
                Act::Remove(a) => {
                    grouper.remove(item(a));
                    decided.remove(&item(a));
                }
                Act::Refine(kind) => refine(&mut grouper, kind, &mut new_theme),
                Act::Restart => {
                    for n in 0..60 {
                        // What was there at the beginning is not in the store of this test.
                        if grouper.holds(item(n)) && !stored.contains_key(&n) {
                            let (text, place) = (usual(n), grouper.place_and_pin(item(n)));
                            let arrived = grouper.assign(item(n), &text, &mut new_theme);
                            let (theme, pinned) = place.unwrap_or_default();
                            grouper.put(item(n), theme, pinned);
                            stored.insert(n, (text, arrived));
                        }
                    }
                    let again = restarted(&grouper, &stored);
                    for n in 0..next {
                        prop_assert_eq!(grouper.place_and_pin(item(n)), again.place_and_pin(item(n)));
                    }
                    let sorted = |g: &Grouper| g.theme_sizes().collect::<BTreeMap<_, _>>();
                    prop_assert_eq!(sorted(&grouper), sorted(&again));
                    grouper = again;
                }
                Act::Arrive(_) | Act::Odd(..) => {}
            }
            let held: Vec<Uuid> = (0..next).map(item).filter(|id| grouper.holds(*id)).collect();
            let alone = held.iter().filter(|id| grouper.theme_of(**id).is_none()).count();
            prop_assert_eq!(grouper.len(), held.len());
            prop_assert_eq!(grouper.theme_sizes().map(|(_, size)| size).sum::<usize>() + alone, held.len());
            for (id, theme) in &decided {
                prop_assert_eq!(grouper.theme_of(*id), Some((*theme, true)));
            }
        }
    }
}
