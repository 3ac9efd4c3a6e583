//! The words of the console's pages in each language: a method for each message, for templates.
//!
//! As for the other catalogues, tests ensure that both languages have exactly these messages with the same arguments.
//! The messages stand by area, as the pages do: `base.rs` lists those of `base.en.ftl` and `base.ko.ftl`, and so on.

/// Defines a method of [`Words`] for each message of an area, and the list of messages for the tests.
macro_rules! messages {
    ($($name:ident($($gap:ident),*);)*) => {
        impl super::Words {
            $(pub fn $name(&self, $($gap: impl super::Gap),*) -> String {
                $crate::domain::words::catalogue::say(self.0, stringify!($name), &[$((stringify!($gap), $gap.value())),*])
            })*
        }

        #[cfg(test)]
        pub(in crate::domain::words) const MESSAGES: &[(&str, &[&str])] = &[$((stringify!($name), &[$(stringify!($gap)),*])),*];
    };
}

mod access;
mod base;
mod delivery;
mod dependencies;
mod live;
mod measures;
mod operations;
mod postmortems;
mod product;
mod releases;
mod reports;
mod requests;
mod settings;
mod support;
pub(super) mod texts;

use fluent_bundle::FluentValue;

use super::because::in_korean;
use super::catalogue::formatted;
use super::refusals;
use crate::domain::base::language::Language;
use crate::refusal::{Code, FieldError, Refusal};

/// The words in a language.
#[derive(Clone, Copy, Debug)]
pub struct Words(pub Language);

/// What can stand in the gap of a message.
pub trait Gap {
    /// Its value, by which plural forms are chosen.
    fn value(&self) -> FluentValue<'_>;
}

impl<T: Gap + ?Sized> Gap for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

impl Gap for str {
    fn value(&self) -> FluentValue<'_> {
        self.into()
    }
}

impl Gap for String {
    fn value(&self) -> FluentValue<'_> {
        self.as_str().into()
    }
}

macro_rules! numbers {
    ($($kind:ty),*) => {
        $(impl Gap for $kind {
            fn value(&self) -> FluentValue<'_> {
                (*self).into()
            }
        })*
    };
}

numbers!(i32, i64, u32, u64, usize);

impl Words {
    /// A word that is found by a name of the API, such as `source-ticket`; the name itself where there is none.
    fn found(&self, group: &str, name: &str) -> String {
        formatted(self.0, &format!("{group}-{name}"), &[]).unwrap_or_else(|| name.replace('_', " "))
    }

    /// A word that is found by the group and the name of a value of the API.
    pub fn named(&self, group: &str, name: &str) -> String {
        self.found(group, name)
    }

    /// A word of the API, such as a stage or a role.
    pub fn value(&self, name: &str) -> String {
        super::value(self.0, name)
    }

    /// The channel that a feedback came through.
    pub fn source(&self, name: &str) -> String {
        self.found("source", name)
    }

    /// The state of a closure, as the team says it.
    pub fn closure_state(&self, name: &str) -> String {
        self.found("closure", name)
    }

    /// The kind of a fact.
    pub fn fact_name(&self, name: &str) -> String {
        self.found("fact", name)
    }

    /// An order of themes.
    pub fn sort_name(&self, name: &str) -> String {
        self.found("sort", name)
    }

    /// The trend of a theme.
    pub fn trend_name(&self, name: &str) -> String {
        self.found("trend", name)
    }

    /// A list of which views are saved.
    pub fn list_name(&self, name: &str) -> String {
        self.found("list", name)
    }

    /// The state of a feedback.
    pub fn state_name(&self, name: &str) -> String {
        self.found("state", name)
    }

    /// The kind of a feedback.
    pub fn kind_name(&self, name: &str) -> String {
        self.found("kind", name)
    }

    /// The state of a message to a webhook.
    pub fn delivery_state(&self, name: &str) -> String {
        self.found("delivery", name)
    }

    /// The state of an import.
    pub fn import_state(&self, name: &str) -> String {
        self.found("import", name)
    }

    /// The field of a feedback that a column becomes, such as `customer.email`.
    pub fn import_field(&self, name: &str) -> String {
        match name.strip_prefix("fields.") {
            Some(own) => own.to_owned(),
            None => {
                formatted(self.0, &format!("column-{}", name.replace('.', "-")), &[]).unwrap_or_else(|| name.to_owned())
            }
        }
    }

    /// The kind of a source.
    pub fn source_kind(&self, name: &str) -> String {
        self.found("sourcekind", name)
    }

    /// The format of the messages to a webhook.
    pub fn format_name(&self, name: &str) -> String {
        self.found("format", name)
    }

    /// What was done, by the kind of an entry of the audit log.
    pub fn audit_kind(&self, kind: &str) -> String {
        self.found("audit", &kind.replace('.', "-"))
    }

