//! Removal of HTML markup, only where the text is evidently HTML and not a customer's remark about a tag.

use crate::domain::base::html;

/// Elements that mails and web pages use. A text with these tags may be HTML.
const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "head",
    "hr",
    "html",
    "i",
    "img",
    "li",
    "meta",
    "o:p",
    "ol",
    "p",
    "pre",
    "script",
    "span",
    "strong",
    "style",
    "table",
    "tbody",
    "td",
    "title",
    "tr",
    "u",
    "ul",
];
/// What mail programs put before the quoted message. Everything after it is dropped.
const QUOTES: &[&str] = &[
    "class=\"gmail_quote",
    "class=\"gmail_attr",
    "id=\"divrplyfwdmsg\"",
    "id=\"appendonsend\"",
    "class=\"yahoo_quoted",
    "type=\"cite\"",
    "class=\"moz-cite-prefix",
    "id=\"mail-editor-reference-message-container\"",
];
/// At least this many tags make a text HTML.
const MANY: usize = 3;

/// Whether a text can contain markup at all.
pub(super) fn is_possible(text: &str) -> bool {
    text.contains('<') || text.contains('&')
}

/// The text that a reader of the page or mail would see.
pub(super) fn without(text: &str) -> Option<String> {
    if !is_html(text) {
        return text.contains('&').then(|| html_entities(text)).flatten();
    }
    let lower = text.to_ascii_lowercase();
    let quote = QUOTES.iter().filter_map(|mark| lower.find(mark)).min();
    let before = quote.and_then(|at| lower[..at].rfind('<')).map(|tag| html::text(&text[..tag]));
    let seen = before.filter(|before| super::has_words(before)).unwrap_or_else(|| html::text(text));
    // Where everything is hidden (styles, scripts), the text is kept.
    Some(seen)
}

/// Whether a text is HTML: a document, several tags of which one is closed, or a line break between words.
fn is_html(text: &str) -> bool {
    let (mut opened, mut closed) = (0, 0);
    for (at, _) in text.match_indices('<').take(200) {
        let inside = &text[at + 1..];
        if inside.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("!doctype")) {
            return true;
        }
        let closing = inside.strip_prefix('/');
        let name = closing.unwrap_or(inside);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(name.len());
        let rest = &name[end..];
        let is_tag = rest.starts_with(['>', ' ', '/', '\n', '\t'])
            && rest.contains('>')
            && ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(&name[..end]));
        if !is_tag {
            continue;
        }
        match name[..end].to_ascii_lowercase().as_str() {
            "html" | "body" | "br" => return true,
            _ if closing.is_some() => closed += 1,
            _ => opened += 1,
        }
    }
    let wrapped = text.starts_with('<') && text.ends_with('>');
    closed > 0 && (opened + closed >= MANY || (wrapped && opened > 0))
}

/// The text with its entities resolved, where it has any of the usual ones.
fn html_entities(text: &str) -> Option<String> {
    const USUAL: &[&str] = &["&nbsp;", "&amp;", "&quot;", "&#39;", "&lt;", "&gt;", "&apos;", "&rsquo;"];
    if !USUAL.iter().any(|entity| text.contains(entity)) {
        return None;
    }
    // Line by line, because HTML treats a line break as a space.
    let lines: Vec<String> = text.lines().map(|line| html::text(&line.replace('<', "&lt;"))).collect();
    Some(lines.join("\n"))
}
