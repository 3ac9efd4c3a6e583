//! What the customers' pages look like: one small document, in English or Korean, that fetches nothing.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::domain::base::language::Language;
use crate::domain::closure::ClosureKind;
use crate::domain::words;
use crate::error::Code;
use crate::usecase::closure::case::Case;
use crate::usecase::operations::telling::answers::AskedTelling;

/// The style of each page, as the template includes it: without the line break at its end.
const STYLE: &str = include_str!("../../../templates/page/style.css").trim_ascii_end();

/// Nothing but this style, and a form that comes back here.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
});

/// What a customer is asked.
#[derive(Clone, Debug)]
pub struct AskedStory {
    pub kind: ClosureKind,
    pub language: Language,
    pub product: String,
    pub title: String,
    pub said: Option<String>,
    /// Why it is declined.
    pub reason: Option<String>,
}

impl From<Case> for AskedStory {
    fn from(case: Case) -> Self {
        Self {
            kind: case.closure.kind,
            language: case.language(),
            product: case.product.name,
            title: case.told.title,
            said: case.own.and_then(|own| own.words),
            reason: case.told.reason,
        }
    }
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug)]
pub enum Wrong {
    /// Neither solved nor not solved.
    Answer,
    /// Not solved, and nothing says why.
    Because,
    TooLong,
}

impl Wrong {
    /// What the page says of it; `is_asked` where the customer is asked whether something is solved.
    fn said(self, language: Language, is_asked: bool) -> String {
        match self {
            Wrong::Answer => words::page_choose(language),
            Wrong::Because if is_asked => words::page_say_what_is_not_solved(language),
            Wrong::Because => words::page_say_more(language),
            Wrong::TooLong => words::page_too_long(language),
        }
    }
}

/// What a page shows.
pub enum View<'a> {
    Question {
        asked: &'a AskedStory,
        because: &'a str,
        wrong: Option<Wrong>,
    },
    /// Whether an incident is over for them.
    Over {
        asked: &'a AskedTelling,
        because: &'a str,
        wrong: Option<Wrong>,
    },
    Thanks {
        kind: ClosureKind,
        solved: bool,
    },
    Unsubscribe,
    Unsubscribed,
    Refused {
        code: Code,
    },
}

/// The page that asks.
#[derive(Template)]
#[template(path = "page/question.html")]
struct Question<'a> {
    language: &'static str,
    title: String,
    asked: &'a AskedStory,
    question: String,
    told: String,
    done: String,
    wrong: Option<String>,
    because: &'a str,
    yes: String,
    label: String,
    no: String,
    fine: &'static str,
    more: &'static str,
}

/// The page that asks whether an incident is over.
#[derive(Template)]
#[template(path = "page/over.html")]
struct OverQuestion<'a> {
    language: &'static str,
    title: String,
    asked: &'a AskedTelling,
    question: String,
    wrong: Option<String>,
    because: &'a str,
    yes: String,
    label: String,
    no: String,
}

/// A page that says something, with a button to unsubscribe or without.
#[derive(Template)]
#[template(path = "page/notice.html")]
struct Notice {
    language: &'static str,
    title: String,
    text: String,
    unsubscribe: Option<String>,
}

/// A page.
pub fn page(status: StatusCode, language: Language, view: &View<'_>) -> HttpResponse {
    let html = html(language, view);
    let mut response = HttpResponse::build(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Robots-Tag", "noindex, nofollow"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.insert_header((header::RETRY_AFTER, "1"));
    }
    response.body(html)
}

fn html(language: Language, view: &View<'_>) -> String {
    if let View::Question { asked, because, wrong } = view {
        return question(asked, because, *wrong).to_string();
    }
    if let View::Over { asked, because, wrong } = view {
        return over(asked, because, *wrong).to_string();
    }
    let (title, text) = notice(language, view);
    let unsubscribe = matches!(view, View::Unsubscribe).then(|| words::page_stop_mail(language));
    Notice { language: language.code(), title, text, unsubscribe }.to_string()
}

fn question<'a>(asked: &'a AskedStory, because: &'a str, wrong: Option<Wrong>) -> Question<'a> {
    let language = asked.language;
    let is_asked = asked.kind == ClosureKind::Release;
    let question = match asked.kind {
        ClosureKind::Release => words::is_it_solved(language),
        ClosureKind::Decline => words::page_declined(language),
        ClosureKind::RollBack => words::page_taken_back(language),
    };
    let (fine, more) = values(asked.kind);
    Question {
        language: language.code(),
        title: format!("{question} {}", asked.product),
        asked,
        question,
        told: words::page_told(language),
        done: match asked.kind {
            ClosureKind::Release => words::this_is_changed(language),
            ClosureKind::Decline => words::page_not_done(language),
            ClosureKind::RollBack => words::page_undone(language),
        },
        wrong: wrong.map(|wrong| wrong.said(language, is_asked)),
        because,
        yes: if is_asked { words::page_solved(language) } else { words::page_understood(language) },
        label: if is_asked { words::page_what_is_not_solved(language) } else { words::should_we_know(language) },
        no: if is_asked { words::page_not_solved(language) } else { words::tell_us_more(language) },
        fine,
        more,
    }
}

