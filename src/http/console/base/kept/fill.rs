//! Puts values into the fields of a form that is already written as HTML. The HTML is our own: attributes stand in double
//! quotes, and texts have neither `<` nor `>`.

use std::collections::HashMap;

use crate::domain::team::form_draft::FormDraft;

/// The page with the draft in the fields of its form, and a note before the form; `None` where the page has no such form.
/// Where the form stands in a closed `details`, that is opened.
pub fn form(html: &str, draft: &FormDraft, note: &str) -> Option<String> {
    let start = html.match_indices("<form").map(|(at, _)| at).find(|at| is_of(&html[*at..], draft))?;
    let length = html[start..].find("</form>")?;
    let (before, form, after) = (&html[..start], &html[start..start + length], &html[start + length..]);
    let mut page = opened(before);
    page.push_str(note);
    page.push_str(&filled(form, draft));
    page.push_str(after);
    Some(page)
}

/// The page with a note at the beginning of its content.
pub fn at_the_top(html: &str, note: &str) -> String {
    let start = html.find("<main").and_then(|at| Some(at + tag(&html[at..])?.len()));
    let Some(start) = start else { return html.to_owned() };
    format!("{}{note}{}", &html[..start], &html[start..])
}

/// The tag at the beginning of a text.
fn tag(html: &str) -> Option<&str> {
    let mut quoted = false;
    let end = html.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    })?;
    Some(&html[..=end])
}

fn name_of(tag: &str) -> &str {
    let name = tag.trim_start_matches('<');
    name.split(|c: char| c.is_whitespace() || c == '>').next().unwrap_or_default()
}

/// Where an attribute stands in a tag, with the space before it, and its value.
struct Attribute<'a> {
    from: usize,
    to: usize,
    value: &'a str,
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<Attribute<'a>> {
    let mut from = tag.find(char::is_whitespace)?;
    loop {
        let begin = from + tag[from..].find(|c: char| !c.is_whitespace())?;
        let length = tag[begin..].find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))?;
        let after = begin + length;
        let value = tag[after..].strip_prefix("=\"").and_then(|rest| rest.split('"').next());
        let to = after + value.map_or(0, |value| value.len() + 3);
        if length == 0 {
            return None;
        }
        if &tag[begin..after] == name {
            return Some(Attribute { from, to, value: value.unwrap_or_default() });
        }
        from = to;
    }
}

fn value_of<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    attribute(tag, name).map(|found| found.value)
}

/// A tag with this attribute, in the place of an earlier one; without it where the value is `None`.
fn with(tag: &str, name: &str, value: Option<&str>) -> String {
    let mut tag = match attribute(tag, name) {
        Some(found) => format!("{}{}", &tag[..found.from], &tag[found.to..]),
        None => tag.to_owned(),
    };
    if let Some(value) = value {
        tag.truncate(tag.len() - 1);
        tag.push_str(&format!(" {name}=\"{}\">", escaped(value)));
    }
    tag
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&#38;"),
            '<' => escaped.push_str("&#60;"),
            '>' => escaped.push_str("&#62;"),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Whether the form at the beginning of a text is that of the draft.
fn is_of(html: &str, draft: &FormDraft) -> bool {
    let Some(tag) = tag(html) else { return false };
    let action = value_of(tag, "action").and_then(|action| action.split(['?', '#']).next());
    let named = value_of(tag, "data-draft").is_some_and(|name| name == escaped(&draft.place.form));
    named && action.unwrap_or(&draft.place.page) == escaped(&draft.place.action)
}

/// What stands before a form; a closed `details` around the form is opened.
fn opened(before: &str) -> String {
    let Some(at) = before.rfind("<details").filter(|at| !before[*at..].contains("</details")) else {
        return before.to_owned();
    };
    let Some(tag) = tag(&before[at..]) else { return before.to_owned() };
    let open = if value_of(tag, "open").is_some() { tag.to_owned() } else { with(tag, "open", Some("")) };
    format!("{}{open}{}", &before[..at], &before[at + tag.len()..])
}

/// The values of a draft that are not used yet, by name.
struct Values<'a> {
    draft: &'a FormDraft,
    used: HashMap<String, usize>,
}

impl<'a> Values<'a> {
    /// The next value of a field.
    fn next(&mut self, name: &str) -> Option<&'a str> {
        let used = self.used.entry(name.to_owned()).or_default();
        let mut own = self.draft.fields.iter().filter(|(field, _)| escaped(field) == name);
        let value = own.nth(*used).map(|(_, value)| value.as_str());
        *used += 1;
        value
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.draft.fields.iter().any(|(field, sent)| escaped(field) == name && escaped(sent) == value)
    }
}

