//! The mail to a customer, in English or Korean: their own words, what was done, and the question. It contains no
//! advertising, no images and no open tracking.

use std::fmt::Write;

use askama::Template;

use crate::domain::base::text::one_line;
use crate::domain::closure::ClosureKind;
use crate::domain::closure::letter::LetterContent;
use crate::domain::words;

/// The most characters that are quoted of a customer's text.
const QUOTED: usize = 600;

/// A letter as plain text and as HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The fixed sentences of a letter in one language.
struct LetterPhrases {
    greeting: String,
    said: String,
    done: String,
    release: Option<String>,
    /// The question, or a link to the page where nothing is asked.
    question: String,
    /// The label of the button.
    yes: String,
    /// The sentence that explains how to answer, with the last day.
    how: String,
    why: String,
    stop: String,
}

impl Letter {
    /// Composes the letter.
    pub fn write(words: &LetterContent) -> Self {
        let phrases = LetterPhrases::of(words);
        Self { subject: subject(words), text: text(words, &phrases), html: html(words, &phrases) }
    }
}

fn subject(words: &LetterContent) -> String {
    let again = if words.reminder { "Re: " } else { "" };
    format!("{again}{}", words.kind.subject(words.language, &words.product, &words.title))
}

impl LetterPhrases {
    fn of(letter: &LetterContent) -> Self {
        let (language, until) = (letter.language, words::date(letter.language, letter.until));
        let is_asked = letter.kind == ClosureKind::Release;
        Self {
            greeting: match letter.name.as_deref().map(one_line) {
                Some(name) => words::mail_hello_name(language, name),
                None => words::mail_hello(language),
            },
            said: match &letter.said {
                Some((Some(_), at)) => words::mail_told_on(language, words::date(language, *at)),
                Some((None, at)) => words::mail_noted_on(language, words::date(language, *at)),
                None => words::mail_noted(language),
            },
            done: match letter.kind {
                ClosureKind::Release if letter.reminder => words::mail_changed_before(language),
                ClosureKind::Release => words::this_is_changed(language),
                ClosureKind::Decline => words::mail_declined(language),
                ClosureKind::RollBack => words::mail_taken_back(language),
            },
            release: letter.release.as_deref().map(one_line).map(|name| match letter.kind {
                ClosureKind::RollBack => words::mail_was_in_release(language, name),
                ClosureKind::Release | ClosureKind::Decline => words::mail_in_release(language, name),
            }),
            question: if is_asked { words::is_it_solved(language) } else { words::should_we_know(language) },
            yes: if is_asked { words::mail_answer(language) } else { words::tell_us_more(language) },
            how: match is_asked {
                true => words::mail_how_to_answer(language, until),
                false => words::mail_how_to_write(language, until),
            },
            why: words::mail_why(language),
            stop: words::mail_stop(language),
        }
    }
}

fn text(words: &LetterContent, phrases: &LetterPhrases) -> String {
    let mut text = format!("{}\n\n{}\n\n", phrases.greeting, phrases.said);
    if let Some((Some(said), _)) = &words.said {
        for line in cut(said, QUOTED).lines() {
            let _ = writeln!(text, "> {line}");
        }
        text.push('\n');
    }
    let _ = write!(text, "{}\n\n  {}\n", phrases.done, one_line(&words.title));
    for line in lines(words, phrases) {
        let _ = writeln!(text, "  {line}");
    }
    text.push('\n');
    let _ = write!(text, "{}\n{}\n\n{}\n\n", phrases.question, words.answer, phrases.how);
    let _ =
        write!(text, "-- \n{}\n{}\n{} {}\n", one_line(&words.product), phrases.why, phrases.stop, words.unsubscribe);
    text
}

/// The data of the HTML template.
#[derive(Template)]
#[template(path = "mail/closure.html")]
struct LetterHtml<'a> {
    language: &'static str,
    subject: String,
    phrases: &'a LetterPhrases,
    quote: Option<String>,
    title: String,
    /// The changelog entry, and the release.
    lines: Vec<String>,
    product: String,
    answer: &'a str,
    unsubscribe: &'a str,
}

fn html(words: &LetterContent, phrases: &LetterPhrases) -> String {
    let quoted = words.said.as_ref().and_then(|(said, _)| said.as_deref());
    let html = LetterHtml {
        language: words.language.code(),
        subject: subject(words),
        phrases,
        quote: quoted.map(|said| cut(said, QUOTED)),
        title: one_line(&words.title),
        lines: lines(words, phrases),
        product: one_line(&words.product),
        answer: &words.answer,
        unsubscribe: &words.unsubscribe,
    };
    html.to_string()
}

