//! Extraction of the author's own words from Markdown: without comments, code, quotes, struck-out text and addresses,
//! which come from a template, a program or another person.

/// HTML elements whose content is not the author's own words.
const NOT_OWN: [&str; 8] = ["pre", "code", "samp", "tt", "blockquote", "del", "strike", "s"];

/// The kind of text. Markdown has indented code blocks, while a commit message may be indented freely.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MarkdownKind {
    /// The description of a pull request.
    Description,
    /// A title, or the message of a commit.
    Plain,
}

/// The author's own words. Each removed part leaves a space, so that words are not joined.
pub fn own_words(text: &str, kind: MarkdownKind) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = blocks(&text, kind);
    let text = without_spans(&text);
    let text = without_elements(&text);
    let text = without_between(&text, "~~", "~~");
    without_addresses(&text)
}

/// Removes comments, fenced and indented code, and quotes, line by line.
fn blocks(text: &str, kind: MarkdownKind) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut reader = Blocks::default();
    for line in text.lines() {
        if let Some(line) = reader.own(line, kind) {
            kept.push_str(&line);
        }
        kept.push('\n');
    }
    kept
}

#[derive(Default)]
struct Blocks {
    in_comment: bool,
    /// The fence that opened the present code block.
    fence: Option<String>,
    /// Whether the present quote is a note by the author (`> [!NOTE]`).
    in_note: bool,
    in_quote: bool,
    in_list: bool,
    in_indented: bool,
    after_text: bool,
}

impl Blocks {
    /// The line without its comments; `None` where it is code or a quote.
    fn own(&mut self, line: &str, kind: MarkdownKind) -> Option<String> {
        let mut rest = line;
        if self.in_comment {
            let (_, after) = line.split_once("-->")?;
            (self.in_comment, rest) = (false, after);
        }
        if let Some(fence) = &self.fence {
            if closes(rest, fence) {
                self.fence = None;
            }
            return None;
        }
        if let Some(fence) = opened(rest) {
            self.fence = Some(fence);
            return None;
        }
        if self.is_quote(rest) || (kind == MarkdownKind::Description && self.is_indented_code(rest)) {
            return None;
        }
        Some(self.without_comments(rest))
    }

    fn is_quote(&mut self, line: &str) -> bool {
        let bare = line.trim_start_matches([' ', '\t', '-', '*', '+']);
        let Some(quoted) = bare.strip_prefix('>') else {
            (self.in_quote, self.in_note) = (false, false);
            return false;
        };
        if !self.in_quote {
            self.in_note = quoted.trim_start().starts_with("[!");
        }
        self.in_quote = true;
        !self.in_note
    }

    fn is_indented_code(&mut self, line: &str) -> bool {
        if line.trim().is_empty() {
            self.after_text = false;
            return false;
        }
        let indented = line.starts_with("    ") || line.starts_with('\t');
        let code = indented && !self.in_list && (self.in_indented || !self.after_text);
        if !indented {
            self.in_list = is_list_item(line);
        }
        (self.in_indented, self.after_text) = (code, !code);
        code
    }

    /// The line without the text in comments; remembers whether a comment stays open.
    fn without_comments(&mut self, line: &str) -> String {
        // A comment mark inside inline code opens no comment.
        let line = without_spans(line);
        let mut own = String::new();
        let mut rest = line.as_str();
        while let Some((before, after)) = rest.split_once("<!--") {
            own.push_str(before);
            own.push(' ');
            match after.split_once("-->") {
                Some((_, after)) => rest = after,
                None => {
                    self.in_comment = true;
                    return own;
                }
            }
        }
        own + rest
    }
}

fn is_list_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") "));
    numbered || ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
}

/// The fence that opens a code block in this line.
fn opened(line: &str) -> Option<String> {
    let line = line.trim_start_matches([' ', '\t', '>', '-', '*', '+']);
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    // A line may begin with inline code, which then ends in the same line.
    let info = &line[length..];
    (length >= 3 && !(mark == '`' && info.contains('`'))).then(|| mark.to_string().repeat(length))
}

fn closes(line: &str, fence: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']).trim_end();
    let mark = fence.chars().next().unwrap_or('`');
    line.len() >= fence.len() && line.chars().all(|c| c == mark)
}

/// The text without inline code: it ends at the same number of backticks as it began with, within its paragraph.
fn without_spans(text: &str) -> String {
    let mut own = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let length = rest[at..].bytes().take_while(|b| *b == b'`').count();
        let (before, inside) = (&rest[..at], &rest[at + length..]);
        own.push_str(before);
        let paragraph = &inside[..inside.find("\n\n").unwrap_or(inside.len())];
        match closing(paragraph, length) {
            Some(end) => {
                own.push(' ');
                rest = &inside[end..];
            }
            None => {
                own.push_str(&rest[at..at + length]);
                rest = inside;
            }
        }
    }
    own + rest
}

/// The end of a run of exactly this number of backticks.
fn closing(text: &str, length: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].bytes().take_while(|b| *b == b'`').count();
        if run == length {
            return Some(start + run);
        }
        at = start + run;
    }
    None
}

