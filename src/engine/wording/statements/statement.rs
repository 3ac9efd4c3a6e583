//! What must be true in the end, as a statement in words: of a title, its theme's wish, and the grammar of its language.
//!
//! ```text
//! "Card declined", a fix   -> want: the card not to be declined      criterion: the card is not declined
//! "Export to Excel", new   -> want: to export to Excel               criterion: customers can export to Excel
//! "환불 지연", a fix        -> want: 환불이 지연되지 않기를 원합니다   criterion: 환불이 지연되지 않는다
//! ```

use crate::domain::words;
use crate::engine::wording::label::language;

/// A statement, in the parts that its sentences need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Statement {
    /// Something happens or does not happen: its subject, the request for it ("not to close", `닫히지 않기를`), and the
    /// observation ("does not close", `닫히지 않는다`).
    Observed { subject: String, request: String, observed: String },
    /// Customers do something, or something does not happen to them: "get the code", "not to be charged twice".
    Customers { request: String, observed: String },
    /// Customers can do something: the verb with its objects ("export to Excel", `엑셀로 내보낼`).
    Able { verb: String },
    /// A problem, named by a noun, does not occur.
    No { matter: String },
    /// The problem with something is solved.
    Without { matter: String },
    /// Something new is there.
    Have { matter: String, plural: bool },
    /// What was asked for about something is done.
    Asked { matter: String },
    /// Something can be found out: "how to change the address", "about fees", `환율 기준`.
    Know { matter: String },
    /// Something stays as it is.
    Stay { matter: String },
}

/// How the customers of a theme use a word.
pub(in crate::engine) trait Usage {
    /// Whether most write it with a capital letter.
    fn is_proper(&self, word: &str) -> bool;
    /// Whether most use it as a verb.
    fn is_verb(&self, word: &str) -> bool;
}

impl Statement {
    /// The request: the part after "I want".
    pub fn want(&self, korean: bool) -> String {
        let language = language(korean);
        match self.clone() {
            Self::Observed { subject, request, .. } => words::want_observed(language, subject, request),
            Self::Customers { request, .. } => words::want_customers(language, request),
            Self::Able { verb } => words::want_able(language, verb),
            Self::No { matter } => words::want_no(language, matter),
            Self::Without { matter } => words::want_without(language, matter),
            Self::Have { matter, .. } => words::want_have(language, matter),
            Self::Asked { matter } => words::want_asked(language, matter),
            Self::Know { matter } => words::want_know(language, matter),
            Self::Stay { matter } => words::want_stay(language, matter),
        }
    }

    /// What can be observed when it is true, without a full stop.
    pub fn then(&self, korean: bool) -> String {
        let language = language(korean);
        match self.clone() {
            Self::Observed { subject, observed, .. } => words::then_observed(language, subject, observed),
            Self::Customers { observed, .. } => words::then_customers(language, observed),
            Self::Able { verb } => words::then_able(language, verb),
            Self::No { matter } => words::then_no(language, matter),
            Self::Without { matter } => words::then_without(language, matter),
            Self::Have { matter, plural: false } => words::then_have(language, matter),
            Self::Have { matter, plural: true } => words::then_have_many(language, matter),
            Self::Asked { matter } => words::then_asked(language, matter),
            Self::Know { matter } => words::then_know(language, matter),
            Self::Stay { matter } => words::then_stay(language, matter),
        }
    }
}