fn over<'a>(asked: &'a AskedTelling, because: &'a str, wrong: Option<Wrong>) -> OverQuestion<'a> {
    let language = asked.language;
    let question = words::incident_is_it_over(language);
    OverQuestion {
        language: language.code(),
        title: format!("{question} {}", asked.product),
        asked,
        question,
        wrong: wrong.map(|wrong| wrong.said(language, true)),
        because,
        yes: words::page_solved(language),
        label: words::page_what_is_not_solved(language),
        no: words::page_not_solved(language),
    }
}

/// What the form sends as the answer: that all is well, and that it is not, or there is more to say.
pub fn values(kind: ClosureKind) -> (&'static str, &'static str) {
    match kind {
        ClosureKind::Release => ("solved", "not_solved"),
        ClosureKind::Decline | ClosureKind::RollBack => ("understood", "more"),
    }
}

/// The heading and the sentence of a page that asks nothing.
fn notice(language: Language, view: &View<'_>) -> (String, String) {
    type Sentence = fn(Language) -> String;
    let (heading, sentence): (Sentence, Sentence) = match view {
        View::Question { .. } | View::Over { .. } => return Default::default(),
        View::Thanks { kind: ClosureKind::Decline | ClosureKind::RollBack, solved: true } => {
            (words::page_thanks, words::page_thanks_close)
        }
        View::Thanks { solved: true, .. } => (words::page_thanks, words::page_thanks_solved),
        View::Thanks { solved: false, .. } => (words::page_thanks_for_words, words::page_words_are_with_the_team),
        View::Unsubscribe => (words::page_no_more_mail, words::page_no_more_mail_means),
        View::Unsubscribed => (words::page_unsubscribed, words::page_unsubscribed_close),
        View::Refused { code: Code::Conflict } => (words::page_answered, words::page_answered_once),
        View::Refused { code: Code::Gone } => (words::page_gone, words::page_gone_means),
        View::Refused { code: Code::NotFound } => (words::page_not_found, words::page_not_found_means),
        View::Refused { code } if code.status() >= 500 => (words::page_failed, words::page_failed_means),
        View::Refused { .. } => (words::page_unreadable, words::page_unreadable_means),
    };
    (heading(language), sentence(language))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::Id;

    const HOSTILE: &str = "</title><script>alert('1')</script>\" onload=\"x";

    /// A page with a hostile text in each of its slots.
    fn hostile(language: Language, kind: ClosureKind) -> String {
        let text = || HOSTILE.to_owned();
        let asked =
            AskedStory { kind, language, product: text(), title: text(), said: Some(text()), reason: Some(text()) };
        html(language, &View::Question { asked: &asked, because: HOSTILE, wrong: Some(Wrong::Because) })
    }

    #[test]
    fn text_stays_text_in_each_slot_of_a_question() {
        for kind in ClosureKind::ALL {
            for language in [Language::English, Language::Korean] {
                let page = hostile(language, *kind);
                assert_eq!(page.matches("&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34; onload").count(), 6);
                assert!(!page.contains("<script") && !page.contains("\" onload"), "{page}");
                assert_eq!(page.matches("</title>").count(), 1, "{page}");
            }
        }
    }

    #[test]
    fn text_stays_text_where_an_incident_is_asked_about() {
        let text = || HOSTILE.to_owned();
        for language in [Language::English, Language::Korean] {
            let asked = AskedTelling { telling: Id::next(), language, product: text(), text: text() };
            let page = html(language, &View::Over { asked: &asked, because: HOSTILE, wrong: Some(Wrong::Answer) });
            assert_eq!(page.matches("&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34; onload").count(), 4);
            assert!(!page.contains("<script") && !page.contains("\" onload"), "{page}");
        }
    }

    #[test]
    fn the_policy_allows_the_style_that_the_page_has() {
        let page = hostile(Language::English, ClosureKind::Release);
        let (_, rest) = page.split_once("<style>").expect("a style");
        let (style, _) = rest.split_once("</style>").expect("its end");
        assert!(POLICY.contains(&STANDARD.encode(Sha256::digest(style))), "{style}");
    }
}
