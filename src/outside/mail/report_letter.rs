//! Mails with reports, and the mail that asks somebody whether they want them. Tables, inline styles, and bars as cells of
//! tables: mail programs drop scripts and SVG.

use askama::Template;

use super::Letter;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::reports::document::{Block, Document};
use crate::domain::words::console::Words;

/// The most bytes of a mail with a report, both parts together: Gmail cuts mails at about 102 kB.
const MOST_BYTES: usize = 96_000;

/// What stands below a report in a mail.
#[derive(Clone, Debug)]
pub struct ReportFooter {
    /// The URL of the report's page, if it has one.
    pub page: Option<String>,
    /// The URL that ends the subscription.
    pub unsubscribe: Option<String>,
    /// Whether the reader is a member.
    pub is_member: bool,
}

#[derive(Template)]
#[template(path = "mail/report.html")]
struct ReportHtml<'a> {
    document: &'a Document,
    /// Says which sections are left out.
    cut: Option<&'a str>,
    page: Option<(&'a str, String)>,
    why: Option<String>,
    stop: Option<(&'a str, String)>,
}

/// The report as HTML for a mail program, at most some 96 kB: sections that don't fit are left out at the end, and the
/// mail says which.
pub fn report_html(document: &Document, footer: &ReportFooter) -> String {
    report_letter(document, footer).html
}

/// The two parts of a mail, without the sections with these headings.
fn parts(document: &Document, footer: &ReportFooter, left_out: &[String]) -> (String, String) {
    let words = Words(Language::of(Some(document.language)));
    let cut = (!left_out.is_empty()).then(|| match footer.page {
        Some(_) => words.rep_mail_cut(left_out.join(", ")),
        None => words.rep_mail_cut_no_page(left_out.join(", ")),
    });
    let mut text = document.text();
    if let Some(cut) = &cut {
        text.push_str(&format!("\n\n{cut}"));
    }
    if let Some(page) = &footer.page {
        text.push_str(&format!("\n\n{}: {page}\n", words.rep_read_online()));
    }
    if let Some(unsubscribe) = &footer.unsubscribe {
        text.push_str(&format!("\n-- \n{}\n{} {unsubscribe}\n", why(words, footer), words.rep_mail_stop()));
    }
    let page = footer.page.as_deref().map(|url| (url, words.rep_read_online()));
    let stop = footer.unsubscribe.as_deref().map(|url| (url, words.rep_mail_stop()));
    let why = stop.as_ref().map(|_| why(words, footer));
    (ReportHtml { document, cut: cut.as_deref(), page, why, stop }.to_string(), text)
}

fn why(words: Words, footer: &ReportFooter) -> String {
    if footer.is_member { words.rep_mail_why_member() } else { words.rep_mail_why() }
}

/// The mail with a report. Its text part says the same, and leaves out the same sections where the mail would be too large.
pub fn report_letter(document: &Document, footer: &ReportFooter) -> Letter {
    let subject = one_line(&document.title);
    let (mut shown, mut left_out) = (document.clone(), Vec::new());
    loop {
        let (html, text) = parts(&shown, footer, &left_out);
        let cut = if html.len() + text.len() > MOST_BYTES { shown.parts.pop() } else { None };
        let Some(cut) = cut else { return Letter { subject, html, text } };
        left_out.insert(0, cut.heading);
    }
}

/// What the mail says that asks somebody whether they want reports.
#[derive(Clone, Debug)]
pub struct ConfirmWords {
    pub language: Language,
    /// The names of the products.
    pub products: String,
    /// The word for the kind of reports.
    pub kind: String,
    /// The name of the member who asked for it.
    pub by: Option<String>,
    /// The URL of the page on which they confirm.
    pub link: String,
}

#[derive(Template)]
#[template(path = "mail/report_confirm.html")]
struct ConfirmHtml<'a> {
    language: &'static str,
    subject: &'a str,
    sentences: Vec<&'a str>,
    link: &'a str,
    ignore: &'a str,
}

impl ConfirmWords {
    /// Composes the letter.
    pub fn letter(&self) -> Letter {
        let words = Words(self.language);
        let products = one_line(&self.products);
        let subject = words.rep_confirm_subject(products.as_str());
        let asked = words.rep_confirm_text(self.kind.as_str(), products.as_str());
        let by = self.by.as_deref().map(|name| words.rep_confirm_member(one_line(name)));
        let (ask, ignore) = (words.rep_confirm_ask(), words.rep_confirm_ignore());
        let sentences: Vec<&str> =
            [Some(asked.as_str()), by.as_deref(), Some(ask.as_str())].into_iter().flatten().collect();
        let text = format!("{}\n\n{}\n\n{ignore}\n", sentences.join("\n\n"), self.link);
        let language = self.language.code();
        let html = ConfirmHtml { language, subject: &subject, sentences, link: &self.link, ignore: &ignore };
        Letter { html: html.to_string(), subject, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reports::document::{Item, Part};

    /// A report whose sections are this long.
    fn document(language: &'static str, sections: &[(&str, usize)]) -> Document {
        let item = |n: usize| Item { text: format!("{n} 환불이 아직 오지 않았어요 <&>"), ..Item::default() };
        let part = |(heading, items): &(&str, usize)| Part {
            key: "shipped",
            heading: (*heading).to_owned(),
            blocks: vec![Block::Items((0..*items).map(item).collect())],
        };
        let parts = sections.iter().map(part).collect();
        Document { language, title: "Paylo".to_owned(), parts, ..Document::default() }
    }

    fn footer(page: Option<&str>) -> ReportFooter {
        let unsubscribe = Some("https://voice.example.com/subscriptions/x".to_owned());
        ReportFooter { page: page.map(str::to_owned), unsubscribe, is_member: false }
    }

    #[test]
    fn a_mail_that_would_be_too_large_says_which_sections_are_missing_and_where_they_are() {
        let long = document("en", &[("Themes", 3), ("Shipped", 4_000), ("Backlog", 2)]);
        let page = "https://voice.example.com/reports/token";
        let letter = report_letter(&long, &footer(Some(page)));
        assert!(letter.html.len() + letter.text.len() <= MOST_BYTES, "{} bytes", letter.html.len());
        for part in [&letter.html, &letter.text] {
            assert!(part.contains("Themes") && part.contains("Shipped, Backlog"), "{part}");
            assert!(part.contains("too long for a mail") && part.contains(page), "{part}");
            assert!(part.contains("/subscriptions/x"), "what ends it is never cut off: {part}");
        }
        let korean = report_letter(&document("ko", &[("출시", 4_000)]), &footer(None));
        assert!(korean.text.contains("메일로 보내기에 너무 길어") && korean.text.contains("출시"), "{}", korean.text);
    }

    #[test]
    fn a_mail_that_fits_is_whole_and_says_nothing_about_its_length() {
        let letter = report_letter(&document("en", &[("Themes", 3), ("Shipped", 30)]), &footer(None));
        assert!(letter.html.contains("29 ") && letter.text.contains("- 29 "), "{}", letter.text);
        assert!(!letter.html.contains("too long for a mail") && !letter.text.contains("too long for a mail"));
    }
}