/// The text under the title: the changelog entry, and its release.
fn lines(words: &LetterContent, phrases: &LetterPhrases) -> Vec<String> {
    let lines = [words.entry.as_deref().map(one_line), phrases.release.clone()];
    lines.into_iter().flatten().filter(|line| !line.is_empty()).collect()
}

/// The text cut to at most this many characters.
pub(in crate::outside) fn cut(text: &str, most: usize) -> String {
    match text.trim().char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.trim()[..at].trim_end()),
        None => text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::Time;
    use crate::domain::base::language::Language;

    fn words(language: Language) -> LetterContent {
        LetterContent {
            language,
            name: Some("Min-ji <b>Park</b>\r\nBcc: all@example.com".to_owned()),
            product: "Paylo".to_owned(),
            said: Some((
                Some("Refund & <script>alert(1)</script>\nstill missing".to_owned()),
                Time(1_767_225_600_000_000),
            )),
            title: "Refunds\nshow a date".to_owned(),
            entry: Some("A refund shows its date.".to_owned()),
            release: Some("1.4.0".to_owned()),
            kind: ClosureKind::Release,
            reminder: false,
            answer: "https://voice.example.com/answer/abc".to_owned(),
            until: Time(1_769_904_000_000_000),
            unsubscribe: "https://voice.example.com/unsubscribe/def".to_owned(),
        }
    }

    #[test]
    fn it_quotes_them_and_asks() {
        let letter = Letter::write(&words(Language::English));
        assert_eq!(letter.subject, "[Paylo] Is it solved? Refunds show a date");
        for part in [
            "> Refund & <script>",
            "> still missing",
            "A refund shows its date.",
            "1.4.0",
            "/answer/abc",
            "/unsubscribe/def",
            "1 January 2026",
            "1 February 2026",
        ] {
            assert!(letter.text.contains(part), "{part} in {}", letter.text);
        }
        assert!(letter.html.contains("Refund &#38; &#60;script&#62;alert(1)&#60;/script&#62;<br>still missing"));
        assert!(!letter.html.contains("<script>") && !letter.html.contains("<b>Park"));
        assert!(letter.text.starts_with("Hello Min-ji <b>Park</b> Bcc: all@example.com,\n"));
    }

    #[test]
    fn it_speaks_korean() {
        let letter = Letter::write(&LetterContent { reminder: true, ..words(Language::Korean) });
        assert!(letter.subject.starts_with("Re: [Paylo] 해결되었나요?"));
        assert!(letter.text.contains("2026년 1월 1일") && letter.html.contains("lang=\"ko\""));
    }

    #[test]
    fn customers_are_not_asked_about_declined_or_rolled_back_stories() {
        for language in [Language::English, Language::Korean] {
            let reason = Some("Banks do not give us the date.".to_owned());
            let declined =
                LetterContent { kind: ClosureKind::Decline, entry: reason, release: None, ..words(language) };
            let letter = Letter::write(&declined);
            for form in [&letter.text, &letter.html] {
                assert!(form.contains("Banks do not give us the date.") && form.contains("/unsubscribe/def"));
                assert!(!form.contains("solved") && !form.contains("해결"), "{form}");
            }
            assert!(!letter.subject.contains("solved") && !letter.subject.contains("해결"));
            let taken_back =
                Letter::write(&LetterContent { kind: ClosureKind::RollBack, entry: None, ..words(language) });
            assert!(taken_back.text.contains("Refunds show a date") && taken_back.text.contains("1.4.0"));
            assert!(!taken_back.text.contains("solved") && !taken_back.text.contains("해결"), "{}", taken_back.text);
        }
    }

    #[test]
    fn text_stays_text_in_each_slot() {
        let hostile = || "</title><script>x</script>\" onload=\"x".to_owned();
        for kind in ClosureKind::ALL {
            let letter = Letter::write(&LetterContent {
                kind: *kind,
                name: Some(hostile()),
                product: hostile(),
                said: Some((Some(hostile()), Time(0))),
                title: hostile(),
                entry: Some(hostile()),
                release: Some(hostile()),
                answer: hostile(),
                unsubscribe: hostile(),
                ..words(Language::English)
            });
            // The subject has the product and the title; the unsubscribe link occurs twice.
            let escaped = "&#60;/title&#62;&#60;script&#62;x&#60;/script&#62;&#34; onload=&#34;x";
            assert_eq!(letter.html.matches(escaped).count(), 11, "{}", letter.html);
            assert!(!letter.html.contains("<script") && !letter.html.contains("\" onload"), "{}", letter.html);
            assert_eq!(letter.html.matches("</title>").count(), 1);
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        let html = Letter::write(&words(Language::English)).html;
        for word in ["<img", "src=", "url(", "<link", "@import"] {
            assert!(!html.contains(word), "{word}");
        }
    }
}