fn filled(form: &str, draft: &FormDraft) -> String {
    let mut values = Values { draft, used: HashMap::new() };
    let (mut page, mut rest) = (String::with_capacity(form.len() * 2), form);
    let mut chosen: Option<&str> = None;
    while let Some(at) = rest.find('<') {
        page.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(tag) = tag(rest) else { break };
        rest = &rest[tag.len()..];
        match name_of(tag) {
            "input" => page.push_str(&input(tag, &mut values)),
            "textarea" => {
                page.push_str(tag);
                if let Some(value) = value_of(tag, "name").and_then(|name| values.next(name)) {
                    // A line break right after the tag is not part of the value.
                    page.push('\n');
                    page.push_str(&escaped(value));
                    rest = rest.find("</textarea").map_or("", |end| &rest[end..]);
                }
            }
            "select" => {
                chosen = value_of(tag, "name").and_then(|name| values.next(name));
                page.push_str(tag);
            }
            "option" => page.push_str(&option(tag, rest, chosen)),
            other => {
                chosen = chosen.filter(|_| other != "/select");
                page.push_str(tag);
            }
        }
    }
    page.push_str(rest);
    page
}

fn input(tag: &str, values: &mut Values<'_>) -> String {
    let Some(name) = value_of(tag, "name") else { return tag.to_owned() };
    match value_of(tag, "type").unwrap_or("text") {
        "password" | "submit" | "button" | "image" | "reset" | "file" => tag.to_owned(),
        "checkbox" | "radio" => {
            let ticked = values.has(name, value_of(tag, "value").unwrap_or("on"));
            with(tag, "checked", ticked.then_some(""))
        }
        _ => match values.next(name) {
            Some(value) => with(tag, "value", Some(value)),
            None => tag.to_owned(),
        },
    }
}

fn option(tag: &str, after: &str, chosen: Option<&str>) -> String {
    let Some(chosen) = chosen else { return tag.to_owned() };
    let value = value_of(tag, "value").unwrap_or_else(|| after.split('<').next().unwrap_or_default());
    with(tag, "selected", (value == escaped(chosen)).then_some(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::{Id, Time};
    use crate::domain::team::form_draft::FormPlace;

    fn draft(form: &str, fields: &[(&str, &str)]) -> FormDraft {
        let place = FormPlace { page: "/console/p".to_owned(), action: "/console/a".to_owned(), form: form.to_owned() };
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        FormDraft { id: Id::next(), member_id: Id::next(), place, fields, updated_at: Time(0) }
    }

    #[test]
    fn a_draft_stands_in_every_kind_of_field() {
        let page = concat!(
            r#"<main id="c"><form action="/console/a"><input name="x" value="other"></form>"#,
            r#"<form method="post" action="/console/a" data-draft class="f"><input type="hidden" name="version" value="3">"#,
            r#"<input name="x" maxlength="9" value="old"><input type="password" name="p"><textarea name="t" rows="2">old</textarea>"#,
            r#"<select name="s"><option value="">-</option><option value="a" selected>A</option><option>b</option></select>"#,
            r#"<input type="checkbox" name="c" value="yes" checked><input type="checkbox" name="d" value="yes"><button>Go</button></form></main>"#,
        );
        let draft =
            draft("", &[("version", "2"), ("x", "\"<1>"), ("t", "\n한\n글"), ("s", "b"), ("d", "yes"), ("p", "no")]);
        let filled = form(page, &draft, "[note]").expect("a form");
        for expected in [
            r#"<input name="x" value="other"></form>[note]<form method"#,
            r#"name="version" value="2">"#,
            r#"<input name="x" maxlength="9" value="&#34;&#60;1&#62;">"#,
            "<textarea name=\"t\" rows=\"2\">\n\n한\n글</textarea>",
            r#"<option value="">-</option><option value="a">A</option><option selected="">b</option>"#,
            r#"<input type="checkbox" name="c" value="yes"><input type="checkbox" name="d" value="yes" checked="">"#,
            r#"<input type="password" name="p"><textarea"#,
            "<button>Go</button></form></main>",
        ] {
            assert!(filled.contains(expected), "{expected}: {filled}");
        }
        assert_eq!(at_the_top(page, "[note]").find("[note]"), Some(13));
    }

    #[test]
    fn forms_are_told_apart_by_name_and_details_around_them_open() {
        let page = concat!(
            r#"<details><summary>one</summary></details><details class="act"><summary>two</summary>"#,
            r#"<form action="/console/a" data-draft="second"><input name="x" value=""></form></details>"#,
        );
        assert_eq!(form(page, &draft("", &[("x", "1")]), ""), None);
        let filled = form(page, &draft("second", &[("x", "1")]), "").expect("a form");
        assert!(filled.contains(r#"</details><details class="act" open="">"#), "{filled}");
        assert!(filled.contains(r#"<input name="x" value="1">"#), "{filled}");
    }
}
