//! What the customers' pages look like: one small document, in English or Korean, that fetches nothing.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::domain::base::language::Tongue;
use crate::domain::base::text::escape_html as escape;
use crate::domain::closure::ClosureKind;
use crate::error::Code;

const STYLE: &str = "body{margin:0;padding:24px 16px;font:17px/1.55 system-ui,sans-serif;color:#1b1f23;background:#f4f5f7}\
main{max-width:34em;margin:0 auto;padding:24px;background:#fff;border-radius:10px;box-sizing:border-box}\
h1{font-size:1.35em;line-height:1.3;margin:0 0 .8em}\
blockquote{margin:0 0 1em;padding:0 0 0 12px;border-left:3px solid #c8ccd0;color:#40474e;white-space:pre-wrap;\
overflow-wrap:anywhere}\
form{margin:1.2em 0 0;padding:1.2em 0 0;border-top:1px solid #e3e6ea}\
label{display:block;margin:0 0 .4em}\
textarea{width:100%;min-height:7em;box-sizing:border-box;font:inherit;padding:8px;border:1px solid #767d85;border-radius:6px}\
button{font:inherit;padding:10px 18px;border:0;border-radius:6px;background:#1f5fbf;color:#fff;cursor:pointer}\
button.second{background:#40474e;margin-top:.6em}\
button:focus-visible,textarea:focus-visible{outline:3px solid #8ab4f8;outline-offset:2px}\
.wrong{color:#a3190f;font-weight:600}\
.small{font-size:.85em;color:#5c646c;margin:1.4em 0 0}\
@media(prefers-color-scheme:dark){body{background:#15181b;color:#e6e8ea}main{background:#202428}blockquote{color:#b6bcc2}\
form{border-color:#3a4046}textarea{background:#15181b;color:inherit}.wrong{color:#ff9d94}.small{color:#a2a9b0}}";

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

/// A page.
pub fn page(status: StatusCode, tongue: Tongue, view: &View<'_>) -> HttpResponse {
    let (title, body) = match view {
        View::Question { asked, because, wrong } => question(asked, because, *wrong),
        other => {
            let (title, text) = words(tongue, other);
            let form = match other {
                View::Unsubscribe => {
                    let yes = either(tongue, "Send me no more mail", "메일 그만 받기");
                    format!(
                        "<form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\
                         <button>{yes}</button></form>"
                    )
                }
                _ => String::new(),
            };
            (title.to_owned(), format!("<h1>{title}</h1><p>{text}</p>{form}"))
        }
    };
    let html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body><main>{body}</main></body>\n</html>\n",
        tongue.code(),
        escape(&title)
    );
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

fn question(asked: &Asked, because: &str, wrong: Option<Wrong>) -> (String, String) {
    let say = |(english, korean)| either(asked.tongue, english, korean);
    let sentences = match asked.kind {
        ClosureKind::Release => &RELEASED,
        ClosureKind::Decline => &DECLINED,
        ClosureKind::RollBack => &TAKEN_BACK,
    };
    let question = say(sentences.question);
    let mut body = format!("<h1>{question}</h1>");
    if let Some(said) = &asked.said {
        let told = say(("You told us:", "이렇게 말씀해 주셨습니다."));
        body += &format!("<p>{told}</p><blockquote>{}</blockquote>", escape(said.trim()));
    }
    body += &format!("<p>{} <strong>{}</strong></p>", say(sentences.done), escape(&asked.title));
    if let Some(reason) = &asked.reason {
        body += &format!("<p>{}</p>", escape(reason.trim()));
    }
    if let Some(wrong) = wrong {
        let text = match wrong {
            Wrong::Answer => say(("Please choose one of the two.", "둘 중 하나를 골라 주세요.")),
            Wrong::Because => say(sentences.because),
            Wrong::TooLong => say(("At most 5,000 characters, please.", "5,000자까지 적어 주세요.")),
        };
        body += &format!("<p class=\"wrong\" role=\"alert\">{text}</p>");
    }
    let (yes, no, label) = (say(sentences.yes), say(sentences.no), say(sentences.label));
    let (fine, more) = values(asked.kind);
    body += &format!(
        "<form method=\"post\"><button name=\"answer\" value=\"{fine}\">{yes}</button></form>\
         <form method=\"post\"><label for=\"because\">{label}</label>\
         <textarea id=\"because\" name=\"because\" maxlength=\"5000\" required>{}</textarea>\
         <button class=\"second\" name=\"answer\" value=\"{more}\">{no}</button></form>\
         <p class=\"small\">{}</p>",
        escape(because),
        escape(&asked.product)
    );
    (format!("{question} {}", asked.product), body)
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
