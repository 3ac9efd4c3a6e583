//! What a mail to a customer says, in English or Korean: their own words, what was done, and the question. Nothing is
//! advertised, and nothing of it is fetched from elsewhere: no pictures, no counting of who opened it.

use std::fmt::Write;

use askama::Template;

use crate::domain::base::Time;
use crate::domain::base::language::Tongue;
use crate::domain::base::text::one_line;
use crate::domain::closure::ClosureKind;

/// Characters quoted of what a customer said.
const QUOTED: usize = 600;

/// What a letter is made of.
#[derive(Clone, Debug)]
pub struct Words {
    /// What it tells.
    pub kind: ClosureKind,
    /// The language it is written in.
    pub tongue: Tongue,
    /// The customer's name, where it is known.
    pub name: Option<String>,
    /// The product's name.
    pub product: String,
    /// What they said, and when; without their words where others noted them.
    pub said: Option<(Option<String>, Time)>,
    /// The story's title,
    pub title: String,
    /// what the changelog says of it, or why it is declined,
    pub entry: Option<String>,
    /// and the release that has it.
    pub release: Option<String>,
    /// Whether they were told before, and are only reminded.
    pub reminder: bool,
    /// Where they answer,
    pub answer: String,
    /// and until when they can.
    pub until: Time,
    /// Where they say that they want no more mail.
    pub unsubscribe: String,
}

/// A letter in both forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The sentences around it, in one language.
struct Phrases {
    greeting: String,
    said: String,
    done: &'static str,
    release: String,
    /// What they are asked; nothing but that there is a page, where nothing is asked.
    question: &'static str,
    /// What the button says.
    yes: &'static str,
    /// How they answer, and until when.
    how: String,
    why: &'static str,
    stop: &'static str,
}

impl Letter {
    /// Writes it.
    pub fn write(words: &Words) -> Self {
        let phrases = match words.tongue {
            Tongue::English => english(words),
            Tongue::Korean => korean(words),
        };
        Self { subject: subject(words), text: text(words, &phrases), html: html(words, &phrases) }
    }
}

fn subject(words: &Words) -> String {
    let again = if words.reminder { "Re: " } else { "" };
    format!("{again}{}", words.kind.subject(words.tongue, &words.product, &words.title))
}

fn english(words: &Words) -> Phrases {
    let name = words.name.as_deref().map(one_line);
    let until = words.tongue.date(words.until);
    Phrases {
        greeting: name.map_or("Hello,".to_owned(), |name| format!("Hello {name},")),
        said: match &words.said {
            Some((Some(_), at)) => format!("On {} you told us:", words.tongue.date(*at)),
            Some((None, at)) => {
                format!("On {} you told us that something was wrong or missing.", words.tongue.date(*at))
            }
            None => "You told us that something was wrong or missing.".to_owned(),
        },
        done: match words.kind {
            ClosureKind::Release if words.reminder => "We changed this and asked whether it helps:",
            ClosureKind::Release => "This is what we changed:",
            ClosureKind::Decline => "Thank you. We thought about it and will not do this, for the reason below:",
            ClosureKind::RollBack => {
                "We told you that we changed this. We had to take the change back for now; you hear from us when it is there \
                 again:"
            }
        },
        release: match (words.kind, words.release.as_deref().map(one_line)) {
            (ClosureKind::RollBack, Some(name)) => format!("It was in release {name}."),
            (_, Some(name)) => format!("It is in release {name}."),
            (_, None) => String::new(),
        },
        question: match words.kind {
            ClosureKind::Release => "Is it solved for you?",
            ClosureKind::Decline | ClosureKind::RollBack => "Is there something we should know?",
        },
        yes: match words.kind {
            ClosureKind::Release => "Answer: solved, or not solved",
            ClosureKind::Decline | ClosureKind::RollBack => "Tell us more",
        },
        how: match words.kind {
            ClosureKind::Release => {
                format!(
                    "One click, no login. You can answer until {until}. What you write if it is not solved goes straight \
                     to the team."
                )
            }
            ClosureKind::Decline | ClosureKind::RollBack => {
                format!(
                    "No login, and no need to answer. Until {until} you can write to us there; it goes straight to the \
                     team."
                )
            }
        },
        why: "You get this because you told us about it; it is the only reason we write.",
        stop: "No more mail like this:",
    }
}

