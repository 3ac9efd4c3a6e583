//! Tests of the whole engine as users see it: streams of texts in, themes out.

use proptest::prelude::*;
use uuid::Uuid;

use super::{Assignment, Grouper, Kind, Preview, Settings, StoredItem, read};

const TOPICS: &[(&str, &[&str])] = &[
    (
        "refund",
        &["my refund has not arrived", "when do I get my refund", "refund still missing", "waiting for the refund"],
    ),
    (
        "login",
        &["cannot log in to my account", "login fails with a wrong password", "log in does not work", "login broken"],
    ),
    (
        "dark",
        &["please add a dark mode", "dark mode would be nice", "the screen needs a dark theme", "dark mode at night"],
    ),
    ("결제", &["결제가 안돼요", "결제를 하면 오류가 나요", "카드 결제가 실패했어요", "결제 오류 고쳐주세요"]),
    ("배송", &["배송이 언제 오나요", "배송이 너무 늦어요", "주문한 상품 배송 조회가 안됩니다", "배송 지연 문의"]),
];

/// A stream in which each topic occurs in turn, each time with small variations.
fn stream(items: usize) -> Vec<(usize, String)> {
    let extras = ["", " please", " today", " again", " on my phone", " since monday", " for two weeks"];
    let item = |i: usize| {
        let (topic, phrases) = (i * 7 % TOPICS.len(), TOPICS[i * 7 % TOPICS.len()].1);
        (topic, format!("{}{}", phrases[i / 5 % phrases.len()], extras[i / 3 % extras.len()]))
    };
    (0..items).map(item).collect()
}

/// Texts of one matter in two wordings stay together while there are too few to choose a granularity from.
#[test]
fn a_few_texts_about_two_matters_make_two_themes() {
    let said = "App crashes at start|App crashes when I open it|The app crashes at start since Monday|\
                Crashes at start again|App crashed at start|Refund still missing, call me|My refund is still missing|\
                Refund still missing|Refund still missing, please|Still missing: the refund";
    let (mut grouper, _) = run(&said.split('|').map(|text| (0, text.to_owned())).collect::<Vec<_>>());
    let mut new_theme = Uuid::now_v7;
    let refinement = grouper.snapshot().refine(Kind::Cold, &mut new_theme);
    grouper.apply(&refinement);
    let themes: Vec<_> = (0..10).map(|i| grouper.theme_of(item(i)).map(|(theme, _)| theme)).collect();
    assert!(themes[..5].iter().all(|theme| *theme == themes[0]), "{themes:?}");
    assert!(themes[5..].iter().all(|theme| *theme == themes[5]) && themes[0] != themes[5], "{themes:?}");
}

fn item(i: usize) -> Uuid {
    Uuid::from_u128(i as u128)
}

