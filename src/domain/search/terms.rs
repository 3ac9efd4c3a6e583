//! Full-text search terms, built here so that SQLite and PostgreSQL find exactly the same.
//!
//! Words of scripts with spaces are terms as they are. A run of Chinese, Japanese, Korean or Thai becomes overlapping
//! pairs of characters, then its last character: `환불신청` gives `환불 불신 신청 청`. So any part of two characters is
//! a phrase of neighbouring terms, and a single character is the beginning of some term.
//!
//! What people type in two ways is found in both: a word is known without the ending of its plural (`refunds`, `refund`)
//! and without the accents of Latin and Greek letters (`Café`, `cafe`); a word joined by hyphens is also one word
//! (`e-mail`, `email`); a name that ends in signs is a word of its own (`C++`, `C#`); an emoji is a character like those
//! of the scripts above.
//!
//! Terms hold letters, digits, marks and emoji only, folded, so neither database has anything left to split or fold. SQLite:
//! `fts5(terms, tokenize = 'ascii')`, which splits at ASCII spaces and leaves everything beyond ASCII alone (unicode61
//! would split at marks). PostgreSQL: a `tsvector` column written as a literal, never by `to_tsvector`.

use std::collections::HashMap;

use super::term_runs::{Run, compounds, pairs, readable, runs};

/// The version of the terms: an index made by another version is made anew (`store/search/index.rs`).
pub const VERSION: u32 = 2;
/// How many characters of a text or a query are read.
pub const MAX_CHARS: usize = 4_000;
/// How often one term of a text is kept: PostgreSQL holds no more positions.
pub const MAX_REPEATS: usize = 256;
/// The most characters of a term; a longer word is known by its beginning.
pub const MAX_TERM_CHARS: usize = 64;
/// Stands where a repeat was dropped, so that its neighbours don't become a phrase. No query can contain it.
const HOLE: &str = "…";

/// One thing a text must contain to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// These terms, one right after the other. Never empty.
    Phrase(Vec<String>),
    /// The same, where the last term is only the beginning of one. Never empty.
    Prefix(Vec<String>),
}