/// The text without the elements of [`NOT_OWN`] and their content. An element that is not closed extends to the end of
/// the text.
fn without_elements(text: &str) -> String {
    let mut text = text.to_owned();
    for name in NOT_OWN {
        let mut at = 0;
        while let Some((start, inside)) = tag(&text, at, &format!("<{name}")) {
            let end = tag(&text, inside, &format!("</{name}")).map_or(text.len(), |(_, end)| end);
            text.replace_range(start..end, " ");
            at = start;
        }
    }
    text
}

/// The start and the end of the next tag with this beginning; case is ignored.
fn tag(text: &str, from: usize, begins: &str) -> Option<(usize, usize)> {
    let lower = text[from..].to_ascii_lowercase();
    let mut at = 0;
    while let Some(found) = lower[at..].find(begins) {
        let start = at + found;
        let after = start + begins.len();
        let ends_name = lower[after..].starts_with(|c: char| c == '>' || c == '/' || c.is_ascii_whitespace());
        if let (true, Some(end)) = (ends_name, lower[after..].find('>')) {
            return Some((from + start, from + after + end + 1));
        }
        at = after;
    }
    None
}

/// The text without the parts between two marks in one paragraph.
fn without_between(text: &str, open: &str, close: &str) -> String {
    let mut own = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        own.push_str(before);
        match after.split_once(close).filter(|(inside, _)| !inside.contains("\n\n")) {
            Some((_, after)) => {
                own.push(' ');
                rest = after;
            }
            None => {
                own.push_str(open);
                rest = after;
            }
        }
    }
    own + rest
}

/// The text without URLs, link targets, link definitions, e-mail addresses and mentions.
fn without_addresses(text: &str) -> String {
    let mut own = String::with_capacity(text.len());
    for line in text.lines() {
        if !defines_a_link(line) {
            let line = without_between(line, "](", ")");
            for word in line.split_inclusive(char::is_whitespace) {
                own.push_str(&without_address(word));
            }
        }
        own.push('\n');
    }
    own
}

/// Whether a line is a link definition: `[1]: https://example.com/HB-1`
fn defines_a_link(line: &str) -> bool {
    let target = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]:"));
    target.is_some_and(|(_, target)| {
        let target = target.trim_start();
        target.contains("://") || target.starts_with(['/', '#', '<', '.'])
    })
}

fn without_address(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let start = match lower.find("://") {
        Some(at) => Some(lower[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len()),
        None => lower.find("www."),
    };
    if let Some(start) = start {
        let end = word[start..].find([')', '>', ']', '"', '|', ' ', '\n', '\t']).map_or(word.len(), |end| start + end);
        return format!("{} {}", &word[..start], &word[end..]);
    }
    match word.contains('@') {
        true => " ".to_owned(),
        false => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own(text: &str) -> String {
        own_words(text, MarkdownKind::Description).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_code_and_quotes_are_left_out() {
        assert_eq!(own("<!-- for example HB-1 -->\nTypo."), "Typo.");
        assert_eq!(own("a <!-- b\nc\n--> d <!-- never ends\ne"), "a d");
        assert_eq!(own("a\n```sh\ngit checkout HB-2\n```\nb"), "a b");
        assert_eq!(own("a\n~~~~\nHB-2\n~~~\nHB-3\n~~~~\nb"), "a b");
        assert_eq!(own("a\n```\nHB-2 <!-- \n```\nb"), "a b");
        assert_eq!(own("a `HB-1` b ``HB-2 ` HB-3`` c ` d"), "a b c ` d");
        assert_eq!(own("use `<!--` for\nHB-2"), "use for HB-2");
        assert_eq!(own("a\n\n    HB-1\n\tHB-2\n\nb"), "a b");
        assert_eq!(own("- a\n\n    HB-1\n"), "- a HB-1", "what is indented under an item of a list belongs to it");
        assert_eq!(own("> * HB-3\n>> HB-4\n- > HB-5\nHB-6"), "HB-6");
        assert_eq!(own("> [!NOTE]\n> Fixes HB-1\n\n> HB-2"), "> [!NOTE] > Fixes HB-1");
        assert_eq!(own("a <blockquote>\nHB-1</blockquote> b <CODE class=\"x\">HB-2</CODE> c <pre>HB-3"), "a b c");
        assert_eq!(own("<summary>HB-1</summary> ~~HB-2~~ x"), "<summary>HB-1</summary> x");
    }

    #[test]
    fn addresses_are_left_out_and_the_words_of_links_are_not() {
        assert_eq!(own("see https://x.example/HB-1?a=HB-2#HB-3, HB-4"), "see HB-4");
        assert_eq!(own("[HB-1](https://x.example/browse/HB-2) <http://x/HB-3>"), "[HB-1 < >");
        assert_eq!(own("[1]: https://x.example/HB-1\n[HB-2]: the crash"), "[HB-2]: the crash");
        assert_eq!(own("hb-1@example.com @hb-2 www.example.com/HB-3 x"), "x");
    }

    #[test]
    fn a_commit_may_be_indented() {
        assert_eq!(own_words("a\n\n    HB-1\n", MarkdownKind::Plain).trim(), "a\n\n    HB-1");
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "[-a-zA-Z0-9`~<>!/\\[\\]()@: \n한글]{0,200}") {
            let _ = own_words(&text, MarkdownKind::Description);
        }
    }
}
