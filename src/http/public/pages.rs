//! What the customers' pages look like: one small document, in English or Korean, that fetches nothing.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::domain::base::language::Tongue;
use crate::domain::closure::ClosureKind;
use crate::error::Code;

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
pub struct Asked {
    pub kind: ClosureKind,
    pub tongue: Tongue,
    pub product: String,
    pub title: String,
    pub said: Option<String>,
    /// Why it is declined.
    pub reason: Option<String>,
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

/// What a page shows.
pub enum View<'a> {
    Question { asked: &'a Asked, because: &'a str, wrong: Option<Wrong> },
    Thanks { kind: ClosureKind, solved: bool },
    Unsubscribe,
    Unsubscribed,
    Refused { code: Code },
}

/// The page that asks.
#[derive(Template)]
#[template(path = "page/question.html")]
struct Question<'a> {
    language: &'static str,
    title: String,
    asked: &'a Asked,
    question: &'static str,
    told: &'static str,
    done: &'static str,
    wrong: Option<&'static str>,
    because: &'a str,
    yes: &'static str,
    label: &'static str,
    no: &'static str,
    fine: &'static str,
    more: &'static str,
}

/// A page that says something, with a button to unsubscribe or without.
#[derive(Template)]
#[template(path = "page/notice.html")]
struct Notice {
    language: &'static str,
    title: &'static str,
    text: &'static str,
    unsubscribe: Option<&'static str>,
}

/// A page.
pub fn page(status: StatusCode, tongue: Tongue, view: &View<'_>) -> HttpResponse {
    let html = html(tongue, view);
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

fn html(tongue: Tongue, view: &View<'_>) -> String {
    if let View::Question { asked, because, wrong } = view {
        return question(asked, because, *wrong).to_string();
    }
    let (title, text) = words(tongue, view);
    let unsubscribe =
        matches!(view, View::Unsubscribe).then(|| either(tongue, "Send me no more mail", "메일 그만 받기"));
    Notice { language: tongue.code(), title, text, unsubscribe }.to_string()
}

fn either(tongue: Tongue, english: &'static str, korean: &'static str) -> &'static str {
    match tongue {
        Tongue::English => english,
        Tongue::Korean => korean,
    }
}

/// The sentences of a question, by what is told.
struct Sentences {
    question: (&'static str, &'static str),
    done: (&'static str, &'static str),
    yes: (&'static str, &'static str),
    label: (&'static str, &'static str),
    no: (&'static str, &'static str),
    because: (&'static str, &'static str),
}

const RELEASED: Sentences = Sentences {
    question: ("Is it solved for you?", "해결되었나요?"),
    done: ("This is what we changed:", "이렇게 고쳤습니다."),
    yes: ("Yes, it is solved", "네, 해결되었습니다"),
    label: ("What is not solved?", "무엇이 해결되지 않았나요?"),
    no: ("No, not solved", "아니요, 해결되지 않았습니다"),
    because: ("Please say what is not solved.", "무엇이 해결되지 않았는지 적어 주세요."),
};

const DECLINED: Sentences = Sentences {
    question: ("What became of it", "검토 결과 안내"),
    done: ("We thought about it and will not do this:", "검토했지만 진행하지 않기로 했습니다."),
    yes: ("Understood", "알겠습니다"),
    label: ("Is there something we should know?", "저희가 더 알아야 할 것이 있나요?"),
    no: ("Tell us more", "더 알려 주기"),
    because: ("Please write what we should know.", "알려 주실 내용을 적어 주세요."),
};

const TAKEN_BACK: Sentences = Sentences {
    question: ("Taken back for now", "당분간 되돌립니다"),
    done: (
        "We had to take this change back for now; you hear from us when it is there again:",
        "고쳤다고 알려 드렸던 내용을 당분간 되돌리게 되었습니다. 다시 적용되면 알려 드리겠습니다.",
    ),
    ..DECLINED
};

fn question<'a>(asked: &'a Asked, because: &'a str, wrong: Option<Wrong>) -> Question<'a> {
    let say = |(english, korean)| either(asked.tongue, english, korean);
    let sentences = match asked.kind {
        ClosureKind::Release => &RELEASED,
        ClosureKind::Decline => &DECLINED,
        ClosureKind::RollBack => &TAKEN_BACK,
    };
    let wrong = wrong.map(|wrong| match wrong {
        Wrong::Answer => say(("Please choose one of the two.", "둘 중 하나를 골라 주세요.")),
        Wrong::Because => say(sentences.because),
        Wrong::TooLong => say(("At most 5,000 characters, please.", "5,000자까지 적어 주세요.")),
    });
    let (fine, more) = values(asked.kind);
    Question {
        language: asked.tongue.code(),
        title: format!("{} {}", say(sentences.question), asked.product),
        asked,
        question: say(sentences.question),
        told: say(("You told us:", "이렇게 말씀해 주셨습니다.")),
        done: say(sentences.done),
        wrong,
        because,
        yes: say(sentences.yes),
        label: say(sentences.label),
        no: say(sentences.no),
        fine,
        more,
    }
}

