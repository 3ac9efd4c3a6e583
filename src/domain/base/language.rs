//! Language detection: which language a text is written in.

use whatlang::{Detector, Lang};

/// How many characters of a text are examined.
const MAX_CHARS: usize = 4_000;
/// Below this number of letters, the trigrams of whatlang are unreliable for a text in plain ASCII.
const SHORT: usize = 20;

/// The ISO 639-1 code of the language that a text seems to be in; `None` where it has no letters or no language is
/// likely.
///
/// Korean, Japanese and Chinese are recognised by script, which is reliable from two characters on. Other languages are
/// recognised by whatlang's trigrams. A short text in plain ASCII counts as English unless the trigrams are certain.
pub fn detect(text: &str) -> Option<String> {
    let text: String = text.chars().take(MAX_CHARS).collect();
    let code = match Letters::count(&text) {
        letters if letters.total() == 0 => None,
        letters if letters.east_asian() => Some(letters.east_asian_code()),
        letters => by_trigrams(&text, &letters),
    };
    code.map(str::to_string)
}

/// Whether a text looks like a language tag: `en`, `pt-BR`, `zh-Hant-TW` (a simple part of BCP 47).
pub fn is_language_code(code: &str) -> bool {
    let mut parts = code.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A language in which we write to customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Korean,
}

impl Language {
    /// The language for a customer who writes in `language`. English where we do not support theirs.
    pub fn of(language: Option<&str>) -> Self {
        match language {
            Some(code) if code == "ko" || code.starts_with("ko-") => Language::Korean,
            _ => Language::English,
        }
    }

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Korean => "ko",
        }
    }
}

/// How many letters of each script a text has.
#[derive(Default)]
struct Letters {
    hangul: usize,
    kana: usize,
    han: usize,
    ascii: usize,
    other: usize,
}

impl Letters {
    fn count(text: &str) -> Self {
        let mut letters = Self::default();
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            match c {
                '\u{1100}'..='\u{11FF}' | '\u{3131}'..='\u{318E}' | '\u{AC00}'..='\u{D7FF}' => letters.hangul += 1,
                '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9D}' => letters.kana += 1,
                '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => letters.han += 1,
                c if c.is_ascii() => letters.ascii += 1,
                _ => letters.other += 1,
            }
        }
        letters
    }

    fn total(&self) -> usize {
        self.hangul + self.kana + self.han + self.ascii + self.other
    }

    /// Whether East Asian letters prevail. One syllable or ideograph holds about as much as three Latin letters, and
    /// Asian texts borrow English words more often than the reverse: `앱 crash 나요` is Korean.
    fn east_asian(&self) -> bool {
        3 * (self.hangul + self.kana + self.han) >= self.ascii + self.other
    }

    /// Korean where Hangul prevails. Japanese where more than a few kana stand between the ideographs.
    fn east_asian_code(&self) -> &'static str {
        if self.hangul >= self.kana + self.han {
            "ko"
        } else if 6 * self.kana >= self.han {
            "ja"
        } else {
            "zh"
        }
    }
}

fn by_trigrams(text: &str, letters: &Letters) -> Option<&'static str> {
    if letters.ascii == letters.total() && is_plainly_english(text) {
        return Some("en");
    }
    let detector = Detector::with_denylist(RARE.to_vec());
    let plain = letters.ascii == letters.total();
    match detector.detect(text) {
        Some(guess) if !plain || guess.is_reliable() && letters.ascii >= SHORT => iso_639_1(guess.lang()),
        _ if plain => Some("en"),
        _ => None,
    }
}

/// Words that are frequent in English and rare in other languages written in plain ASCII, in alphabetical order.
#[rustfmt::skip]
const ENGLISH: [&str; 57] = [
    "about", "after", "again", "always", "and", "any", "are", "because", "been", "before", "but", "can",
    "cannot", "could", "does", "doesn", "don", "every", "for", "from", "get", "have", "how", "just", "my",
    "never", "not", "now", "only", "please", "should", "since", "some", "still", "than", "that", "the", "their",
    "then", "there", "they", "this", "trying", "very", "were", "what", "when", "which", "who", "why", "with",
    "work", "working", "works", "would", "you", "your",
];

/// Whether a text has two of those words. Most English texts do, and then the much slower count of trigrams can be
/// skipped.
fn is_plainly_english(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| (2..=7).contains(&word.len()));
    let known = |word: &&str| ENGLISH.binary_search(&word.to_ascii_lowercase().as_str()).is_ok();
    words.filter(known).take(2).count() == 2
}

/// Languages that whatlang often reports wrongly for short texts. They are accepted only where the caller names the
/// language.
const RARE: [Lang; 9] =
    [Lang::Epo, Lang::Lat, Lang::Afr, Lang::Aka, Lang::Cym, Lang::Jav, Lang::Sna, Lang::Tuk, Lang::Zul];

