//! Labels of a theme in two languages: what a person set stays, and undoing a rename takes back only its own language.

use std::collections::BTreeMap;

use hearback::domain::base::Actor;
use hearback::store::themes::rows::{Described, describe};

use super::start::on_each_database;

fn labels(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_rename_sets_the_label_of_its_language_and_the_engine_writes_the_other() {
    on_each_database(|world| {
        let theme = world.start().themes[0];
        let by_engine = || {
            let words = [("en", "Refund is pending".to_owned()), ("ko", "환불 지연".to_owned())];
            let tell = move |tx: &mut hearback::store::Tx<'_>| {
                describe(
                    tx,
                    theme,
                    &Described { label: "Refund is pending", labels: &words, keywords: &[], quotes: &[] },
                )
            };
            world.store().write_now(Actor::ENGINE, tell).unwrap();
            world.stored_theme(theme)
        };
        let seen = by_engine();
        assert_eq!(seen.labels, labels(&[("en", "Refund is pending"), ("ko", "환불 지연")]));
        assert_eq!((seen.label_in("ko"), seen.label_in("de")), ("환불 지연", "Refund is pending"));

        world.rename(theme, "Refunds are late").unwrap();
        assert_eq!(by_engine().labels, labels(&[("en", "Refunds are late"), ("ko", "환불 지연")]));
        let renamed = world.rename(theme, "환불이 늦음").unwrap().unwrap();
        let both = by_engine();
        assert_eq!(both.labels, labels(&[("en", "Refunds are late"), ("ko", "환불이 늦음")]));
        assert_eq!(both.label, "환불이 늦음");

        world.undo(renamed).unwrap();
        let undone = by_engine();
        assert_eq!(undone.labels, labels(&[("en", "Refunds are late"), ("ko", "환불 지연")]));
        assert_eq!(undone.label, "Refunds are late");
    });
}
