//! Message catalogues: the texts for customers and members in each language. There is one catalogue per language
//! (`en.ftl`, `ko.ftl`, in Fluent syntax), and one function per message with the message's arguments, so that a missing
//! text does not go unnoticed.
//!
//! Tests ensure that both catalogues have exactly the messages below, with the same arguments. The compiler warns of a
//! function that is never called.

mod because;
mod catalogue;
pub mod console;
mod particle;
mod refusals;
#[cfg(test)]
mod tests;

use catalogue::{formatted, say};
use fluent_bundle::FluentValue;

use super::base::Time;
use super::base::language::Language;

/// Defines the function of one message.
macro_rules! message {
    ($name:ident()) => {
        pub fn $name(language: Language) -> String {
            say(language, stringify!($name), &[])
        }
    };
    ($name:ident($($gap:ident),+)) => {
        pub fn $name<'a>(language: Language, $($gap: impl Into<FluentValue<'a>>),+) -> String {
            say(language, stringify!($name), &[$((stringify!($gap), $gap.into())),+])
        }
    };
}

/// Defines a function for each message, and the list of messages for the tests.
macro_rules! messages {
    ($($name:ident($($gap:ident),*);)*) => {
        $(message! { $name($($gap),*) })*

        #[cfg(test)]
        const MESSAGES: &[(&str, &[&str])] = &[$((stringify!($name), &[$(stringify!($gap)),*])),*];
    };
}

