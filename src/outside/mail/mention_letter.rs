//! The mail to a member who is mentioned in an internal note, in English or Korean. It shows only the beginning of the
//! note: a note may contain customers' words, and the full text is shown only where roles are checked.

use super::Letter;
use super::letter::{cut, escape, page};
use crate::domain::base::language::Tongue;
use crate::domain::base::text::one_line;
use crate::domain::team::NoteSubject;

/// The most characters that are quoted of a note.
const QUOTED: usize = 200;

/// The content of the letter.
#[derive(Clone, Debug)]
pub struct MentionWords {
    /// The language of the member.
    pub tongue: Tongue,
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

impl MentionWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let (subject, sentence) = (self.subject_line(), self.sentence());
        let (excerpt, why) = (cut(&self.note, QUOTED), self.why());
        let quoted = excerpt.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n");
        let title = self.story.as_ref().map(|(_, title)| one_line(title));
        let named = title.as_ref().map(|title| format!("{title}\n\n")).unwrap_or_default();
        let text = format!("{sentence}\n\n{named}{quoted}\n\n{}\n\n-- \n{why}\n", self.link);
        let paragraph = |html: &str| format!("<p style=\"margin:0 0 16px\">{html}</p>\n");
        let mut body = paragraph(&escape(&sentence));
        if let Some(title) = &title {
            body += &paragraph(&format!("<strong>{}</strong>", escape(title)));
        }
        let style = "margin:0 0 16px;padding:0 0 0 12px;border-left:3px solid #c8ccd0;color:#40474e";
        let lines = escape(&excerpt).replace('\n', "<br>");
        body += &format!("<blockquote style=\"{style}\">{lines}</blockquote>\n");
        let link = escape(&self.link);
        body += &paragraph(&format!("<a href=\"{link}\">{link}</a>"));
        body += &format!("<p style=\"margin:24px 0 0;font-size:13px;color:#5c646c\">{}</p>\n", escape(why));
        Letter { html: page(self.tongue, &subject, &body), subject, text }
    }

    fn subject_line(&self) -> String {
        let product = self.product.as_deref().map_or("Hearback".to_owned(), one_line);
        format!("[{product}] {}", self.sentence().trim_end_matches('.'))
    }

    /// A sentence that says who mentioned the member, and where.
    fn sentence(&self) -> String {
        let by = self.by.as_deref().map(one_line).filter(|name| !name.is_empty());
        match self.tongue {
            Tongue::English => {
                format!(
                    "{} mentioned you in a note about {}.",
                    by.as_deref().unwrap_or("Somebody"),
                    self.place_english()
                )
            }
            Tongue::Korean => {
                let by = by.map_or("누군가".to_owned(), |name| format!("{name} 님이"));
                format!("{by} {} 메모에서 회원님을 언급했습니다.", self.place_korean())
            }
        }
    }

    fn place_english(&self) -> String {
        let number = self.story.as_ref().map(|(number, _)| number.as_str());
        match (self.subject, number) {
            (NoteSubject::Story, Some(number)) => number.to_owned(),
            (NoteSubject::Closure, Some(number)) => format!("a customer's case in {number}"),
            (NoteSubject::Story, None) => "a story".to_owned(),
            (NoteSubject::Closure, None) => "a customer's case".to_owned(),
            (NoteSubject::Feedback, _) => "a piece of feedback".to_owned(),
            (NoteSubject::Customer, _) => "a customer".to_owned(),
        }
    }

    fn place_korean(&self) -> String {
        let number = self.story.as_ref().map(|(number, _)| number.as_str());
        match (self.subject, number) {
            (NoteSubject::Story, Some(number)) => number.to_owned(),
            (NoteSubject::Closure, Some(number)) => format!("{number} 고객 건"),
            (NoteSubject::Story, None) => "스토리".to_owned(),
            (NoteSubject::Closure, None) => "고객 건".to_owned(),
            (NoteSubject::Feedback, _) => "고객 의견".to_owned(),
            (NoteSubject::Customer, _) => "고객".to_owned(),
        }
    }

    fn why(&self) -> &'static str {
        match self.tongue {
            Tongue::English => {
                "This is internal: please do not forward it to customers. The whole note stands under /notes of this \
                 address; sign in with your token."
            }
            Tongue::Korean => {
                "내부용 메모이니 고객에게 전달하지 마세요. 전체 내용은 위 주소 뒤에 /notes를 붙여 본인의 토큰으로 확인할 수 있습니다."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tongue: Tongue) -> MentionWords {
        MentionWords {
            tongue,
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
        let letter = words(Tongue::English).letter();
        assert_eq!(letter.subject, "[Paylo] Jin Bcc: all@example.com mentioned you in a note about HB-10");
        for form in [&letter.text, &letter.html] {
            assert!(form.contains("https://voice.example.com/v1/stories/1") && form.contains("말말"), "{form}");
            assert!(!form.contains("THE END") && form.contains('…'), "{form}");
        }
        assert!(!letter.html.contains("<script>") && !letter.html.contains("<b>show"), "{}", letter.html);
        assert!(letter.text.contains("> @Min-ji <script>"));
    }

    #[test]
    fn it_speaks_korean() {
        let letter = words(Tongue::Korean).letter();
        assert_eq!(letter.subject, "[Paylo] Jin Bcc: all@example.com 님이 HB-10 메모에서 회원님을 언급했습니다");
        assert!(letter.html.contains("lang=\"ko\"") && letter.text.contains("내부용"));
        for subject in NoteSubject::ALL.iter().copied() {
            for tongue in [Tongue::English, Tongue::Korean] {
                let bare = MentionWords { subject, story: None, product: None, by: None, ..words(tongue) };
                assert!(bare.letter().subject.starts_with("[Hearback] "), "{}", bare.letter().subject);
            }
        }
    }
}
