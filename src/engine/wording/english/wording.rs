//! The wording of noun phrases and predicates as titles: in the present tense or as a participle, without articles,
//! possessives and the persons who speak.

use super::noun_phrase::{NounPhrase, is_count};
use super::phrase::{FINE, Form, Phrase, is_trouble};
use super::predicate::{Helpers, Predicate, Subject};
use super::words::Word;
use crate::engine::text::tagging::{self, Tag};
use crate::engine::text::tokens::Kind;
use crate::engine::wording::compose::Composer;

/// A noun phrase in words.
#[derive(Clone, Debug)]
pub(in crate::engine::wording) struct Name {
    pub phrase: Phrase,
    pub head: String,
    pub plural: bool,
}

/// Words a noun phrase.
pub(in crate::engine::wording) fn name(theme: &Composer<'_>, words: &[Word<'_>], noun: &NounPhrase) -> Name {
    let mut phrase = Phrase::default();
    let counts = |at: usize| at < noun.head && is_count(&words[at]);
    for word in (noun.first..noun.end).filter(|at| !counts(*at)).map(|at| &words[at]) {
        phrase = match word.is_content() {
            true => phrase.content(word, &written(theme, word)),
            false => phrase.plain(&word.lower),
        };
    }
    // A cancelled order is what something happens to, and need not be the trouble.
    let only_cancelled =
        (noun.first..noun.end).all(|at| !is_trouble(&words[at]) || words[at].lower.starts_with("cancel"));
    phrase.trouble &= !only_cancelled;
    Name { phrase, head: words[noun.head].token.key.clone(), plural: noun.is_plural(words) }
}

/// The word with the capitals that most customers use.
pub(in crate::engine::wording) fn written(theme: &Composer<'_>, word: &Word<'_>) -> String {
    if word.token.kind == Kind::Function {
        return word.lower.clone();
    }
    let forms = theme.counts.get(&word.token.key).map(|count| &count.forms);
    let same = forms.into_iter().flatten().filter(|(form, _)| tagging::plain(form) == word.lower);
    let most = same.max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0)));
    most.map_or_else(|| word.lower.clone(), |(form, _)| form.clone())
}

/// A predicate with the noun phrases that were chosen for its subject and object.
pub(in crate::engine::wording) struct Worded<'p, 'w, 't> {
    pub words: &'p [Word<'t>],
    pub predicate: &'w Predicate,
    pub subject: Option<&'w Name>,
    pub object: Option<&'w Name>,
}

