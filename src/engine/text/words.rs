//! Tokenisation: normalised, lower-case words, split where the script changes.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use crate::engine::READ_LIMIT;

/// The script of a word, which decides how features are made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Script {
    /// Scripts with spaces between words: Latin, Greek, Cyrillic, Arabic, digits, ...
    Spaced,
    /// Korean: words have particles and endings.
    Hangul,
    /// Scripts without spaces between words: Chinese, Japanese, Thai, Lao, Khmer, Burmese.
    Unspaced,
    /// Emoji and punctuation, kept only where a text has nothing else.
    Symbol,
}

/// A token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Word {
    pub text: String,
    pub script: Script,
}

/// FNV-1a over the characters, followed by a mix (splitmix64).
pub(in crate::engine) fn hash(chars: &[char]) -> u64 {
    let mut h = chars.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, c| (h ^ *c as u64).wrapping_mul(0x0100_0000_01b3));
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

/// The words of a text, see [`words_of`].
#[cfg(test)]
pub(in crate::engine) fn words(text: &str) -> Vec<Word> {
    words_of(&normalised(text))
}

/// The words of a normalised text. A text without letters and digits has its symbols instead, so that "👍" finds "👍👍".
pub(in crate::engine) fn words_of(normal: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut symbols: Vec<Word> = Vec::new();
    let mut open = false; // Whether the last word continues.
    let mut chars = normal.chars().peekable();
    while let Some(c) = chars.next() {
        let inside_word = open && is_mark(c);
        if is_alphanumeric(c) || inside_word {
            let script = script_of(c);
            match words.last_mut() {
                Some(last) if open && (inside_word || last.script == script) => last.text.push(c),
                _ => words.push(Word { text: c.into(), script }),
            }
            open = true;
        } else if matches!(c, '\'' | '’') && chars.peek().is_some_and(|next| is_alphanumeric(*next)) {
            // "can't" stays one word. A quotation mark before a word continues none.
        } else {
            open = false;
            if words.is_empty() && symbols.len() < 16 && !c.is_whitespace() && !c.is_control() && !is_invisible(c) {
                symbols.push(Word { text: c.into(), script: Script::Symbol });
            }
        }
    }
    if words.is_empty() {
        return symbols;
    }
    words.iter_mut().for_each(mask_long_number);
    words
}

/// The part of the text that is read, in the form for comparison: NFKC and lower case.
pub(in crate::engine) fn normalised(text: &str) -> String {
    let read = text.chars().take(READ_LIMIT);
    // Most texts are in NFKC already; the check takes a tenth of the time of the conversion.
    if is_nfkc_quick(read.clone()) == IsNormalized::Yes { lower(read) } else { lower(read.nfkc()) }
}

fn lower(chars: impl Iterator<Item = char>) -> String {
    let mut lower = String::with_capacity(chars.size_hint().0);
    // Normalisation may lengthen a text (one ligature gives 18 letters), hence this limit.
    for c in chars.take(2 * READ_LIMIT) {
        if is_hangul(c) { lower.push(c) } else { lower.extend(c.to_lowercase()) }
    }
    lower
}

/// Whether a character is a letter or digit. Korean is checked first, because the general check is slowest for it.
pub(in crate::engine) fn is_alphanumeric(c: char) -> bool {
    is_hangul(c) || c.is_alphanumeric()
}

/// Whether a character is a combining mark. There is none before U+0300.
pub(in crate::engine) fn is_mark(c: char) -> bool {
    c >= '\u{300}' && is_combining_mark(c)
}

/// Masks long numbers: order and telephone numbers say nothing about the subject, only that there was a number.
fn mask_long_number(word: &mut Word) {
    if word.text.len() >= 5 && word.text.bytes().all(|b| b.is_ascii_digit()) {
        word.text = "#".into();
    }
}

/// Joiners and variation selectors are dropped, because they would make equal emoji different.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || is_mark(c)
}

fn script_of(c: char) -> Script {
    match c {
        _ if is_hangul(c) => Script::Hangul,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Script::Unspaced,
        '\u{3005}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' => Script::Unspaced,
        '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' => Script::Unspaced,
        _ => Script::Spaced,
    }
}

/// Whether a character is a Korean letter: a syllable, or a single letter as in chat ("ㅠㅠ").
pub(in crate::engine) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}')
}

/// Whether most letters of the text are Korean.
pub(in crate::engine) fn is_korean(text: &str) -> bool {
    let (mut korean, mut other) = (0usize, 0usize);
    for c in text.chars().take(READ_LIMIT) {
        match is_hangul(c) {
            true => korean += 1,
            false => other += usize::from(c.is_alphabetic()),
        }
    }
    // One Korean syllable corresponds to two or three Latin letters.
    korean * 2 > other
}

/// Decomposes Korean syllables into letters (jamo), so that "했어요" and "했는데" share their stem; other characters stay.
pub(in crate::engine) fn jamo(word: &[char]) -> Vec<char> {
    let mut letters = Vec::with_capacity(3 * word.len());
    word.iter().for_each(|c| decompose_canonical(*c, |letter| letters.push(letter)));
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn case_width_and_apostrophes_do_not_matter() {
        assert_eq!(texts("Can't LOG in!"), ["cant", "log", "in"]);
        assert_eq!(texts("ＬＯＧ ‘in’"), ["log", "in"]);
    }

    #[test]
    fn a_korean_particle_is_cut_from_a_latin_name() {
        assert_eq!(texts("iOS에서 안돼요"), ["ios", "에서", "안돼요"]);
    }

    #[test]
    fn order_numbers_are_all_alike_but_error_codes_are_not() {
        assert_eq!(texts("order 1234567"), texts("order 7654321"));
        assert_ne!(texts("error 404"), texts("error 500"));
    }

    #[test]
    fn symbols_count_only_when_there_is_nothing_else() {
        assert_eq!(texts("👍"), ["👍"]);
        assert_eq!(texts("👍 good"), ["good"]);
        assert!(texts(" \u{0}\n\u{200d}").is_empty());
    }

    #[test]
    fn a_mixed_text_is_korean_when_its_sentence_is() {
        assert!(is_korean("결제 screen이 안 열려요"));
        assert!(!is_korean("the word 결제 is not translated"));
    }
}
