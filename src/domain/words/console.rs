//! The words of the console's pages in each language: a method for each message, for templates.
//!
//! As for the other catalogues, tests ensure that both languages have exactly these messages with the same arguments.

use fluent_bundle::FluentValue;

use super::because::in_korean;
use super::catalogue::{formatted, say};
use crate::domain::base::language::Language;
use crate::error::{Code, FieldError};

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

numbers!(i32, i64, u32, usize);

/// Defines a method for each message, and the list of messages for the tests.
macro_rules! messages {
    ($($name:ident($($gap:ident),*);)*) => {
        impl Words {
            $(pub(crate) fn $name(&self, $($gap: impl Gap),*) -> String {
                say(self.0, stringify!($name), &[$((stringify!($gap), $gap.value())),*])
            })*
        }

        #[cfg(test)]
        pub(super) const MESSAGES: &[(&str, &[&str])] = &[$((stringify!($name), &[$(stringify!($gap)),*])),*];
    };
}

messages! {
    skip();
    nav();
    nav_inbox();
    nav_themes();
    nav_backlog();
    nav_search();
    sign_in();
    sign_out();
    sign_in_help();
    sign_in_wrong();
    sign_in_wait(seconds);
    email();
    password();
    new_password();
    repeat_password();
    current_password();
    password_hint();
    invite_title();
    your_name();
    join();
    account();
    profile();
    language_label();
    time_zone();
    zone_of_browser();
    save();
    cancel();
    edit();
    change_password();
    devices();
    this_device();
    last_used();
    sign_out_others();
    correct_these();
    request_id();
    back_to_start();
    error_in_title(title);
    flash_signed_out();
    flash_saved();
    flash_moved();
    flash_declined();
    flash_filed();
    flash_filed_again();
    flash_device_out();
    flash_devices_out();
    flash_password_set();
    flash_welcome();
    flash_renamed();
    flash_muted();
    flash_unmuted();
    short_date(day, month, year);
    pages();
    first_page();
    next_page();
    filter();
    clear();
    product();
    all_products();
    stage();
    all_stages();
    words_label();
    rank();
    story();
    customers();
    score();
    reach();
    impact();
    confidence();
    effort();
    detractors();
    account_value();
    backlog_about();
    backlog_empty();
    backlog_empty_about();
    no_match();
    no_match_about();
    asked_by(customers, feedback);
    owner();
    due();
    late();
    sentence();
    no_sentence();
    as_a();
    i_want();
    so_that();
    criteria();
    criteria_hint();
    no_criteria();
    facts();
    facts_seen(first, last);
    fact_customers(count);
    in_scope();
    out_of_scope();
    other_title(language);
    quotes_count(count);
    evidence();
    no_evidence();
    all_feedback(count);
    some_customer();
    accept();
    decline();
    move_to();
    move_it();
    reason_when_back();
    decline_reason();
    decline_tell(count);
    set_factors();
    factors_hint();
    computed();
    customers_told();
    history();
    title_label();
    edit_title(number);
    conflict();
    conflict_about();
    is_now();
    themes_about();
    themes_empty();
    themes_empty_about();
    theme();
    theme_name();
    sort_by();
    shown();
    not_muted();
    only_muted();
    muted();
    size();
    trend();
    languages();
    timeline();
    week();
    as_table();
    annual_value(value);
    merged_away();
    no_quotes_yet();
    rename();
    mute();
    unmute();
    mute_about();
    conflict_theme();
    feedback();
    stories();
    open();
    all();
    state();
    kind();
    source_label();
    filed_by_me();
    inbox_about();
    inbox_empty();
    inbox_empty_about();
    file_heading();
    what_they_said();
    where_they_said();
    customer_name();
    company();
    file_it();
    file_another();
    nearest();
    nearest_unknown();
    nearest_none();
    said_alike();
    customers_waiting(customers, waiting);
    feedback_of();
    search_all();
    search_about();
    search_none();
    signed_out_meanwhile();
    unsent();
    unsent_about();
    send_now();
}

impl Words {
    /// A word that is found by a name of the API, such as `source-ticket`; the name itself where there is none.
    fn found(&self, group: &str, name: &str) -> String {
        formatted(self.0, &format!("{group}-{name}"), &[]).unwrap_or_else(|| name.replace('_', " "))
    }

    /// A word of the API, such as a stage or a role.
    pub(crate) fn value(&self, name: &str) -> String {
        super::value(self.0, name)
    }

    /// The channel that a feedback came through.
    pub(crate) fn source(&self, name: &str) -> String {
        self.found("source", name)
    }

    /// The state of a closure, as the team says it.
    pub(crate) fn closure_state(&self, name: &str) -> String {
        self.found("closure", name)
    }

    /// The kind of a fact.
    pub(crate) fn fact_name(&self, name: &str) -> String {
        self.found("fact", name)
    }

    /// An order of themes.
    pub(crate) fn sort_name(&self, name: &str) -> String {
        self.found("sort", name)
    }

    /// The trend of a theme.
    pub(crate) fn trend_name(&self, name: &str) -> String {
        self.found("trend", name)
    }

    /// The state of a feedback.
    pub(crate) fn state_name(&self, name: &str) -> String {
        self.found("state", name)
    }

    /// The kind of a feedback.
    pub(crate) fn kind_name(&self, name: &str) -> String {
        self.found("kind", name)
    }

    /// The heading of the page about an error.
    pub(crate) fn error_title(&self, code: Code) -> String {
        self.by_status("error", code)
    }

    /// What to do after an error.
    pub(crate) fn error_text(&self, code: Code) -> String {
        self.by_status("text", code)
    }

    fn by_status(&self, group: &str, code: Code) -> String {
        let found = formatted(self.0, &format!("{group}-{}", code.status()), &[]);
        found.unwrap_or_else(|| self.found(group, "500"))
    }

    /// What is wrong with a field, as a sentence.
    pub(crate) fn wrong(&self, field: &FieldError) -> String {
        let name = field.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        let name = self.found("field", name);
        if self.0 == Language::English {
            return format!("{name} {}.", field.detail);
        }
        let wrong = formatted(self.0, &format!("wrong-{}", field.code), &[]);
        format!("{name}: {}.", wrong.unwrap_or_else(|| self.found("wrong", "other")))
    }

    /// The explanation of a factor. It is stored in English.
    pub(crate) fn because(&self, because: &str) -> String {
        match self.0 {
            Language::English => because.to_owned(),
            Language::Korean => in_korean(because),
        }
    }
}
