//! English titles that are questions: what customers want to know.

use super::statement::Statement;
use super::statement_words::{Word, joined};
use crate::engine::text::tagging::{Tag, lemma, third_person};

/// Words that begin a question.
pub(in crate::engine) const QUESTIONS: &[&str] = &["how", "what", "where", "when", "why", "who", "which"];

/// "how to change my address", "where is my card", "can I pay later".
pub(in crate::engine) fn question(words: &[Word]) -> Option<Statement> {
    let know = |matter: String| Some(Statement::Know { matter });
    let helps =
        words.iter().position(|word| word.tag == Tag::Auxiliary || word.is(&["is", "are", "do", "does", "can"]));
    if words[0].is(&["how"]) && words.get(1).is_some_and(|word| word.is(&["to"])) && words.len() > 2 {
        return know(joined(words));
    }
    let at = helps.filter(|at| *at < 4 && *at + 1 < words.len())?;
    let (asked, rest) = (&words[..at], &words[at + 1..]);
    let asked = if asked.is_empty() { "whether".to_owned() } else { joined(asked) };
    let is_me = rest[0].is(&["i", "we"]);
    if is_me && rest.len() > 1 && asked == "how" {
        return know(format!("how to {}", joined(&rest[1..])));
    }
    let helper = words[at].shown.to_lowercase();
    // The subject ends before the next verb; after "is" there may be none.
    let verb = rest.iter().position(|word| word.tag == Tag::Verb);
    let split = verb.or_else(|| {
        rest.iter().position(|word| matches!(word.tag, Tag::Adjective)).filter(|at| *at > 0 && *at + 1 == rest.len())
    });
    let be = matches!(helper.as_str(), "is" | "are" | "was" | "were");
    match split {
        Some(0) => None,
        Some(at) if helper == "do" || helper == "does" || helper == "did" => {
            let verb = if helper == "does" {
                third_person(&lemma(&rest[at].lower, Tag::Verb))
            } else {
                rest[at].shown.clone()
            };
            let tail = joined(&rest[at + 1..]);
            know(format!("{asked} {} {verb} {tail}", joined(&rest[..at])).trim_end().to_owned())
        }
        Some(at) => know(format!("{asked} {} {helper} {}", joined(&rest[..at]), joined(&rest[at..]))),
        None if be => know(format!("{asked} {} {helper}", joined(rest))),
        None => None,
    }
}
