use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::*;
use crate::domain::base::event_kinds;
use crate::domain::closure::ClosureState;
use crate::domain::feedback::Source;
use crate::domain::stories::FactKind;
use crate::refusal::Code;

const LANGUAGES: [(Language, &str); 2] =
    [(Language::English, catalogue::ENGLISH), (Language::Korean, catalogue::KOREAN)];

/// The messages of a catalogue, each with its arguments.
fn messages_of(catalogue: &'static str) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let resource = parser::parse(catalogue).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
    let mut found = BTreeMap::new();
    for entry in resource.body {
        if let Entry::Message(message) = entry {
            let mut gaps = BTreeSet::new();
            in_pattern(&message.value.expect("a text"), &mut gaps);
            let known = found.insert(message.id.name, gaps);
            assert!(known.is_none(), "{} stands twice", message.id.name);
        }
    }
    found
}

/// The messages of all areas of the console.
fn messages_of_areas(areas: &[&'static str]) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let count: usize = areas.iter().map(|area| messages_of(area).len()).sum();
    let held: BTreeMap<_, _> = areas.iter().flat_map(|area| messages_of(area)).collect();
    assert_eq!(held.len(), count, "a message stands in two areas");
    held
}

fn in_pattern(pattern: &Pattern<&'static str>, gaps: &mut BTreeSet<&'static str>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => in_inline(inline, gaps),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                in_inline(selector, gaps);
                variants.iter().for_each(|variant| in_pattern(&variant.value, gaps));
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<&'static str>, gaps: &mut BTreeSet<&'static str>) {
    match inline {
        InlineExpression::VariableReference { id } => drop(gaps.insert(id.name)),
        InlineExpression::FunctionReference { id, arguments: CallArguments { positional, .. } } => {
            assert_eq!(id.name, "PARTICLE");
            positional.iter().for_each(|argument| in_inline(argument, gaps));
        }
        InlineExpression::StringLiteral { .. } => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn both_catalogues_hold_each_message_with_the_same_gaps_and_no_other() {
    let declared: BTreeMap<&str, BTreeSet<&str>> =
        MESSAGES.iter().map(|(name, gaps)| (*name, gaps.iter().copied().collect())).collect();
    for (language, catalogue) in LANGUAGES {
        let held = messages_of(catalogue);
        let by_name = held.into_iter().filter(|(key, _)| !key.contains('-')).collect::<BTreeMap<_, _>>();
        assert_eq!(by_name, declared, "{language:?}");
    }
}

#[test]
fn both_languages_of_the_console_have_each_message_with_the_same_gaps_and_no_other() {
    let declared: BTreeMap<&str, BTreeSet<&str>> =
        console::MESSAGES.concat().into_iter().map(|(name, gaps)| (name, gaps.iter().copied().collect())).collect();
    let [english, korean] = [console::texts::ENGLISH, console::texts::KOREAN].map(messages_of_areas);
    assert_eq!(english.keys().collect::<Vec<_>>(), korean.keys().collect::<Vec<_>>());
    for (held, catalogue) in [(english, catalogue::ENGLISH), (korean, catalogue::KOREAN)] {
        let others = messages_of(catalogue);
        let taken: Vec<&&str> = held.keys().filter(|key| others.contains_key(**key)).collect();
        assert!(taken.is_empty(), "in the other catalogue too: {taken:?}");
        let by_name = held.into_iter().filter(|(key, _)| !key.contains('-')).collect::<BTreeMap<_, _>>();
        assert_eq!(by_name, declared);
    }
}

#[test]
fn the_console_has_a_word_for_each_name_that_it_looks_up() {
    let held = messages_of_areas(console::texts::ENGLISH);
    let sources = Source::ALL.iter().map(|source| format!("source-{source}"));
    let states = ClosureState::ALL.iter().map(|state| format!("closure-{state}"));
    let facts = FactKind::ALL.iter().map(|kind| format!("fact-{kind}"));
    let errors = Code::ALL.iter().flat_map(|code| ["error", "text"].map(|group| format!("{group}-{}", code.status())));
    let missing: Vec<String> =
        sources.chain(states).chain(facts).chain(errors).filter(|key| !held.contains_key(key.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn each_kind_of_event_has_its_sentence_and_there_is_no_other() {
    let kinds: BTreeSet<String> = event_kinds::all().iter().map(|kind| event_key(kind.name)).collect();
    for (language, catalogue) in LANGUAGES {
        let mut held = messages_of(catalogue);
        held.retain(|key, _| key.starts_with("event-"));
        assert_eq!(held.keys().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>(), kinds, "{language:?}");
        for kind in event_kinds::all() {
            for gap in &held[event_key(kind.name).as_str()] {
                let is_field = kind.fields.iter().any(|field| field.name == *gap);
                assert!(*gap == "subject" || is_field, "{}: {gap} is no field", kind.name);
            }
        }
    }
}

#[test]
fn words_of_data_are_the_same_in_both_and_words_of_the_api() {
    let [english, korean] = LANGUAGES.map(|(_, catalogue)| {
        messages_of(catalogue).into_keys().filter(|key| key.starts_with("value-")).collect::<BTreeSet<_>>()
    });
    assert_eq!(english, korean);
    let api = include_str!("../../../api/openapi.json");
    for key in english {
        let word = key.trim_start_matches("value-");
        assert!(api.contains(&format!("\"{word}\"")), "{word} is no word of the API");
    }
}

#[test]
fn days_are_written_as_people_write_them() {
    let of = |text: &str| Time::parse(text).expect("a time");
    for (time, english, korean) in [
        ("2026-01-01T00:00:00Z", "1 January 2026", "2026년 1월 1일"),
        ("2026-05-31T23:59:59Z", "31 May 2026", "2026년 5월 31일"),
        ("1999-12-09T12:00:00Z", "9 December 1999", "1999년 12월 9일"),
    ] {
        assert_eq!(date(Language::English, of(time)), english);
        assert_eq!(date(Language::Korean, of(time)), korean);
    }
}

#[test]
fn arguments_of_messages_are_inserted_as_text() {
    let title = "{ $product } { -x } \\u0041\n.attr = y";
    assert_eq!(subject_release(Language::English, "P", title), format!("[P] Is it solved? {title}"));
    assert_eq!(issue_asked_for(Language::English, 1, 2), "Asked for by 1 customer, in 2 pieces of feedback.");
    assert_eq!(issue_asked_for(Language::English, 1200, 1), "Asked for by 1200 customers, in 1 piece of feedback.");
}

#[test]
fn a_particle_fits_what_it_happened_to() {
    let told = |subject: &str| event(Language::Korean, "release.shipped", &[("subject", subject.to_owned())]);
    assert_eq!(told("릴리스 1.4.0").as_deref(), Some("릴리스 1.4.0을 내보냈습니다."));
    assert_eq!(told("릴리스").as_deref(), Some("릴리스를 내보냈습니다."));
    assert_eq!(event(Language::Korean, "release.vanished", &[]), None);
    assert_eq!(value(Language::Korean, "roll_back"), "되돌림");
    assert_eq!(value(Language::English, "not_known"), "not known");
}