/// What the form sends as the answer: that all is well, and that it is not, or there is more to say.
pub fn values(kind: ClosureKind) -> (&'static str, &'static str) {
    match kind {
        ClosureKind::Release => ("solved", "not_solved"),
        ClosureKind::Decline | ClosureKind::RollBack => ("understood", "more"),
    }
}

fn words(tongue: Tongue, view: &View<'_>) -> (&'static str, &'static str) {
    let (english, korean) = match view {
        View::Question { .. } => (("", ""), ("", "")),
        View::Thanks { kind: ClosureKind::Decline | ClosureKind::RollBack, solved: true } => {
            (("Thank you!", "You can close this page."), ("고맙습니다!", "이 페이지를 닫으셔도 됩니다."))
        }
        View::Thanks { solved: true, .. } => (
            ("Thank you!", "We are glad that it is solved. You can close this page."),
            ("고맙습니다!", "해결되었다니 다행입니다. 이 페이지를 닫으셔도 됩니다."),
        ),
        View::Thanks { solved: false, .. } => (
            (
                "Thank you for telling us",
                "Your words are with the team now. When there is something new, you hear back.",
            ),
            ("알려 주셔서 고맙습니다", "말씀하신 내용이 담당 팀에 전달되었습니다. 달라지면 다시 알려 드리겠습니다."),
        ),
        View::Unsubscribe => (
            ("No more mail?", "Then we will not write to you again when something you asked for is done."),
            ("메일을 그만 받으시겠어요?", "요청하신 일이 처리되어도 더 이상 메일을 보내지 않겠습니다."),
        ),
        View::Unsubscribed => (
            ("You get no more mail", "We will not write to you again. You can close this page."),
            ("더 이상 메일을 보내지 않습니다", "이 페이지를 닫으셔도 됩니다."),
        ),
        View::Refused { code } => match code {
            Code::Conflict => (
                (
                    "You have answered already",
                    "Thank you! This link takes one answer. If there is more to say, tell our support.",
                ),
                (
                    "이미 답하셨습니다",
                    "고맙습니다! 이 링크로는 한 번만 답하실 수 있습니다. 더 하실 말씀은 고객 지원에 알려 주세요.",
                ),
            ),
            Code::Gone => (
                (
                    "This link is no longer good",
                    "Its time is over. If something is still not solved, tell our support.",
                ),
                ("더 이상 쓸 수 없는 링크입니다", "기한이 지났습니다. 아직 해결되지 않았다면 고객 지원에 알려 주세요."),
            ),
            Code::NotFound => (
                ("There is nothing here", "Please open the whole link from the mail; a part of it may be missing."),
                ("페이지를 찾을 수 없습니다", "메일에 있는 링크 전체를 열어 주세요. 일부가 빠졌을 수 있습니다."),
            ),
            code if code.status() >= 500 => (
                ("Something went wrong here", "Nothing was lost; please try again in a moment."),
                ("문제가 생겼습니다", "잃어버린 것은 없습니다. 잠시 후 다시 시도해 주세요."),
            ),
            _ => (
                ("That could not be read", "Please go back and send the form again."),
                ("내용을 읽을 수 없습니다", "뒤로 가서 다시 보내 주세요."),
            ),
        },
    };
    match tongue {
        Tongue::English => english,
        Tongue::Korean => korean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "</title><script>alert('1')</script>\" onload=\"x";

    /// A page with a hostile text in each of its slots.
    fn hostile(tongue: Tongue, kind: ClosureKind) -> String {
        let text = || HOSTILE.to_owned();
        let asked = Asked { kind, tongue, product: text(), title: text(), said: Some(text()), reason: Some(text()) };
        html(tongue, &View::Question { asked: &asked, because: HOSTILE, wrong: Some(Wrong::Because) })
    }

    #[test]
    fn text_stays_text_in_each_slot_of_a_question() {
        for kind in ClosureKind::ALL {
            for tongue in [Tongue::English, Tongue::Korean] {
                let page = hostile(tongue, *kind);
                assert_eq!(page.matches("&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#34; onload").count(), 6);
                assert!(!page.contains("<script") && !page.contains("\" onload"), "{page}");
                assert_eq!(page.matches("</title>").count(), 1, "{page}");
            }
        }
    }

    #[test]
    fn the_policy_allows_the_style_that_the_page_has() {
        let page = hostile(Tongue::English, ClosureKind::Release);
        let (_, rest) = page.split_once("<style>").expect("a style");
        let (style, _) = rest.split_once("</style>").expect("its end");
        assert!(POLICY.contains(&STANDARD.encode(Sha256::digest(style))), "{style}");
    }
}