/// New theme ids, in order.
fn theme_ids() -> impl FnMut() -> Uuid {
    let mut next = 1 << 64;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn run(texts: &[(usize, String)]) -> (Grouper, Vec<Assignment>) {
    let mut grouper = Grouper::new(Settings::default());
    let mut new_theme = theme_ids();
    let mut assigned = Vec::new();
    for (i, (_, text)) in texts.iter().enumerate() {
        assigned.push(grouper.assign(item(i), text, &mut new_theme));
        if let Some(kind) = grouper.refinement_due() {
            let refinement = grouper.snapshot().refine(kind, &mut new_theme);
            grouper.apply(&refinement);
        }
    }
    (grouper, assigned)
}

fn restored(grouper: &Grouper, texts: &[(usize, String)], assigned: &[Assignment]) -> Grouper {
    let mut again = Grouper::new(Settings::default());
    for (i, (_, text)) in texts.iter().enumerate() {
        let Some((theme, pinned)) = grouper.place_and_pin(item(i)) else { continue };
        let Assignment { vector, neighbours, .. } = &assigned[i];
        again.restore(StoredItem {
            id: item(i),
            reading: read(text),
            external: None,
            vector,
            neighbours,
            theme,
            pinned,
        });
    }
    again
}

#[test]
fn requests_become_themes_and_topics_do_not_mix() {
    let texts = stream(300);
    let (grouper, _) = run(&texts);
    let mixed = grouper.theme_sizes().filter(|(theme, _)| {
        let mut topics =
            (0..texts.len()).filter(|i| grouper.theme_of(item(*i)).unwrap().0 == *theme).map(|i| texts[i].0);
        let first = topics.next();
        topics.any(|topic| Some(topic) != first)
    });
    assert_eq!(mixed.count(), 0);
    assert!((5..=20).contains(&grouper.theme_sizes().count()));
}

#[test]
fn the_same_stream_gives_the_same_themes() {
    let texts = stream(450);
    let (a, b) = (run(&texts), run(&texts));
    assert_eq!(a.1, b.1);
    assert!(a.0.theme_sizes().eq(b.0.theme_sizes()));
}

#[test]
fn after_a_restart_everything_goes_on_as_if_there_had_been_none() {
    let texts = stream(430);
    let (mut grouper, assigned) = run(&texts);
    let mut again = restored(&grouper, &texts, &assigned);
    assert_eq!(grouper.refinement_due(), again.refinement_due());
    let (mut new_theme, mut new_theme_again) = (theme_ids(), theme_ids());
    for i in 430..530 {
        let text = format!("{} {}", stream(i + 1)[i].1, ["soon", "quite another subject", "never heard before"][i % 3]);
        let a = grouper.assign(item(i), &text, &mut new_theme);
        assert_eq!(a, again.assign(item(i), &text, &mut new_theme_again));
    }
    let refine = |g: &Grouper, kind| g.snapshot().refine(kind, theme_ids());
    assert_eq!(refine(&grouper, Kind::Cold).moves, refine(&again, Kind::Cold).moves);
    assert_eq!(grouper.look_up("결제 오류", 5), again.look_up("결제 오류", 5));
}

#[test]
fn a_placement_made_before_another_arrival_gives_the_same_theme() {
    let texts = stream(60);
    let (mut early, _) = run(&texts);
    let (mut late, _) = run(&texts);
    let placement = early.place("card payment failed twice");
    let (mut a, mut b) = (theme_ids(), theme_ids());
    early.assign(item(100), "card payment failed", &mut a);
    late.assign(item(100), "card payment failed", &mut b);
    let accepted = early.accept(item(101), placement, &mut a);
    assert_eq!(accepted, late.assign(item(101), "card payment failed twice", &mut b));
}

#[test]
fn a_removed_item_is_not_found_and_does_not_count_and_can_come_back() {
    let texts = stream(100);
    let (mut grouper, assigned) = run(&texts);
    let (theme, _) = grouper.theme_of(item(3)).unwrap();
    let size = |g: &Grouper| g.theme_sizes().find(|(t, _)| *t == theme).map_or(0, |(_, size)| size);
    let before = size(&grouper);
    grouper.remove(item(3));
    grouper.remove(item(3));
    assert_eq!((grouper.len(), size(&grouper), grouper.theme_of(item(3))), (99, before - 1, None));
    assert!(grouper.nearest(&texts[3].1, 100).iter().all(|n| n.id != item(3)));
    assert!(grouper.central(theme, 100).iter().all(|(id, _)| *id != item(3)));
    let refinement = grouper.snapshot().refine(Kind::Cold, theme_ids());
    assert!(refinement.moves.iter().all(|m| m.item != item(3)));

    let Assignment { vector, neighbours, .. } = &assigned[3];
    grouper.restore(StoredItem {
        id: item(3),
        reading: read(&texts[3].1),
        external: None,
        vector,
        neighbours,
        theme: Some(theme),
        pinned: false,
    });
    assert_eq!((grouper.len(), size(&grouper)), (100, before));
    assert!(grouper.nearest(&texts[3].1, 100).iter().any(|n| n.id == item(3)));
}

#[test]
fn an_item_that_a_person_moved_stays_in_its_theme() {
    let texts = stream(300);
    let (mut grouper, _) = run(&texts);
    let (elsewhere, _) = grouper.theme_of(item(1)).unwrap();
    grouper.set_theme(item(0), elsewhere, true);
    for kind in [Kind::Warm, Kind::Cold] {
        let refinement = grouper.snapshot().refine(kind, theme_ids());
        assert!(refinement.moves.iter().all(|m| m.item != item(0)));
        grouper.apply(&refinement);
    }
    assert_eq!(grouper.theme_of(item(0)), Some((elsewhere, true)));
    // A changed text does not move it either.
    assert_eq!(grouper.assign(item(0), "something else entirely", Uuid::nil).theme, Some(elsewhere));
    assert_eq!(grouper.len(), 300);
}

#[test]
fn a_refinement_leaves_alone_what_changed_meanwhile() {
    let mut grouper = Grouper::new(Settings::default());
    for (i, (topic, text)) in stream(80).iter().enumerate() {
        grouper.assign(item(i), text, || Uuid::from_u128(9000 + i as u128));
        grouper.set_theme(item(i), Uuid::from_u128(5000 + (*topic as u128 + i as u128) % 3), false); // nonsense themes
    }
    let refinement = grouper.snapshot().refine(Kind::Cold, theme_ids());
    let [first, second, third, ..] = refinement.moves[..] else { panic!("nothing to move") };
    let by_hand = Uuid::from_u128(7777);
    grouper.set_theme(first.item, by_hand, true);
    grouper.remove(second.item);
    let made = grouper.apply(&refinement);
    assert_eq!(made.len(), refinement.moves.len() - 2);
    assert_eq!(grouper.theme_of(first.item), Some((by_hand, true)));
    assert_eq!(grouper.theme_of(second.item), None);
    assert_eq!(grouper.place_and_pin(third.item), Some((third.to, false)));
    let settled = grouper.snapshot().refine(Kind::Warm, theme_ids());
    assert!(settled.moves.len() < refinement.moves.len() / 4, "a second look changes little");
}

#[test]
fn a_muted_theme_is_not_shown_but_still_gathers_its_like() {
    let (mut grouper, _) = run(&stream(100));
    let theme = grouper.nearest("refund", 1)[0].theme.unwrap();
    grouper.mute(theme, true);
    assert!(grouper.look_up("my refund has not arrived", 10).themes.iter().all(|(t, _)| *t != theme));
    assert_eq!(grouper.assign(item(500), "my refund has not arrived", Uuid::nil).theme, Some(theme));
    grouper.mute(theme, false);
    assert_eq!(grouper.look_up("my refund has not arrived", 10).themes[0].0, theme);
}

#[test]
fn quotes_begin_with_the_most_central_and_do_not_repeat() {
    let (grouper, _) = run(&stream(300));
    for (theme, size) in grouper.theme_sizes() {
        let quotes = grouper.quotes(theme, 3);
        assert_eq!(quotes[0], grouper.central(theme, 1)[0].0);
        assert!(quotes.len() <= 3.min(size) && quotes.iter().all(|q| grouper.theme_of(*q).unwrap().0 == theme));
        assert!((0.0..=1.0).contains(&grouper.cohesion(theme)));
    }
    assert_eq!((grouper.cohesion(Uuid::nil()), grouper.quotes(Uuid::nil(), 3)), (0.0, vec![]));
}

#[test]
fn texts_without_words_are_grouped_too() {
    let mut grouper = Grouper::new(Settings::default());
    let mut new_theme = theme_ids();
    for (i, text) in ["👍👍", "???", "\u{0}", "", "ok", "👍", "\u{200d}\u{301}"].iter().enumerate() {
        assert!(grouper.assign(item(i), text, &mut new_theme).similarity.is_finite());
    }
    assert_eq!(grouper.theme_of(item(0)), grouper.theme_of(item(5)));
    let refinement = grouper.snapshot().refine(Kind::Cold, &mut new_theme);
    grouper.apply(&refinement);
    assert_eq!(grouper.len(), 7);
    assert!(grouper.nearest("", 3).is_empty());
}

#[test]
fn recall_counts_what_a_search_finds() {
    let (grouper, _) = run(&stream(300));
    let texts = ["the refund has not come", "환불이 안 돼요", ""];
    assert_eq!(grouper.recall(texts.into_iter()), 1.0, "among few all are found");
    assert_eq!(Grouper::new(Settings::default()).recall(["refund"].into_iter()), 1.0);
}

#[test]
fn people_teach_by_example() {
    let texts = stream(300);
    let (mut grouper, _) = run(&texts);
    // People assign some texts about parcels, a topic that is new to the engine, to a theme of their own.
    let by_hand = Uuid::from_u128(7777);
    let examples = ["the courier lost my parcel", "parcel lost by the courier", "my parcel was lost by a courier"];
    for (i, text) in examples.iter().enumerate() {
        grouper.assign(item(1000 + i), text, || Uuid::from_u128(8000 + i as u128));
        grouper.set_theme(item(1000 + i), by_hand, true);
    }
    let assigned = grouper.assign(item(2000), "courier lost the parcel", Uuid::nil);
    assert_eq!((assigned.theme, assigned.is_new), (Some(by_hand), false));
    assert_ne!(grouper.assign(item(2001), "please add a dark mode", Uuid::nil).theme, Some(by_hand));
    // A similar text that was grouped elsewhere is moved by the next refinement. An example that is taken back no
    // longer has an effect.
    grouper.set_theme(item(2000), Uuid::from_u128(9999), false);
    let refinement = grouper.snapshot().refine(Kind::Warm, theme_ids());
    assert!(refinement.moves.iter().any(|m| m.item == item(2000) && m.to == Some(by_hand)));
    (0..3).for_each(|i| grouper.set_theme(item(1000 + i), Uuid::from_u128(8000), false));
    assert!(grouper.examples.is_empty());
}

#[test]
fn finer_settings_cut_into_more_parts() {
    let (grouper, _) = run(&stream(400));
    let preview = grouper.graph().preview(&[0.5, 4.0, 64.0], |_| true, || true);
    let parts = |p: &Preview| p.themes + p.alone;
    assert!(preview.is_sorted_by_key(parts) && parts(&preview[0]) < parts(&preview[2]), "{preview:?}");
    assert!(preview.iter().all(|p| 2 * p.themes + p.alone <= grouper.len()), "{preview:?}");
    assert!(grouper.graph().preview(&[0.5], |_| true, || false).is_empty());
}

#[test]
fn a_theme_of_two_subjects_falls_into_its_parts() {
    let (mut grouper, _) = run(&stream(400));
    let mut sizes: Vec<(usize, Uuid)> = grouper.theme_sizes().map(|(theme, size)| (size, theme)).collect();
    sizes.sort_unstable();
    let [(_, one), (_, other)] = [sizes[sizes.len() - 1], sizes[sizes.len() - 2]];
    let of = |g: &Grouper, theme| -> Vec<Uuid> {
        (0..400).map(item).filter(|id| g.theme_of(*id) == Some((theme, false))).collect()
    };
    let (own, joined) = (of(&grouper, one), of(&grouper, other));
    joined.iter().for_each(|id| grouper.set_theme(*id, one, false));
    let parts = grouper.graph().sub_themes(one, 3, None);
    assert!(parts.len() > 1 && parts.is_sorted_by(|a, b| a.len() >= b.len()));
    for part in parts {
        assert!(part.len() >= 3);
        let mixed = part.iter().any(|id| own.contains(id)) && part.iter().any(|id| joined.contains(id));
        assert!(!mixed, "{part:?}");
    }
    assert!(grouper.graph().sub_themes(other, 3, Some(8.0)).is_empty(), "it has no items");
}

/// The acts of the property test.
#[derive(Clone, Debug)]
enum Act {
    Arrive(usize),
    Correct(usize, usize),
    Unpin(usize),
    Remove(usize),
    Refine(Kind),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0usize..400).prop_map(Act::Arrive),
        3 => (0usize..60, 0usize..60).prop_map(|(a, b)| Act::Correct(a, b)),
        1 => (0usize..60).prop_map(Act::Unpin),
        1 => (0usize..60).prop_map(Act::Remove),
        1 => prop_oneof![Just(Act::Refine(Kind::Warm)), Just(Act::Refine(Kind::Cold))],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_engine_never_undoes_what_a_person_decided(acts in proptest::collection::vec(act(), 1..160)) {
        let texts = stream(400);
        let mut grouper = Grouper::new(Settings::default());
        let mut new_theme = theme_ids();
        let mut decided: std::collections::BTreeMap<Uuid, Uuid> = Default::default();
        let mut arrived = 0;
        for act in acts {
            match act {
                Act::Arrive(text) => {
                    grouper.assign(item(arrived), &texts[text].1, &mut new_theme);
                    arrived += 1;
                }
                Act::Correct(a, b) if a < arrived && b < arrived => {
                    if let (Some(_), Some((theme, _))) = (grouper.theme_of(item(a)), grouper.theme_of(item(b))) {
                        grouper.set_theme(item(a), theme, true);
                        decided.insert(item(a), theme);
                    }
                }
                Act::Unpin(a) => {
                    if let Some((theme, true)) = grouper.theme_of(item(a)) {
                        grouper.set_theme(item(a), theme, false);
                        decided.remove(&item(a));
                    }
                }
                Act::Remove(a) => {
                    grouper.remove(item(a));
                    decided.remove(&item(a));
                }
                Act::Refine(kind) => {
                    let refinement = grouper.snapshot().refine(kind, &mut new_theme);
                    prop_assert!(refinement.moves.iter().all(|m| !decided.contains_key(&m.item)));
                    grouper.apply(&refinement);
                }
                Act::Correct(..) => {}
            }
            for (id, theme) in &decided {
                prop_assert_eq!(grouper.theme_of(*id), Some((*theme, true)));
            }
        }
    }

    #[test]
    fn any_texts_in_any_order_with_removals_keep_the_books_straight(
        texts in proptest::collection::vec("\\PC{0,40}|[a-c가-다 ]{0,12}|[\\x00-\\x{10ffff}]{0,30}", 1..40),
        removed in proptest::collection::vec(0usize..40, 0..10),
    ) {
        let mut grouper = Grouper::new(Settings::default());
        let mut new_theme = theme_ids();
        for (i, text) in texts.iter().enumerate() {
            let assigned = grouper.assign(item(i), text, &mut new_theme);
            prop_assert!((0.0..=1.0).contains(&assigned.similarity));
            prop_assert_eq!(grouper.place_and_pin(item(i)), Some((assigned.theme, false)));
        }
        removed.iter().for_each(|i| grouper.remove(item(*i)));
        let refinement = grouper.snapshot().refine(Kind::Cold, &mut new_theme);
        grouper.apply(&refinement);
        let present = (0..texts.len()).filter(|i| grouper.holds(item(*i))).count();
        prop_assert_eq!(grouper.len(), present);
        prop_assert_eq!(grouper.theme_sizes().map(|(_, size)| size).sum::<usize>(), present);
        prop_assert_eq!(grouper.theme_sizes().count(), refinement.themes.1);
        for (theme, _) in grouper.theme_sizes() {
            prop_assert!(grouper.central(theme, 3).iter().all(|(_, cosine)| cosine.is_finite()));
        }
    }
}
