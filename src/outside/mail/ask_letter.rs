//! The mail that asks a member to take over an incident or a shift, or to look at an evaluation again, in English or Korean.

use askama::Template;

use super::Letter;
use crate::domain::base::Time;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::operations::turns::local;
use crate::domain::words;

/// What is asked for.
#[derive(Clone, Debug)]
pub enum AskedFor {
    /// To take over an incident, until a time.
    HandOff { number: String, title: String, until: Time },
    /// To take a shift.
    Shift { rota: String, time_zone: String, from: Time, to: Time, note: Option<String> },
    /// To look at an evaluation again, for which a day was set, as `2027-11-30`.
    Revisit { title: String, day: String },
}

/// The content of the letter.
#[derive(Clone, Debug)]
pub struct AskWords {
    /// The language of the member.
    pub language: Language,
    /// The product's name.
    pub product: String,
    /// Who asks; `None` for a service.
    pub by: Option<String>,
    pub what: AskedFor,
    /// The page where the member answers.
    pub link: String,
}

/// The data of the HTML template; it is that of a page.
#[derive(Template)]
#[template(path = "mail/paging.html")]
struct AskHtml<'a> {
    language: &'static str,
    subject: &'a str,
    title: &'a str,
    sentences: &'a [String],
    link: &'a str,
    why: &'a str,
}

impl AskWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let by = self.by.as_deref().map_or_else(|| words::ask_somebody(self.language), one_line);
        let (title, sentences) = match &self.what {
            AskedFor::HandOff { number, title, until } => {
                let until = time(*until, "UTC");
                let asked =
                    vec![words::ask_hand_off(self.language, &by, number), words::ask_until(self.language, &until)];
                (one_line(title), asked)
            }
            AskedFor::Shift { rota, time_zone, from, to, note } => {
                let mut asked = vec![
                    words::ask_shift(self.language, &by),
                    format!("{} - {}", time(*from, time_zone), time(*to, time_zone)),
                ];
                asked.extend(note.as_deref().map(one_line));
                (one_line(rota), asked)
            }
            AskedFor::Revisit { title, day } => {
                (one_line(title), vec![words::ask_revisit(self.language), words::ask_revisit_day(self.language, day)])
            }
        };
        let subject = format!("[{}] {}", one_line(&self.product), sentences[0].trim_end_matches('.'));
        let why = match self.what {
            AskedFor::Revisit { .. } => words::ask_revisit_why(self.language),
            _ => words::ask_why(self.language),
        };
        let text = format!("{title}\n\n{}\n\n{}\n\n-- \n{why}\n", sentences.join("\n"), self.link);
        let html = AskHtml {
            language: self.language.code(),
            subject: &subject,
            title: &title,
            sentences: &sentences,
            link: &self.link,
            why: &why,
        };
        Letter { html: html.to_string(), subject, text }
    }
}

/// A time in a time zone, which is named beside it.
fn time(at: Time, zone: &str) -> String {
    let there = local(zone.parse().unwrap_or(chrono_tz::Tz::UTC), at);
    format!("{} {zone}", there.format("%Y-%m-%d %H:%M"))
}
