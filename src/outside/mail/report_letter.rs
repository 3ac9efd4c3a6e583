//! Mails with reports, and the mail that asks somebody whether they want them. Tables, inline styles, and bars as cells of
//! tables: mail programs drop scripts and SVG.

use askama::Template;

use super::Letter;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::reports::document::{Block, Document};
use crate::domain::words::console::Words;

/// The largest report in bytes: Gmail cuts mails at about 102 kB.
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
    page: Option<(&'a str, String)>,
    why: Option<String>,
    stop: Option<(&'a str, String)>,
}

/// The report as HTML for a mail program, at most some 96 kB: sections that don't fit are left out at the end.
pub fn report_html(document: &Document, footer: &ReportFooter) -> String {
    let words = Words(Language::of(Some(document.language)));
    let render = |document: &Document| {
        let page = footer.page.as_deref().map(|url| (url, words.rep_read_online()));
        let stop = footer.unsubscribe.as_deref().map(|url| (url, words.rep_mail_stop()));
        let why = stop.as_ref().map(|_| why(words, footer));
        ReportHtml { document, page, why, stop }.to_string()
    };
    let mut shown = document.clone();
    loop {
        let html = render(&shown);
        if html.len() <= MOST_BYTES || shown.parts.pop().is_none() {
            return html;
        }
    }
}

fn why(words: Words, footer: &ReportFooter) -> String {
    if footer.is_member { words.rep_mail_why_member() } else { words.rep_mail_why() }
}

/// The mail with a report. Its text part says the same.
pub fn report_letter(document: &Document, footer: &ReportFooter) -> Letter {
    let words = Words(Language::of(Some(document.language)));
    let mut text = document.text();
    if let Some(page) = &footer.page {
        text.push_str(&format!("\n\n{}: {page}\n", words.rep_read_online()));
    }
    if let Some(unsubscribe) = &footer.unsubscribe {
        text.push_str(&format!("\n-- \n{}\n{} {unsubscribe}\n", why(words, footer), words.rep_mail_stop()));
    }
    Letter { subject: one_line(&document.title), html: report_html(document, footer), text }
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