/// The ISO 639-1 code; whatlang uses ISO 639-3.
fn iso_639_1(lang: Lang) -> Option<&'static str> {
    let code = lang.code();
    CODES.iter().find(|(long, _)| *long == code).map(|(_, short)| *short)
}

/// Every language of whatlang that has a two-letter code.
#[rustfmt::skip]
const CODES: &[(&str, &str)] = &[
    ("afr", "af"), ("aka", "ak"), ("amh", "am"), ("ara", "ar"), ("aze", "az"), ("bel", "be"), ("ben", "bn"), ("bul", "bg"),
    ("cat", "ca"), ("ces", "cs"), ("cmn", "zh"), ("cym", "cy"), ("dan", "da"), ("deu", "de"), ("ell", "el"), ("eng", "en"),
    ("epo", "eo"), ("est", "et"), ("fin", "fi"), ("fra", "fr"), ("guj", "gu"), ("heb", "he"), ("hin", "hi"), ("hrv", "hr"),
    ("hun", "hu"), ("hye", "hy"), ("ind", "id"), ("ita", "it"), ("jav", "jv"), ("jpn", "ja"), ("kan", "kn"), ("kat", "ka"),
    ("khm", "km"), ("kor", "ko"), ("lat", "la"), ("lav", "lv"), ("lit", "lt"), ("mal", "ml"), ("mar", "mr"), ("mkd", "mk"),
    ("mya", "my"), ("nep", "ne"), ("nld", "nl"), ("nob", "nb"), ("ori", "or"), ("pan", "pa"), ("pes", "fa"), ("pol", "pl"),
    ("por", "pt"), ("ron", "ro"), ("rus", "ru"), ("sin", "si"), ("slk", "sk"), ("slv", "sl"), ("sna", "sn"), ("spa", "es"),
    ("srp", "sr"), ("swe", "sv"), ("tam", "ta"), ("tel", "te"), ("tgl", "tl"), ("tha", "th"), ("tuk", "tk"), ("tur", "tr"),
    ("ukr", "uk"), ("urd", "ur"), ("uzb", "uz"), ("vie", "vi"), ("yid", "yi"), ("zul", "zu"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn languages_are_told_apart() {
        for (text, code) in [
            ("환불이 아직도 안 들어왔어요", "ko"),
            ("앱 crash 나요", "ko"),
            ("ㅠㅠ", "ko"),
            ("iOS 17 업데이트 후 login error 계속 뜸", "ko"),
            ("返金がまだ届きません", "ja"),
            ("アプリが落ちる", "ja"),
            ("退款还没有到账", "zh"),
            ("退款", "zh"),
            ("app crashes", "en"),
            ("refund pls", "en"),
            ("The button 결제 does not work", "en"),
            ("I have been waiting for my refund for two weeks and nobody answers my mails.", "en"),
            ("Ich warte seit zwei Wochen auf meine Rückerstattung und niemand antwortet mir.", "de"),
            ("Não consigo pagar com cartão", "pt"),
            ("L'application plante tout le temps", "fr"),
            ("Cela fait deux semaines que j'attends mon remboursement, personne ne répond.", "fr"),
            ("приложение вылетает", "ru"),
            ("มีปัญหาในการชำระเงิน", "th"),
            ("मुझे अभी तक रिफंड नहीं मिला है", "hi"),
        ] {
            assert_eq!(detect(text).as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn the_words_of_english_are_in_order() {
        assert!(ENGLISH.is_sorted());
        assert!(is_plainly_english("Why does it crash"));
        assert!(!is_plainly_english("La app se cierra cada vez que intento pagar con mi tarjeta"));
        assert!(!is_plainly_english("Ich warte seit Tagen, was soll das, wann kommt die Antwort"));
    }

    #[test]
    fn no_letter_no_language() {
        for text in ["", "12345", "👍👍", "!!! ???"] {
            assert_eq!(detect(text), None, "{text}");
        }
    }

    #[test]
    fn every_language_of_whatlang_has_a_code() {
        for lang in Lang::all() {
            assert!(iso_639_1(*lang).is_some_and(is_language_code), "{lang:?}");
        }
    }

    #[test]
    fn language_tags() {
        for good in ["en", "ko", "pt-BR", "zh-Hant-TW", "fil", "es-419"] {
            assert!(is_language_code(good), "{good}");
        }
        for bad in ["", "e", "EN", "engl", "en-", "en_US", "en-U", "-en", "en--US", "en-abcdefghi", "코리"] {
            assert!(!is_language_code(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gives_a_tag_or_nothing(text in any::<String>()) {
            if let Some(code) = detect(&text) {
                prop_assert!(is_language_code(&code));
                prop_assert!(text.chars().any(char::is_alphabetic));
            }
        }
    }
}
