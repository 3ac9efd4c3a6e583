//! The mail with the link that lets a member set a password, in English or Korean.

use askama::Template;

use super::Letter;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::words;

/// The content of the letter.
#[derive(Clone, Debug)]
pub struct InvitationWords {
    /// The language of the member.
    pub language: Language,
    pub name: String,
    /// The link; it works once.
    pub link: String,
}

/// The data of the HTML template.
#[derive(Template)]
#[template(path = "mail/invitation.html")]
struct Html<'a> {
    language: &'static str,
    subject: &'a str,
    greeting: &'a str,
    sentence: &'a str,
    link: &'a str,
    why: &'a str,
}

impl InvitationWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let language = self.language;
        let (subject, greeting) =
            (words::invitation_subject(language), words::mail_hello_name(language, one_line(&self.name)));
        let (sentence, why) = (words::invitation_sentence(language), words::invitation_why(language));
        let text = format!("{greeting}\n\n{sentence}\n\n{}\n\n-- \n{why}\n", self.link);
        let html = Html {
            language: language.code(),
            subject: &subject,
            greeting: &greeting,
            sentence: &sentence,
            link: &self.link,
            why: &why,
        };
        let html = html.to_string();
        Letter { subject, text, html }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_text_in_both_parts() {
        let link = "https://voice.example.com/console/invite/hbi_x".to_owned();
        let name = "<b>Jin</b>\r\nBcc: x".to_owned();
        let letter = InvitationWords { language: Language::Korean, name, link: link.clone() }.letter();
        assert!(letter.text.contains(&link) && letter.html.contains(&link));
        assert!(!letter.html.contains("<b>") && !letter.text.contains("\nBcc"));
    }
}
