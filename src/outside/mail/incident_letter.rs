//! Mails about incidents, in English or Korean: to customers who complained, and to members who are called.

use askama::Template;

use super::Letter;
use super::letter::cut;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::operations::telling::TellingPhase;
use crate::domain::words;

/// The most characters that are quoted of what a member wrote to those who are called.
const QUOTED: usize = 600;

/// What a customer is told of an incident.
#[derive(Clone, Debug)]
pub struct NewsWords {
    pub language: Language,
    pub name: Option<String>,
    pub product: String,
    pub phase: TellingPhase,
    /// What a member wrote for customers.
    pub text: String,
    /// The URL that answers whether it is over; at the end of an incident only.
    pub answer: Option<String>,
    /// The URL that stops mails.
    pub unsubscribe: String,
}

#[derive(Template)]
#[template(path = "mail/incident.html")]
struct NewsHtml<'a> {
    language: &'static str,
    subject: &'a str,
    greeting: &'a str,
    paragraphs: Vec<&'a str>,
    question: &'a str,
    answer: Option<&'a str>,
    product: &'a str,
    why: &'a str,
    stop: &'a str,
    unsubscribe: &'a str,
}

impl NewsWords {
    /// Composes the letter. At the end of an incident it asks whether it is over for the customer.
    pub fn letter(&self) -> Letter {
        let language = self.language;
        let product = one_line(&self.product);
        let subject = match self.phase {
            TellingPhase::Start => words::incident_subject_start(language, product.as_str()),
            TellingPhase::End => words::incident_subject_end(language, product.as_str()),
        };
        let greeting = match self.name.as_deref().map(one_line).filter(|name| !name.is_empty()) {
            Some(name) => words::mail_hello_name(language, name),
            None => words::mail_hello(language),
        };
        let question = words::incident_is_it_over(language);
        let (why, stop) = (words::mail_why(language), words::mail_stop(language));
        let asked = self.answer.as_ref().map(|url| format!("{question}\n{url}\n\n")).unwrap_or_default();
        let text = format!(
            "{greeting}\n\n{}\n\n{asked}-- \n{product}\n{why}\n{stop} {}\n",
            self.text.trim(),
            self.unsubscribe
        );
        let html = NewsHtml {
            language: language.code(),
            subject: &subject,
            greeting: &greeting,
            paragraphs: self.text.trim().split("\n\n").filter(|part| !part.trim().is_empty()).collect(),
            question: &question,
            answer: self.answer.as_deref(),
            product: &product,
            why: &why,
            stop: &stop,
            unsubscribe: &self.unsubscribe,
        };
        Letter { html: html.to_string(), subject, text }
    }
}

/// A call of members to an incident.
#[derive(Clone, Debug)]
pub struct CallWords {
    pub language: Language,
    pub number: String,
    pub severity: i32,
    pub product: String,
    pub title: String,
    /// What the caller wrote.
    pub text: Option<String>,
    /// The URL of the incident.
    pub link: String,
}

#[derive(Template)]
#[template(path = "mail/mention.html")]
struct CallHtml<'a> {
    language: &'static str,
    subject: &'a str,
    sentence: &'a str,
    title: Option<String>,
    quote: String,
    link: &'a str,
    why: &'a str,
}

impl CallWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let sentence = words::incident_call(self.language, self.number.as_str(), self.severity);
        let subject = format!("[{}] {}", one_line(&self.product), sentence.trim_end_matches('.'));
        let why = words::incident_call_why(self.language);
        let (title, quote) = (one_line(&self.title), cut(self.text.as_deref().unwrap_or_default(), QUOTED));
        let quoted = quote.lines().map(|line| format!("> {line}\n")).collect::<String>();
        let text = format!("{sentence}\n\n{title}\n\n{quoted}\n{}\n\n-- \n{why}\n", self.link);
        let html = CallHtml {
            language: self.language.code(),
            subject: &subject,
            sentence: &sentence,
            title: Some(title),
            quote,
            link: &self.link,
            why: &why,
        };
        Letter { html: html.to_string(), subject, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_asked_at_the_end_only() {
        let news = |phase, language| {
            NewsWords {
                language,
                name: Some("Kim\r\nBcc: all@example.com".to_owned()),
                product: "Paylo".to_owned(),
                phase,
                text: "Payments work again.\n\n<b>Sorry</b>".to_owned(),
                answer: (phase == TellingPhase::End).then(|| "https://voice.example.com/incident-answer/x".to_owned()),
                unsubscribe: "https://voice.example.com/unsubscribe/x".to_owned(),
            }
            .letter()
        };
        for language in [Language::English, Language::Korean] {
            let question = words::incident_is_it_over(language);
            let (start, end) = (news(TellingPhase::Start, language), news(TellingPhase::End, language));
            assert!(!start.text.contains(&question) && end.text.contains(&question) && end.html.contains(&question));
            assert!(end.text.contains("https://voice.example.com/incident-answer/x"));
            assert!(end.html.contains("href=\"https://voice.example.com/incident-answer/x\""), "{}", end.html);
            assert!(start.text.contains("https://voice.example.com/unsubscribe/x"));
            assert!(start.html.contains("&#60;b&#62;Sorry") && !start.html.contains("<b>Sorry"), "{}", start.html);
            assert!(!start.text.contains("\nBcc"), "{}", start.text);
        }
    }

    #[test]
    fn a_call_names_the_incident() {
        let call = CallWords {
            language: Language::English,
            number: "HB-INC-1".to_owned(),
            severity: 1,
            product: "Paylo".to_owned(),
            title: "Payments fail".to_owned(),
            text: Some("Both sides, please".to_owned()),
            link: "https://voice.example.com/v1/incidents/1".to_owned(),
        };
        let letter = call.letter();
        assert_eq!(letter.subject, "[Paylo] You are called to HB-INC-1 (SEV1)");
        assert!(letter.text.contains("> Both sides, please") && letter.html.contains("Payments fail"));
    }
}