    /// A filter of the audit log: a kind, or `member.*`.
    pub fn audit_group(&self, kind: &str) -> String {
        self.found("auditgroup", &kind.replace('*', "all").replace('.', "-"))
    }

    /// Somebody without a name of their own who did something.
    pub fn actor_name(&self, name: &str) -> String {
        self.found("actor", name)
    }

    /// The name of a field.
    pub fn field_name(&self, name: &str) -> String {
        self.found("field", name)
    }

    /// A setting of a product, or one of its choices.
    pub fn setting(&self, name: &str) -> String {
        self.found("setting", name)
    }

    /// What a setting of a product is for.
    pub fn setting_hint(&self, name: &str) -> String {
        self.found("hint", name)
    }

    /// The state of a release.
    pub fn release_state(&self, name: &str) -> String {
        self.found("release", name)
    }

    /// The state of a deployment.
    pub fn deployment_state(&self, name: &str) -> String {
        self.found("deployment", name)
    }

    /// The state of a gate.
    pub fn gate_state(&self, name: &str) -> String {
        self.found("gate", name)
    }

    /// A section of a changelog.
    pub fn section_name(&self, name: &str) -> String {
        self.found("section", name)
    }

    /// How a customer is told.
    pub fn channel_name(&self, name: &str) -> String {
        self.found("channel", name)
    }

    /// What a link leads to.
    pub fn link_kind(&self, name: &str) -> String {
        self.found("linkkind", name)
    }

    /// The state of what a link leads to.
    pub fn link_state(&self, name: &str) -> String {
        self.found("linkstate", name)
    }

    /// The system that hosts what a link leads to.
    pub fn provider_name(&self, name: &str) -> String {
        self.found("provider", name)
    }

    /// The result of a trial.
    pub fn verdict(&self, name: &str) -> String {
        self.found("verdict", name)
    }

    /// Whether a customer tried it or was shown it.
    pub fn trial_kind(&self, name: &str) -> String {
        self.found("trialkind", name)
    }

    /// Why customers are left out of those who are told, after their number.
    pub fn left_out_because(&self, name: &str) -> String {
        self.found("leftout", name)
    }

    /// Why a customer is not told.
    pub fn not_told_because(&self, name: &str) -> String {
        self.found("nottold", name)
    }

    /// The heading of the page about an error.
    pub fn error_title(&self, code: Code) -> String {
        self.by_status("error", code)
    }

    /// What to do after an error.
    pub fn error_text(&self, code: Code) -> String {
        self.by_status("text", code)
    }

    fn by_status(&self, group: &str, code: Code) -> String {
        let found = formatted(self.0, &format!("{group}-{}", code.status()), &[]);
        found.unwrap_or_else(|| self.found(group, "500"))
    }

    /// What is wrong with a field, as a sentence.
    pub fn wrong(&self, field: &FieldError) -> String {
        let name = field.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        let name = self.found("field", name);
        if self.0 == Language::English {
            return format!("{name} {}.", field.detail);
        }
        let wrong = refusals::in_korean(&field.detail);
        let wrong = wrong.or_else(|| formatted(self.0, &format!("wrong-{}", field.code), &[]));
        let wrong = wrong.unwrap_or_else(|| self.found("wrong", "other"));
        format!("{name}: {}.", wrong.trim_end_matches('.'))
    }

    /// What the API says about a refusal. A text that is not known in this language stays in English.
    pub fn detail(&self, detail: &str) -> String {
        if self.0 == Language::English {
            return detail.to_owned();
        }
        // An item of an act that was refused for a field: what is wrong, the field, and why.
        if let Some((_, field)) = detail.split_once(" wrong. /")
            && let Some((name, why)) = field.split_once(' ')
        {
            return self.wrong(&FieldError::new(name, "other", why));
        }
        refusals::in_korean(detail).unwrap_or_else(|| detail.to_owned())
    }

    /// What is wrong, with every wrong field, as sentences.
    pub fn refusal(&self, error: &Refusal) -> String {
        let fields = error.fields.iter().map(|field| self.wrong(field));
        std::iter::once(self.detail(&error.detail)).chain(fields).collect::<Vec<_>>().join(" ")
    }

    /// The explanation of a factor. It is stored in English.
    pub fn because(&self, because: &str) -> String {
        match self.0 {
            Language::English => because.to_owned(),
            Language::Korean => in_korean(because),
        }
    }
}

/// The messages of each area.
#[cfg(test)]
pub(super) const MESSAGES: &[&[(&str, &[&str])]] = &[
    access::MESSAGES,
    base::MESSAGES,
    delivery::MESSAGES,
    dependencies::MESSAGES,
    live::MESSAGES,
    measures::MESSAGES,
    operations::MESSAGES,
    postmortems::MESSAGES,
    product::MESSAGES,
    releases::MESSAGES,
    reports::MESSAGES,
    requests::MESSAGES,
    settings::MESSAGES,
    support::MESSAGES,
];