impl Worded<'_, '_, '_> {
    /// The core of the phrase: subject, verb and object. `None` where its grammar is doubtful.
    pub fn core(&self) -> Option<(Form, Phrase)> {
        let helpers = self.predicate.helpers;
        if self.subject.is_some_and(|subject| TIMES.contains(&subject.head.as_str())) {
            return None;
        }
        if self.predicate.is_state {
            return self.state().map(|phrase| (Form::State, phrase));
        }
        if tagging::is_only_noun(&self.verb().lower) {
            // "cannot login": a noun as a verb, which has no other form.
            // "login", "setup": a verb with its particle; not "withdrawal".
            let verb = &self.verb().lower;
            let ends = ["in", "on", "out", "up", "off", "down"];
            let compound = ends.iter().filter_map(|end| verb.strip_suffix(end)).any(tagging::can_be_verb);
            return if compound && (helpers.negated && helpers.can || helpers.unable) { self.cannot() } else { None };
        }
        match (&self.predicate.subject, self.subject) {
            (Subject::Named(_), Some(subject)) => self.happening(subject).map(|phrase| (Form::Event, phrase)),
            (Subject::Named(_), None) => None,
            (Subject::Speaker, _) => self.of_speaker(helpers),
            (Subject::Team, _) => self.of_team(helpers),
            (Subject::Other, _) => self.without_subject(helpers, true),
            (Subject::None, _) => self.without_subject(helpers, false),
        }
    }

    fn verb(&self) -> &Word<'_> {
        &self.words[self.predicate.verb]
    }

    /// The participle of the verb.
    fn done(&self) -> String {
        let verb = self.verb();
        let is_participle = verb.is_past() && verb.lower.ends_with("ed");
        if is_participle { verb.lower.clone() } else { tagging::participle(&verb.lemma()) }
    }

    fn as_verb(&self, phrase: Phrase, shown: &str) -> Phrase {
        let phrase = phrase.content(self.verb(), shown);
        self.particles(phrase)
    }

    /// "in" of "log in".
    fn particles(&self, phrase: Phrase) -> Phrase {
        let particle = self.predicate.after.first().filter(|at| !self.words[**at].is_content());
        match particle {
            Some(at) => phrase.plain(&self.words[*at].lower),
            None => phrase,
        }
    }

    fn with_object(&self, phrase: Phrase) -> Option<Phrase> {
        match self.object {
            Some(object) => Some(phrase.then(&object.phrase)),
            None => (!self.predicate.has_hidden_object).then_some(phrase),
        }
    }

    /// "font is too small".
    fn state(&self) -> Option<Phrase> {
        let Predicate { helpers, too, .. } = *self.predicate;
        let subject = self.subject?;
        let fine = FINE.contains(&self.verb().lower.as_str());
        let phrase = Phrase::default().then(&subject.phrase);
        if helpers.can || helpers.modal || (fine && !helpers.negated) {
            return None;
        }
        let phrase = phrase.plain(if subject.plural { "are" } else { "is" });
        let phrase = if helpers.negated { phrase.denying("not") } else { phrase };
        let phrase = if too { phrase.plain("too") } else { phrase };
        Some(phrase.content(self.verb(), &self.verb().lower))
    }

    /// "card declined", "app does not open", "refund has not arrived".
    fn happening(&self, subject: &Name) -> Option<Phrase> {
        let helpers = self.predicate.helpers;
        let verb = self.verb();
        let base = verb.lemma();
        let begun = Phrase::default().then(&subject.phrase);
        let (does, has) = if subject.plural { ("do", "have") } else { ("does", "has") };
        let present = if subject.plural { base.clone() } else { tagging::third_person(&base) };
        let phrase = match () {
            () if verb.is_past() && helpers.be => {
                if helpers.negated && helpers.can {
                    self.as_verb(begun.denying("cannot").plain("be"), &self.done())
                } else if (helpers.modal || helpers.can) && !helpers.negated {
                    return None;
                } else {
                    return Some(self.as_verb(self.denied(begun), &self.done()));
                }
            }
            () if verb.is_past() && helpers.have && helpers.negated => {
                self.as_verb(begun.denying(&format!("{has} not")), &self.done())
            }
            () if verb.is_past() => self.as_verb(self.denied(begun), &verb.lower),
            () if verb.is_gerund() && helpers.negated => self.as_verb(begun.denying("not"), &verb.lower),
            () if verb.is_gerund() && helpers != Helpers::default() => self.as_verb(begun, &present),
            () if verb.is_gerund() => self.as_verb(begun, &verb.lower),
            () if helpers.never => self.as_verb(begun.denying("never"), &present),
            () if helpers.negated && helpers.did => self.as_verb(begun.denying("did not"), &base),
            () if helpers.negated => self.as_verb(begun.denying(&format!("{does} not")), &base),
            // "app crash" may be two nouns.
            () if verb.lower == base && !subject.plural && !helpers.asked => return None,
            () => self.as_verb(begun, &present),
        };
        self.with_object(phrase)
    }

    fn denied(&self, phrase: Phrase) -> Phrase {
        match self.predicate.helpers {
            Helpers { never: true, .. } => phrase.denying("never"),
            Helpers { negated: true, .. } => phrase.denying("not"),
            _ => phrase,
        }
    }

    /// "charged twice", "cannot log in", "refund not received", "lost card", "change address".
    fn of_speaker(&self, helpers: Helpers) -> Option<(Form, Phrase)> {
        let verb = self.verb();
        match () {
            () if helpers.be && verb.is_past() => self.participle(Form::Event),
            () if helpers.unable || (helpers.can && helpers.negated && !helpers.asked) => self.cannot(),
            () if helpers.negated && self.object.is_some() => self.turned(),
            () if helpers.negated && helpers.asked && helpers.can => self.cannot(),
            () if helpers.negated => None,
            () if verb.is_past() && self.object.is_some() => self.participle(Form::Event).map(|done| self.chosen(done)),
            () if verb.is_past() => None,
            () => self.act(),
        }
    }

    /// "change plan", "card charged".
    fn of_team(&self, helpers: Helpers) -> Option<(Form, Phrase)> {
        let verb = self.verb();
        match () {
            () if helpers.negated && self.object.is_some() && !helpers.asked => self.turned(),
            () if helpers.negated => None,
            () if verb.is_past() && self.object.is_some() => self.turned(),
            () if verb.is_past() => self.participle(Form::Event),
            () if helpers.asked && (helpers.does || helpers.did) => self.turned(),
            () => self.act(),
        }
    }

    /// "crashes after update", "change address", "not working", "card declined" of "it declined my card".
    fn without_subject(&self, helpers: Helpers, other: bool) -> Option<(Form, Phrase)> {
        let verb = self.verb();
        let base = verb.lemma();
        let begun = Phrase::default();
        match () {
            () if verb.is_past() && helpers.be => self.participle(Form::Event),
            () if helpers.unable || (helpers.can && helpers.negated) => self.cannot(),
            () if helpers.negated && self.object.is_some() => self.turned(),
            () if verb.is_past() && other && self.object.is_some() => self.turned(),
            () if verb.is_past() => self.participle(Form::Event).map(|done| self.chosen(done)),
            () if verb.is_gerund() && helpers.negated => {
                self.with_object(self.as_verb(begun.denying("not"), &verb.lower)).map(|phrase| (Form::Event, phrase))
            }
            // "does not open": of what, the title does not say, so a trouble only.
            () if helpers.negated => {
                let phrase = self.as_verb(begun.denying("does not"), &base);
                self.with_object(phrase).map(|phrase| (Form::Event, phrase))
            }
            () if verb.lower != base && !verb.is_gerund() => {
                self.with_object(self.as_verb(begun, &tagging::third_person(&base))).map(|phrase| (Form::Event, phrase))
            }
            () if other && verb.is_gerund() => {
                self.with_object(self.as_verb(begun, &tagging::third_person(&base))).map(|phrase| (Form::Event, phrase))
            }
            () if other => None,
            () => self.gerund_or_act(),
        }
    }

    /// "trouble logging in", else "log in".
    fn gerund_or_act(&self) -> Option<(Form, Phrase)> {
        let before = self.predicate.verb.checked_sub(1).map(|at| &self.words[at]);
        let trouble = before
            .filter(|word| word.shared && word.is(&["trouble", "problem", "problems", "issue", "issues", "error"]));
        match (trouble, self.verb().is_gerund()) {
            (Some(noun), true) => {
                let begun = Phrase::default().content(noun, &noun.lower);
                self.with_object(self.as_verb(begun, &self.verb().lower)).map(|phrase| (Form::Event, phrase))
            }
            _ => self.act(),
        }
    }

    /// "charged twice", "lost card".
    fn participle(&self, form: Form) -> Option<(Form, Phrase)> {
        let begun = self.denied(Phrase::default());
        let phrase = self.as_verb(begun, &self.done());
        self.with_object(phrase).map(|phrase| (form, phrase))
    }

    /// What customers chose to do is no trouble: "cancelled booking", unlike "lost card".
    fn chosen(&self, (form, phrase): (Form, Phrase)) -> (Form, Phrase) {
        let chosen = self.object.is_some() && CHOSEN.contains(&self.verb().lemma().as_str());
        (form, Phrase { trouble: phrase.trouble && !chosen, ..phrase })
    }

    /// "cannot log in".
    fn cannot(&self) -> Option<(Form, Phrase)> {
        let begun = match self.predicate.helpers.unable {
            true => Phrase::default().denying("unable to"),
            false => Phrase::default().denying("cannot"),
        };
        let base = self.verb().lemma();
        self.with_object(self.as_verb(begun, &base)).map(|phrase| (Form::Event, phrase))
    }

    /// "refund not received" of "i have not received my refund".
    fn turned(&self) -> Option<(Form, Phrase)> {
        let object = self.object.filter(|_| self.predicate.after.iter().all(|at| self.words[*at].is_content()))?;
        let begun = self.denied(Phrase::default().then(&object.phrase));
        Some((Form::Event, begun.content(self.verb(), &self.done())))
    }

    /// "change address".
    fn act(&self) -> Option<(Form, Phrase)> {
        let base = self.verb().lemma();
        self.with_object(self.as_verb(Phrase::default(), &base)).map(|phrase| (Form::Act, phrase))
    }

    /// Whether an act is complete: it names its object, or its verb has a particle.
    pub fn is_whole(&self) -> bool {
        self.object.is_some() || self.predicate.after.iter().any(|at| !self.words[*at].is_content())
    }

    /// Adverbs that follow: "twice", "late".
    pub fn adverbs(&self) -> Phrase {
        let content = self.predicate.after.iter().map(|at| &self.words[*at]).filter(|word| word.is_content());
        content.fold(Phrase::default(), |phrase, word| phrase.content(word, &word.lower))
    }
}

/// "for order", "after update".
pub(in crate::engine::wording) fn place(preposition: &Word<'_>, name: &Name) -> Option<Phrase> {
    let fits = preposition.tag == Tag::Adposition
        && !TIMES.contains(&name.head.as_str())
        && !preposition.is(&["since", "than", "as", "like", "per", "because"]);
    fits.then(|| Phrase::default().plain(&preposition.lower).then(&name.phrase))
}

/// Verbs of trouble that name what a customer chose to do where the customer is their subject.
const CHOSEN: &[&str] = &["cancel", "block", "lock", "stop", "refuse", "reject", "decline"];

/// Stems of words for spans of time, which say little about the matter.
pub(in crate::engine::wording) const TIMES: &[&str] =
    &["day", "week", "month", "year", "hour", "minut", "second", "tim", "moment", "night", "morning", "weekend"];
