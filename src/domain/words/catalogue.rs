//! The Fluent bundles of the message catalogues, parsed once.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::console::texts;
use super::particle::particle;
use crate::domain::base::language::Language;

pub(super) const ENGLISH: &str = include_str!("en.ftl");
pub(super) const KOREAN: &str = include_str!("ko.ftl");

type Bundle = FluentBundle<FluentResource>;

static IN_ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", ENGLISH, texts::ENGLISH));
static IN_KOREAN: LazyLock<Bundle> = LazyLock::new(|| bundle("ko", KOREAN, texts::KOREAN));

fn bundle(code: &str, catalogue: &'static str, console: &[&'static str]) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![code.parse().unwrap_or_default()]);
    // Unicode direction marks around arguments are off: they would end up in subjects and titles, where nothing needs
    // them.
    bundle.set_use_isolating(false);
    for catalogue in [&[catalogue], console].concat() {
        // An entry that cannot be parsed is skipped here; a test reports it.
        let resource = FluentResource::try_new(catalogue.to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    // This only fails if the function exists already, and the bundle is new.
    let _ = bundle.add_function("PARTICLE", written);
    bundle
}

/// The Fluent function PARTICLE: the form of a Korean particle after a word.
fn written<'a>(words: &[FluentValue<'a>], _: &FluentArgs<'_>) -> FluentValue<'a> {
    match words {
        [FluentValue::String(word), FluentValue::String(pair)] => particle(word, pair).into(),
        _ => FluentValue::Error,
    }
}

/// A formatted message; `None` where the catalogue has no message of this name. Arguments are inserted as text and
/// never parsed.
pub(super) fn formatted(language: Language, key: &str, gaps: &[(&str, FluentValue<'_>)]) -> Option<String> {
    let bundle = match language {
        Language::English => &*IN_ENGLISH,
        Language::Korean => &*IN_KOREAN,
    };
    let pattern = bundle.get_message(key)?.value()?;
    let args: FluentArgs<'_> = gaps.iter().map(|(name, value)| (*name, value.clone())).collect();
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{key}: {errors:?}");
    Some(text)
}

/// The same for a message that every catalogue has, as tests ensure.
pub(super) fn say(language: Language, key: &str, gaps: &[(&str, FluentValue<'_>)]) -> String {
    formatted(language, key, gaps).unwrap_or_else(|| key.to_owned())
}