/// The terms of a text in order; a term's index is its position. What is joined by hyphens or ends in signs stands once
/// more at the end, as one term each, where it breaks no phrase.
pub fn document_terms(text: &str) -> Vec<String> {
    let text = readable(text);
    let mut terms: Vec<String> = runs(&text).iter().flat_map(Run::terms).collect();
    for compound in compounds(&text) {
        terms.extend([HOLE.to_owned(), compound]);
    }
    terms.truncate(MAX_CHARS);
    if terms.len() <= MAX_REPEATS {
        return terms;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    let keep = |term: String| {
        let count = seen.entry(term.clone()).or_default();
        *count += 1;
        if *count <= MAX_REPEATS { term } else { HOLE.to_string() }
    };
    terms.into_iter().map(keep).collect()
}

/// What a query asks for: all of its clauses. Words apart are clauses of their own; what stands in double quotes, and
/// what is written without a space (`e-mail`, `PG사결제`), is one phrase. Empty where there is nothing to search for.
pub fn query_terms(query: &str) -> Vec<Clause> {
    let query = readable(query);
    let parts = query.split(['"', '“', '”']).enumerate();
    let texts = parts.flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    let mut clauses = Vec::new();
    for clause in texts.filter_map(clause) {
        if !clauses.contains(&clause) {
            clauses.push(clause);
        }
    }
    clauses
}

/// The phrase a piece of a query stands for; None where it holds no letter, no digit and no emoji.
fn clause(text: &str) -> Option<Clause> {
    let mut runs = runs(text);
    // One word in a compound form: that form finds it however the text writes it. What has more stays a phrase.
    if let [compound] = &compounds(text)[..]
        && !text.contains(char::is_whitespace)
        && runs.iter().all(|run| matches!(run, Run::Word(_)))
    {
        return Some(Clause::Phrase(vec![compound.clone()]));
    }
    let last = runs.pop()?;
    let mut terms: Vec<String> = runs.iter().flat_map(Run::terms).collect();
    // In the text the last run may go on after what was asked for.
    match last {
        Run::Word(_) => terms.extend(last.terms()),
        Run::Unspaced(chars) if chars.len() == 1 => {
            terms.extend(chars.into_iter().map(String::from));
            return Some(Clause::Prefix(terms));
        }
        Run::Unspaced(chars) => terms.extend(pairs(&chars)),
    }
    Some(Clause::Phrase(terms))
}

/// The reference both databases are tested against: whether a text with these terms is found.
pub fn matches(document: &[String], query: &[Clause]) -> bool {
    query.iter().all(|clause| match clause {
        Clause::Phrase(terms) => document.windows(terms.len()).any(|window| window == terms),
        Clause::Prefix(terms) => document.windows(terms.len()).any(|window| {
            let pairs = window.iter().zip(terms).rev();
            pairs.enumerate().all(|(n, (word, term))| if n == 0 { word.starts_with(term) } else { word == term })
        }),
    })
}

/// What to store in the FTS5 column.
pub fn fts5_document(terms: &[String]) -> String {
    terms.join(" ")
}

/// The right side of `MATCH`: `"a b" AND "c" *`. Empty without clauses, which FTS5 refuses: don't ask it then.
pub fn fts5_query(clauses: &[Clause]) -> String {
    let quoted = |terms: &[String]| format!("\"{}\"", terms.join(" ").replace('"', "\"\""));
    let clauses = clauses.iter().map(|clause| match clause {
        Clause::Phrase(terms) => quoted(terms),
        Clause::Prefix(terms) => quoted(terms) + " *",
    });
    clauses.collect::<Vec<_>>().join(" AND ")
}

/// What to cast to `tsvector`: `'a':1,3 'b':2`. Within its limits by construction: at most [`MAX_CHARS`] positions,
/// [`MAX_REPEATS`] a term, terms of at most 256 bytes.
pub fn tsvector_literal(terms: &[String]) -> String {
    let mut order: Vec<&str> = Vec::new();
    let mut positions: HashMap<&str, Vec<String>> = HashMap::new();
    for (n, term) in terms.iter().enumerate().filter(|(_, term)| *term != HOLE) {
        let known = positions.entry(term).or_default();
        if known.is_empty() {
            order.push(term);
        }
        known.push((n + 1).to_string());
    }
    let lexemes = order.iter().map(|term| format!("{}:{}", quote(term), positions[term].join(",")));
    lexemes.collect::<Vec<_>>().join(" ")
}

/// What to cast to `tsquery`: `('a' <-> 'b') & ('c':*)`. Empty without clauses: it would find nothing.
pub fn tsquery_literal(clauses: &[Clause]) -> String {
    let clauses = clauses.iter().map(|clause| {
        let (terms, end) = match clause {
            Clause::Phrase(terms) => (terms, ""),
            Clause::Prefix(terms) => (terms, ":*"),
        };
        let terms: Vec<_> = terms.iter().map(|term| quote(term)).collect();
        format!("({}{end})", terms.join(" <-> "))
    });
    clauses.collect::<Vec<_>>().join(" & ")
}

/// A lexeme in a literal. Terms hold nothing to escape; it is done all the same, so that no later change can inject.
fn quote(term: &str) -> String {
    format!("'{}'", term.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::char::is_combining_mark;

    use super::*;
    use crate::domain::search::term_runs::is_term_char;

    fn found(text: &str, query: &str) -> bool {
        let query = query_terms(query);
        !query.is_empty() && matches(&document_terms(text), &query)
    }

    #[test]
    fn a_text_becomes_words_and_pairs() {
        let terms = |text: &str| document_terms(text).join(" ");
        assert_eq!(terms("환불신청이 안돼요!"), "환불 불신 신청 청이 이 안돼 돼요 요");
        assert_eq!(terms("카드3장 PG사결제"), "카드 드 3 장 pg 사결 결제 제");
        assert_eq!(terms("It's v2.3 — ÇA VA?"), "it s v2 3 ca va");
        assert_eq!(terms("e-mails für C++"), "e mail fur c … email … cplusplus");
        assert_eq!(terms("🔥🔥 좋아요"), "🔥🔥 🔥 좋아 아요 요");
        assert_eq!(terms("हिन्दी में ❤️ Straße"), "हिन्दी में ❤ strasse");
        assert_eq!(terms("ﾊﾟｽﾜｰﾄﾞ"), "パス スワ ワー ード ド");
    }

    #[test]
    fn people_find_what_they_look_for() {
        let text = "PG사결제 후 환불신청서를 보냈는데 Refund status가 안 바뀜. E-mail: 카드3장 支払いができない";
        for query in [
            "환불",
            "신청",
            "환불신청",
            "환",
            "refund",
            "REFUND 환불",
            "카드3장",
            "드3",
            "PG사",
            "e-mail",
            "払い",
            "\"refund status\"",
            "\"refund status가 안\"",
            "“후 환불”",
            "3",
            "支",
        ] {
            assert!(found(text, query), "{query}");
        }
        for query in ["불환", "refun", "status returns", "\"status refund\"", "카드4장", "환불서", "...", "", "\"\""]
        {
            assert!(!found(text, query), "{query}");
        }
    }

    #[test]
    fn what_is_typed_in_two_ways_is_found_in_both() {
        let texts = [
            "Please support C++ in the editor",
            "Please support C# in the editor",
            "Vitamin C tracking please",
            "🔥🔥🔥",
            "refunds are slow",
            "Café payment failed",
            "e-mail not sent",
            "My e-mails bounce, companies too",
            "Smörgåsbord in Ærø and Łódź",
            "Call 010-1234-5678",
            "👍🏽 great ❤️",
            "Google+ login, F#, and .NET",
        ];
        let finds = |query: &str| -> Vec<usize> { (0..texts.len()).filter(|n| found(texts[*n], query)).collect() };
        for (query, expected) in [
            ("C++", &[0][..]),
            ("c#", &[1]),
            ("csharp", &[1]),
            ("🔥", &[3]),
            ("🔥🔥", &[3]),
            ("refund", &[4]),
            ("Refunds", &[4]),
            ("cafe", &[5]),
            ("CAFÉ", &[5]),
            ("email", &[6, 7]),
            ("e-mail", &[6, 7]),
            ("emails", &[6, 7]),
            ("\"e-mail not\"", &[6]),
            ("company", &[7]),
            ("smorgasbord lodz", &[8]),
            ("01012345678", &[9]),
            ("010-1234-5678", &[9]),
            ("1234", &[9]),
            ("👍", &[10]),
            ("❤", &[10]),
            ("google", &[11]),
            ("google+", &[11]),
            ("f#", &[11]),
            ("net", &[11]),
        ] {
            assert_eq!(finds(query), expected, "{query}");
        }
    }

    #[test]
    fn dropped_repeats_leave_a_hole() {
        let text = "a ".repeat(MAX_REPEATS) + "x a y";
        let terms = document_terms(&text);
        assert_eq!(terms.iter().filter(|term| *term == "a").count(), MAX_REPEATS);
        assert!(!found(&text, "\"x y\"") && !found(&text, "…") && found(&text, "x y"));
        assert!(tsvector_literal(&terms).ends_with(" 'x':257 'y':259"));
    }

    #[test]
    fn literals_look_as_the_databases_want_them() {
        let clauses = query_terms("\"Refund status\" 환불신청 돈");
        assert_eq!(fts5_query(&clauses), r#""refund status" AND "환불 불신 신청" AND "돈" *"#);
        assert_eq!(tsquery_literal(&clauses), "('refund' <-> 'status') & ('환불' <-> '불신' <-> '신청') & ('돈':*)");
        assert_eq!(tsvector_literal(&document_terms("b a b")), "'b':1,3 'a':2");
        assert_eq!(quote(r"it's \"), r"'it''s \\'");
    }

    proptest! {
        #[test]
        fn every_part_of_a_run_is_found(text in "[가-힣一-龥ァ-ヺ]{2,30}", before in "[a-z ,.]{0,9}", cut in any::<(u8, u8)>()) {
            let chars: Vec<char> = text.chars().collect();
            let from = cut.0 as usize % (chars.len() - 1);
            let length = 1 + cut.1 as usize % (chars.len() - from);
            let part: String = chars[from..from + length].iter().collect();
            let (after_words, before_words) = (format!("{before}{text} 끝"), format!("{text}{before}"));
            let quoted = format!("\"{part}\"");
            prop_assert!(found(&after_words, &part) && found(&before_words, &quoted));
        }

        #[test]
        fn words_are_found_in_any_case_and_order(words in prop::collection::vec("[a-zA-Zà-öÀ-Ö]{1,80}", 1..12)) {
            let text = words.join(", ");
            let reversed = words.iter().rev().map(|word| word.to_uppercase()).collect::<Vec<_>>().join(" ");
            let quoted = format!("\"{}\"", words.join(" ").to_lowercase());
            prop_assert!(found(&text, &reversed) && found(&text, &quoted));
        }

        #[test]
        fn a_text_is_found_by_itself(text in any::<String>()) {
            let clauses = query_terms(&format!("\"{}\"", text.replace(['"', '“', '”', '＂'], " ")));
            prop_assert!(matches(&document_terms(&text), &clauses));
        }

        #[test]
        fn terms_and_literals_are_well_formed(text in any::<String>(), wide in "\\PC{0,40}") {
            let text = text + &wide;
            let terms = document_terms(&text);
            prop_assert!(terms.len() <= MAX_CHARS);
            for term in &terms {
                if term == HOLE {
                    continue;
                }
                prop_assert!((1..=MAX_TERM_CHARS).contains(&term.chars().count()));
                // Exactly what the ascii tokenizer keeps whole: ASCII only where a letter (lower case) or a digit.
                prop_assert!(term.chars().all(|c| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit()), "{term}");
                prop_assert!(term.chars().all(|c| is_term_char(c) || is_combining_mark(c)), "{term}");
            }
            let clauses = query_terms(&text);
            prop_assert_eq!(fts5_query(&clauses).matches('"').count(), 2 * clauses.len());
            prop_assert_eq!(tsquery_literal(&clauses).matches('(').count(), clauses.len());
            prop_assert_eq!(tsvector_literal(&terms).matches(':').count() * 2, tsvector_literal(&terms).matches('\'').count());
        }
    }
}
