//! How texts are escaped in the Atom feed, for its template (see `askama.toml`).

use std::fmt::{Result, Write};

use askama::filters::{Escaper, Html};

/// Escapes for XML, in text and in quoted attributes: characters that XML 1.0 can't hold are left out, and white space is a
/// space.
#[derive(Clone, Copy)]
pub struct Atom;

impl Escaper for Atom {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> Result {
        text.chars().try_for_each(|c| self.write_escaped_char(&mut to, c))
    }

    fn write_escaped_char<W: Write>(&self, to: W, c: char) -> Result {
        match c {
            '\t' | '\n' | '\r' => Html.write_escaped_char(to, ' '),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => Ok(()),
            c => Html.write_escaped_char(to, c),
        }
    }
}
