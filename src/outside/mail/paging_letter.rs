//! The mail that pages a member for an incident, in English or Korean.

use askama::Template;

use super::Letter;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::operations::escalation::{EscalationReason, PageTarget};
use crate::domain::words;

/// The content of the letter.
#[derive(Clone, Debug)]
pub struct PagingWords {
    /// The language of the member.
    pub language: Language,
    /// The product's name.
    pub product: String,
    pub number: String,
    pub title: String,
    pub severity: i32,
    /// Why the escalation began.
    pub because: EscalationReason,
    /// Whom the step pages.
    pub whom: PageTarget,
    /// Whether the steps are repeated.
    pub is_repeat: bool,
    /// The page of the incident in the console.
    pub link: String,
}

/// The data of the HTML template.
#[derive(Template)]
#[template(path = "mail/paging.html")]
struct PagingHtml<'a> {
    language: &'static str,
    subject: &'a str,
    title: &'a str,
    sentences: &'a [String],
    link: &'a str,
    why: &'a str,
}

impl PagingWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let title = one_line(&self.title);
        let severity = self.severity.to_string();
        let subject = format!(
            "[{}] {}",
            one_line(&self.product),
            words::paging_subject(self.language, &severity, &self.number, &title)
        );
        let sentences = self.sentences();
        let why = self.why();
        let text = format!("{title}\n\n{}\n\n{}\n\n-- \n{why}\n", sentences.join("\n"), self.link);
        let html = PagingHtml {
            language: self.language.code(),
            subject: &subject,
            title: &title,
            sentences: &sentences,
            link: &self.link,
            why: &why,
        };
        Letter { html: html.to_string(), subject, text }
    }

    /// What happened, and what is asked.
    fn sentences(&self) -> Vec<String> {
        let language = self.language;
        let what = match self.because {
            EscalationReason::Opened => words::paging_opened(language),
            EscalationReason::Reopened => words::paging_reopened(language),
            EscalationReason::AcknowledgementExpired => words::paging_expired(language),
            EscalationReason::ShiftEnded => words::paging_shift_ended(language),
            EscalationReason::HandOffReturned => words::paging_returned(language),
        };
        let repeat = self.is_repeat.then(|| words::paging_repeat(language));
        [Some(what), repeat, Some(words::paging_ask(language))].into_iter().flatten().collect()
    }

    /// Why it is this member who is paged.
    fn why(&self) -> String {
        match self.whom {
            PageTarget::Owner => words::paging_why_owner(self.language),
            PageTarget::NextOnRota | PageTarget::Rota => words::paging_why_rota(self.language),
            PageTarget::Member => words::paging_why_member(self.language),
            PageTarget::ProductOwner => words::paging_why_product_owner(self.language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_is_broken_and_why_this_member_is_paged() {
        for (language, severity, ask) in
            [(Language::English, "SEV2", "Acknowledge"), (Language::Korean, "SEV2", "확인")]
        {
            let words = PagingWords {
                language,
                product: "Paylo\r\nBcc: all@example.com".to_owned(),
                number: "HB-INC-1".to_owned(),
                title: "<b>Payments</b>\nfail".to_owned(),
                severity: 2,
                because: EscalationReason::Opened,
                whom: PageTarget::Owner,
                is_repeat: true,
                link: "https://voice.example.com/console/incidents/HB-INC-1".to_owned(),
            };
            let letter = words.letter();
            assert!(letter.subject.contains(severity) && letter.subject.contains("HB-INC-1"), "{}", letter.subject);
            assert!(!letter.subject.contains(['\r', '\n']), "{}", letter.subject);
            for form in [&letter.text, &letter.html] {
                assert!(form.contains(ask) && form.contains("/console/incidents/HB-INC-1"), "{form}");
            }
            assert!(!letter.html.contains("<b>Payments"), "{}", letter.html);
        }
    }
}
