//! Text extraction from HTML: the text that a reader would see, found without a full parser.

/// Elements whose content is not shown.
const HIDDEN: &[&str] = &["script", "style", "head", "title"];

/// Block elements: each begins on a new line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

/// The entities that occur in customers' texts. Any other entity is kept as it is.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("hellip", '…'),
    ("mdash", '—'),
    ("ndash", '–'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bull", '•'),
    ("middot", '·'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("times", '×'),
    ("deg", '°'),
];

/// The visible text: each block on its own line, white space collapsed, entities resolved.
pub fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        push_words(&mut out, &rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('&') { entity(&mut out, rest) } else { tag(&mut out, rest) };
    }
    push_words(&mut out, rest);
    let lines: Vec<_> = out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Appends text with each run of white space replaced by one space.
fn push_words(out: &mut String, text: &str) {
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !out.ends_with([' ', '\n']) {
            out.push(' ');
        }
    }
}

/// Skips the next tag, and the content of a hidden element. Returns the text that follows.
fn tag<'a>(out: &mut String, rest: &'a str) -> &'a str {
    if let Some(comment) = rest.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, after)| after);
    }
    let inside = &rest[1..];
    let closing = inside.strip_prefix('/');
    let name = closing.unwrap_or(inside);
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) && !inside.starts_with('!') {
        out.push('<'); // A `<` that begins no tag: "a < b", "<3".
        return inside;
    }
    let Some(after) = after_tag(inside) else {
        return ""; // The text ends inside a tag.
    };
    let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    if is(BLOCKS) {
        out.push('\n');
    }
    if closing.is_none() && is(HIDDEN) { after_hidden(after, name) } else { after }
}

/// The text after the `>` that closes a tag. A `>` inside a quoted attribute does not close it.
fn after_tag(inside: &str) -> Option<&str> {
    let mut quote = None;
    for (at, c) in inside.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(&inside[at + 1..]),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    // An unclosed quote: the first `>` closes the tag.
    inside.split_once('>').map(|(_, after)| after)
}

fn after_hidden<'a>(text: &'a str, name: &str) -> &'a str {
    let closes = |at: usize| {
        let found = text.get(at + 2..at + 2 + name.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    text.match_indices("</").find(|(at, _)| closes(*at)).map_or("", |(at, _)| &text[at..])
}

/// Appends the character of the next entity, or a plain `&` where none follows.
fn entity<'a>(out: &mut String, rest: &'a str) -> &'a str {
    // No known entity is longer. The limit also avoids quadratic time where no `;` is near.
    let near = rest.as_bytes().iter().take(12).position(|byte| *byte == b';');
    let known = near.and_then(|end| Some((character(&rest[1..end])?, end)));
    match known {
        Some((c, end)) => {
            out.push(c);
            &rest[end + 1..]
        }
        None => {
            out.push('&');
            &rest[1..]
        }
    }
}

fn character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?).filter(|c| *c != '\0').map(|c| if c == '\u{a0}' { ' ' } else { c })
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn a_reader_sees_the_same() {
        let cases = [
            ("<p>I can't <b>log in</b>.</p><p>Since  the\nupdate</p>", "I can't log in.\nSince the update"),
            ("one<br>two<br/>three<BR />four", "one\ntwo\nthree\nfour"),
            ("<ul><li>a</li><li>b &amp; c</li></ul>", "a\nb & c"),
            ("<style>p { color: red }</style>hi<script>if (a<b) {}</SCRIPT> there<!-- <p> -->!", "hi there!"),
            ("&lt;tag&gt; &quot;x&quot; it&#39;s &#x1F600;&nbsp;&unknown; a&b;", "<tag> \"x\" it's 😀 &unknown; a&b;"),
            ("<a href=\"?a>b\" title='x'>link</a> 1 < 2 <3", "link 1 < 2 <3"),
            ("<p>환불이 <i>안</i> 돼요</p>&#0;&#xD800;", "환불이 안 돼요\n&#0;&#xD800;"),
            ("cut <b", "cut"),
            ("<img alt=\"oops>after", "after"),
            ("", ""),
        ];
        for (html, seen) in cases {
            assert_eq!(text(html), seen, "{html}");
        }
    }
}