fn korean(words: &Words) -> Phrases {
    let name = words.name.as_deref().map(one_line);
    let until = words.tongue.date(words.until);
    Phrases {
        greeting: name.map_or("안녕하세요.".to_owned(), |name| format!("{name} 님, 안녕하세요.")),
        said: match &words.said {
            Some((None, at)) => format!("{}에 불편하거나 부족한 점을 알려 주셨습니다.", words.tongue.date(*at)),
            Some((Some(_), at)) => format!("{}에 이렇게 말씀해 주셨습니다.", words.tongue.date(*at)),
            None => "불편하거나 부족한 점을 알려 주셨습니다.".to_owned(),
        },
        done: match words.kind {
            ClosureKind::Release if words.reminder => "이렇게 고치고 도움이 되었는지 여쭈었습니다.",
            ClosureKind::Release => "이렇게 고쳤습니다.",
            ClosureKind::Decline => "알려 주셔서 고맙습니다. 검토했지만 아래와 같은 이유로 진행하지 않기로 했습니다.",
            ClosureKind::RollBack => {
                "고쳤다고 알려 드렸던 아래 내용을 당분간 되돌리게 되었습니다. 다시 적용되면 알려 드리겠습니다."
            }
        },
        release: match (words.kind, words.release.as_deref().map(one_line)) {
            (ClosureKind::RollBack, Some(name)) => format!("{name} 버전에 들어 있던 내용입니다."),
            (_, Some(name)) => format!("{name} 버전에 들어 있습니다."),
            (_, None) => String::new(),
        },
        question: match words.kind {
            ClosureKind::Release => "해결되었나요?",
            ClosureKind::Decline | ClosureKind::RollBack => "저희가 더 알아야 할 것이 있나요?",
        },
        yes: match words.kind {
            ClosureKind::Release => "답하기: 해결됨 / 해결되지 않음",
            ClosureKind::Decline | ClosureKind::RollBack => "더 알려 주기",
        },
        how: match words.kind {
            ClosureKind::Release => {
                format!(
                    "로그인 없이 한 번만 누르시면 됩니다. {until}까지 답하실 수 있고, 해결되지 않았다고 적어 주신 내용은 담당 \
                     팀에 바로 전달됩니다."
                )
            }
            ClosureKind::Decline | ClosureKind::RollBack => {
                format!(
                    "답하지 않으셔도 됩니다. {until}까지 로그인 없이 적어 주실 수 있고, 적어 주신 내용은 담당 팀에 바로 \
                     전달됩니다."
                )
            }
        },
        why: "알려 주신 일에 대한 답으로만 보내 드리는 메일입니다.",
        stop: "이런 메일을 더 받지 않으시려면:",
    }
}

fn text(words: &Words, phrases: &Phrases) -> String {
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

/// The HTML form as its template shows it.
#[derive(Template)]
#[template(path = "mail/closure.html")]
struct Html<'a> {
    language: &'static str,
    subject: String,
    phrases: &'a Phrases,
    quote: Option<String>,
    title: String,
    /// What the changelog says, and the release.
    lines: Vec<String>,
    product: String,
    answer: &'a str,
    unsubscribe: &'a str,
}

fn html(words: &Words, phrases: &Phrases) -> String {
    let quoted = words.said.as_ref().and_then(|(said, _)| said.as_deref());
    let html = Html {
        language: words.tongue.code(),
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

/// What stands under the title: what the changelog says of it, and its release.
fn lines(words: &Words, phrases: &Phrases) -> Vec<String> {
    let lines = [words.entry.as_deref().map(one_line), Some(phrases.release.clone())];
    lines.into_iter().flatten().filter(|line| !line.is_empty()).collect()
}

/// The beginning of a text, of so many characters.
pub(in crate::outside) fn cut(text: &str, most: usize) -> String {
    match text.trim().char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.trim()[..at].trim_end()),
        None => text.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tongue: Tongue) -> Words {
        Words {
            tongue,
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
        let letter = Letter::write(&words(Tongue::English));
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
        let letter = Letter::write(&Words { reminder: true, ..words(Tongue::Korean) });
        assert!(letter.subject.starts_with("Re: [Paylo] 해결되었나요?"));
        assert!(letter.text.contains("2026년 1월 1일") && letter.html.contains("lang=\"ko\""));
    }

    #[test]
    fn what_is_declined_or_taken_back_is_not_asked_about() {
        for tongue in [Tongue::English, Tongue::Korean] {
            let reason = Some("Banks do not give us the date.".to_owned());
            let declined = Words { kind: ClosureKind::Decline, entry: reason, release: None, ..words(tongue) };
            let letter = Letter::write(&declined);
            for form in [&letter.text, &letter.html] {
                assert!(form.contains("Banks do not give us the date.") && form.contains("/unsubscribe/def"));
                assert!(!form.contains("solved") && !form.contains("해결"), "{form}");
            }
            assert!(!letter.subject.contains("solved") && !letter.subject.contains("해결"));
            let taken_back = Letter::write(&Words { kind: ClosureKind::RollBack, entry: None, ..words(tongue) });
            assert!(taken_back.text.contains("Refunds show a date") && taken_back.text.contains("1.4.0"));
            assert!(!taken_back.text.contains("solved") && !taken_back.text.contains("해결"), "{}", taken_back.text);
        }
    }

    #[test]
    fn text_stays_text_in_each_slot() {
        let hostile = || "</title><script>x</script>\" onload=\"x".to_owned();
        for kind in ClosureKind::ALL {
            let letter = Letter::write(&Words {
                kind: *kind,
                name: Some(hostile()),
                product: hostile(),
                said: Some((Some(hostile()), Time(0))),
                title: hostile(),
                entry: Some(hostile()),
                release: Some(hostile()),
                answer: hostile(),
                unsubscribe: hostile(),
                ..words(Tongue::English)
            });
            // The subject has the product and the title, the link to unsubscribe stands twice.
            let escaped = "&#60;/title&#62;&#60;script&#62;x&#60;/script&#62;&#34; onload=&#34;x";
            assert_eq!(letter.html.matches(escaped).count(), 11, "{}", letter.html);
            assert!(!letter.html.contains("<script") && !letter.html.contains("\" onload"), "{}", letter.html);
            assert_eq!(letter.html.matches("</title>").count(), 1);
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        let html = Letter::write(&words(Tongue::English)).html;
        for word in ["<img", "src=", "url(", "<link", "@import"] {
            assert!(!html.contains(word), "{word}");
        }
    }
}
