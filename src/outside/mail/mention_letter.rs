//! The mail to a member who is mentioned in an internal note, in English or Korean. It shows only the beginning of the
//! note: a note may contain customers' words, and the full text is shown only where roles are checked.

use askama::Template;

use super::Letter;
use super::letter::cut;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::team::note::NoteSubject;
use crate::domain::words;

/// The most characters that are quoted of a note.
const QUOTED: usize = 200;

/// The content of the letter.
#[derive(Clone, Debug)]
pub struct MentionWords {
    /// The language of the member.
    pub language: Language,
    /// The member or service that wrote the mention; `None` where it is no longer known.
    pub by: Option<String>,
    /// The kind of resource that the note is about.
    pub subject: NoteSubject,
    /// The number and the title of the story, where the note is about a story or one of its closures.
    pub story: Option<(String, String)>,
    /// The product's name, where the resource belongs to a product.
    pub product: Option<String>,
    /// The whole note.
    pub note: String,
    /// The URL of the resource.
    pub link: String,
}

/// The data of the HTML template.
#[derive(Template)]
#[template(path = "mail/mention.html")]
struct MentionHtml<'a> {
    language: &'static str,
    subject: &'a str,
    sentence: &'a str,
    title: Option<String>,
    quote: String,
    link: &'a str,
    why: &'a str,
}

impl MentionWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let (subject, sentence) = (self.subject_line(), self.sentence());
        let (excerpt, why) = (cut(&self.note, QUOTED), words::mention_why(self.language));
        let quoted = excerpt.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n");
        let title = self.story.as_ref().map(|(_, title)| one_line(title));
        let named = title.as_ref().map(|title| format!("{title}\n\n")).unwrap_or_default();
        let text = format!("{sentence}\n\n{named}{quoted}\n\n{}\n\n-- \n{why}\n", self.link);
        let html = MentionHtml {
            language: self.language.code(),
            subject: &subject,
            sentence: &sentence,
            title,
            quote: excerpt,
            link: &self.link,
            why: &why,
        };
        Letter { html: html.to_string(), subject, text }
    }

    fn subject_line(&self) -> String {
        let product = self.product.as_deref().map_or("Hearback".to_owned(), one_line);
        format!("[{product}] {}", self.sentence().trim_end_matches('.'))
    }

    /// A sentence that says who mentioned the member, and where.
    fn sentence(&self) -> String {
        let by = self.by.as_deref().map(one_line).filter(|name| !name.is_empty());
        match by {
            Some(name) => words::mention_by_name(self.language, name, self.place()),
            None => words::mention_by_somebody(self.language, self.place()),
        }
    }

    fn place(&self) -> String {
        let number = self.story.as_ref().map(|(number, _)| number.as_str());
        match (self.subject, number) {
            (NoteSubject::Story, Some(number)) => number.to_owned(),
            (NoteSubject::Closure, Some(number)) => words::mention_case_of(self.language, number),
            (NoteSubject::Story, None) => words::mention_story(self.language),
            (NoteSubject::Closure, None) => words::mention_case(self.language),
            (NoteSubject::Feedback, _) => words::mention_feedback(self.language),
            (NoteSubject::Customer, _) => words::mention_customer(self.language),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(language: Language) -> MentionWords {
        MentionWords {
            language,
            by: Some("Jin\r\nBcc: all@example.com".to_owned()),
            subject: NoteSubject::Story,
            story: Some(("HB-10".to_owned(), "Refunds <b>show</b>\na date".to_owned())),
            product: Some("Paylo".to_owned()),
            note: format!("@Min-ji <script>alert(1)</script>\n{}THE END", "말".repeat(300)),
            link: "https://voice.example.com/v1/stories/1".to_owned(),
        }
    }

    #[test]
    fn it_says_who_and_where_and_shows_the_beginning_only() {
        let letter = words(Language::English).letter();
        assert_eq!(letter.subject, "[Paylo] Jin Bcc: all@example.com mentioned you in a note about HB-10");
        for form in [&letter.text, &letter.html] {
            assert!(form.contains("https://voice.example.com/v1/stories/1") && form.contains("말말"), "{form}");
            assert!(!form.contains("THE END") && form.contains('…'), "{form}");
        }
        assert!(!letter.html.contains("<script>") && !letter.html.contains("<b>show"), "{}", letter.html);
        assert!(letter.text.contains("> @Min-ji <script>"));
    }

    #[test]
    fn text_stays_text_in_each_slot() {
        let hostile = || "</title><script>x</script>\" onload=\"x".to_owned();
        let letter = MentionWords {
            language: Language::English,
            by: Some(hostile()),
            subject: NoteSubject::Closure,
            story: Some((hostile(), hostile())),
            product: Some(hostile()),
            note: hostile(),
            link: hostile(),
        };
        let html = letter.letter().html;
        // The subject has the product, the author and the number; the sentence has the author and the number; the link
        // occurs twice.
        assert_eq!(html.matches("&#60;/title&#62;&#60;script&#62;x&#60;/script&#62;&#34; onload=&#34;x").count(), 9);
        assert!(!html.contains("<script") && !html.contains("\" onload"), "{html}");
        assert_eq!(html.matches("</title>").count(), 1, "{html}");
    }

    #[test]
    fn it_speaks_korean() {
        let letter = words(Language::Korean).letter();
        assert_eq!(letter.subject, "[Paylo] Jin Bcc: all@example.com 님이 HB-10 메모에서 회원님을 언급했습니다");
        assert!(letter.html.contains("lang=\"ko\"") && letter.text.contains("내부용"));
        for subject in NoteSubject::ALL.iter().copied() {
            for language in [Language::English, Language::Korean] {
                let bare = MentionWords { subject, story: None, product: None, by: None, ..words(language) };
                assert!(bare.letter().subject.starts_with("[Hearback] "), "{}", bare.letter().subject);
            }
        }
    }
}