messages! {
    date_of(day, month, year);
    neutral_title();
    subject_release(product, title);
    subject_decline(product, title);
    subject_roll_back(product, title);
    is_it_solved();
    should_we_know();
    tell_us_more();
    this_is_changed();
    mail_hello();
    mail_hello_name(name);
    mail_told_on(date);
    mail_noted_on(date);
    mail_noted();
    mail_changed_before();
    mail_declined();
    mail_taken_back();
    mail_in_release(release);
    mail_was_in_release(release);
    mail_answer();
    mail_how_to_answer(until);
    mail_how_to_write(until);
    mail_why();
    mail_stop();
    mention_by_name(by, place);
    mention_by_somebody(place);
    mention_story();
    mention_case_of(number);
    mention_case();
    mention_feedback();
    mention_customer();
    mention_why();
    ask_hand_off(by, number);
    ask_shift(by);
    ask_until(until);
    ask_somebody();
    ask_why();
    ask_revisit();
    ask_revisit_day(day);
    ask_revisit_why();
    paging_subject(severity, number, title);
    paging_opened();
    paging_reopened();
    paging_expired();
    paging_shift_ended();
    paging_returned();
    paging_repeat();
    paging_ask();
    paging_why_owner();
    paging_why_rota();
    paging_why_member();
    paging_why_product_owner();
    invitation_subject();
    invitation_sentence();
    invitation_why();
    page_told();
    page_declined();
    page_taken_back();
    page_not_done();
    page_undone();
    page_solved();
    page_not_solved();
    page_understood();
    page_what_is_not_solved();
    page_say_what_is_not_solved();
    page_say_more();
    page_choose();
    page_too_long();
    page_thanks();
    page_thanks_close();
    page_thanks_solved();
    page_thanks_for_words();
    page_words_are_with_the_team();
    page_no_more_mail();
    page_no_more_mail_means();
    page_stop_mail();
    page_unsubscribed();
    page_unsubscribed_close();
    page_answered();
    page_answered_once();
    page_gone();
    page_gone_means();
    page_not_found();
    page_not_found_means();
    page_failed();
    page_failed_means();
    page_unreadable();
    page_unreadable_means();
    issue_as_a(who);
    issue_as_an(who);
    issue_i_want(what);
    issue_so_that(why);
    issue_asked_for(customers, feedback);
    issue_criteria();
    issue_in_scope();
    issue_out_of_scope();
    issue_words_stay();
    issue_name_it(story);
    numbered_fix(number);
    numbered_build(number);
    numbered_answer(number);
    numbered_keep(number);
    numbered_any(number);
    about_fix(word);
    about_build(word);
    about_answer(word);
    about_keep(word);
    about_any(word);
    draft_customer();
    draft_customer_of(segment);
    draft_fix_untitled();
    draft_build_untitled();
    draft_answer_untitled();
    draft_keep_untitled();
    want_observed(subject, request);
    want_customers(request);
    want_able(verb);
    want_no(matter);
    want_without(matter);
    want_have(matter);
    want_asked(matter);
    want_know(matter);
    want_stay(matter);
    then_observed(subject, observed);
    then_customers(observed);
    then_able(verb);
    then_no(matter);
    then_without(matter);
    then_have(matter);
    then_have_many(matter);
    then_asked(matter);
    then_know(matter);
    then_stay(matter);
    then_fixed();
    then_built();
    then_answered();
    then_kept();
    criterion_given(given, then);
    criterion_when(when, then);
    criterion_both(given, when, then);
    criterion_counted(text, customers);
    criterion_said(text, times);
    circumstance_version(value);
    circumstance_on(value);
    circumstance_in(value);
    circumstance_after_update();
    circumstance_update();
    circumstance_tablet();
    circumstance_minutes(number);
    circumstance_hours(number);
    circumstance_days(number);
    circumstance_weeks(number);
    circumstance_months(number);
    scope_line(what, customers);
    scope_said(what, times);
    chat_test();
    chat_theme(label);
    chat_release(name);
    chat_some_theme();
    chat_some_release();
    chat_some_feedback();
    chat_some_product();
    chat_some_story();
    chat_incident(number);
    chat_some_incident();
    incident_subject_start(product);
    incident_subject_end(product);
    incident_is_it_over();
    incident_call(number, severity);
    incident_call_why();
    owner_on_duty();
    owner_of_product();
    owner_first_admin();
    owner_hand_off();
    owner_taken_over();
    owner_escalated();
    owner_left();
    postmortem_impact(severity, duration);
    postmortem_impact_open(severity);
    postmortem_services(services);
    postmortem_customers(customers, feedback);
    postmortem_detection(source, at, opened);
    postmortem_acknowledged(duration);
    postmortem_deployment(at, service);
    incident_source(source);
    postmortem_section_summary();
    postmortem_section_impact();
    postmortem_section_detection();
    postmortem_section_trigger();
    postmortem_section_root_causes();
    postmortem_section_contributing_factors();
    postmortem_section_resolution();
    postmortem_section_went_well();
    postmortem_section_went_wrong();
    postmortem_section_lucky();
    postmortem_section_open_questions();
    postmortem_heading_timeline();
    postmortem_heading_customers();
    postmortem_heading_actions();
    postmortem_facts_line(number, severity, duration);
    postmortem_action_due(due);
    chat_postmortem(number);
    chat_some_postmortem();
    chat_report(kind);
    chat_some_report();
    chat_some_subscription();
}

/// A date (in UTC) in the usual format of the language.
pub fn date(language: Language, time: Time) -> String {
    use chrono::Datelike;
    let day = chrono::DateTime::<chrono::Utc>::from_timestamp_micros(time.0).unwrap_or_default();
    date_of(language, day.day(), day.month(), day.year())
}

/// The sentence that describes an event of this kind; `None` where there is no such kind. `gaps` are the resource as
/// `subject`, and the fields of the event's data.
pub fn event(language: Language, kind: &str, gaps: &[(&str, String)]) -> Option<String> {
    let gaps: Vec<(&str, FluentValue<'_>)> =
        gaps.iter().map(|(name, value)| (*name, FluentValue::from(value.as_str()))).collect();
    formatted(language, &event_key(kind), &gaps)
}

/// The name of the message for a kind of event.
fn event_key(kind: &str) -> String {
    format!("event-{}", kind.replace('.', "-"))
}

/// A word in event data, such as `roll_back`, in the language of readers. A word that the catalogue does not have is
/// written with spaces in place of underscores.
pub fn value(language: Language, word: &str) -> String {
    formatted(language, &format!("value-{word}"), &[]).unwrap_or_else(|| word.replace('_', " "))
}
