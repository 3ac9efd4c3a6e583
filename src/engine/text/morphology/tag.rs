//! Parts of speech of Korean.

/// A part of speech, by the tags of the Sejong corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[rustfmt::skip]
pub(in crate::engine) enum Tag {
    /// A common noun, a proper noun, a bound noun, a numeral, a pronoun.
    Nng, Nnp, Nnb, Nr, Np,
    /// A verb, an adjective, an auxiliary verb, 이다, 아니다.
    Vv, Va, Vx, Vcp, Vcn,
    /// A determiner, an adverb, a conjunction, an interjection.
    Mm, Mag, Maj, Ic,
    /// Particles: subject, complement, genitive, object, adverbial, vocative, quotation, auxiliary, conjunctive.
    Jks, Jkc, Jkg, Jko, Jkb, Jkv, Jkq, Jx, Jc,
    /// Endings: before another ending, final, connective, making a noun, making a determiner.
    Ep, Ef, Ec, Etn, Etm,
    /// A prefix of nouns; suffixes that make a noun, a verb, an adjective; the root of an adjective (깨끗).
    Xpn, Xsn, Xsv, Xsa, Xr,
    /// The end of a sentence, an ellipsis, quotation marks and brackets, commas, other marks.
    Sf, Se, Ss, Sc, Sy,
    /// Latin letters, Chinese characters, digits.
    Sl, Sh, Sn,
    /// A run of Korean letters that the lexicon does not have.
    Unknown,
}

/// All tags, in the order of the lexicon's file.
#[rustfmt::skip]
pub(super) const TAGS: [Tag; 41] = [
    Tag::Nng, Tag::Nnp, Tag::Nnb, Tag::Nr, Tag::Np, Tag::Vv, Tag::Va, Tag::Vx, Tag::Vcp, Tag::Vcn, Tag::Mm, Tag::Mag,
    Tag::Maj, Tag::Ic, Tag::Jks, Tag::Jkc, Tag::Jkg, Tag::Jko, Tag::Jkb, Tag::Jkv, Tag::Jkq, Tag::Jx, Tag::Jc, Tag::Ep,
    Tag::Ef, Tag::Ec, Tag::Etn, Tag::Etm, Tag::Xpn, Tag::Xsn, Tag::Xsv, Tag::Xsa, Tag::Xr, Tag::Sf, Tag::Se, Tag::Ss,
    Tag::Sc, Tag::Sy, Tag::Sl, Tag::Sh, Tag::Sn,
];

impl Tag {
    /// The tag with a name of the lexicon's file, such as `EC`.
    pub(super) fn named(name: &str) -> Tag {
        TAGS.into_iter().find(|tag| format!("{tag:?}").eq_ignore_ascii_case(name)).unwrap_or(Tag::Unknown)
    }

    /// A noun that names something: common, proper, or unknown.
    pub fn is_noun(self) -> bool {
        matches!(self, Tag::Nng | Tag::Nnp | Tag::Unknown)
    }

    /// A particle.
    pub fn is_particle(self) -> bool {
        (Tag::Jks..=Tag::Jc).contains(&self)
    }

    /// An ending of a verb or an adjective.
    pub fn is_ending(self) -> bool {
        (Tag::Ep..=Tag::Etm).contains(&self)
    }

    /// A verb, an adjective or a suffix that makes one: what endings follow.
    pub fn is_predicate(self) -> bool {
        (Tag::Vv..=Tag::Vcn).contains(&self) || matches!(self, Tag::Xsv | Tag::Xsa)
    }

    /// Punctuation and other marks.
    pub fn is_mark(self) -> bool {
        (Tag::Sf..=Tag::Sy).contains(&self)
    }

    /// What a word costs more if white space precedes it, because it belongs to the word before.
    pub(super) fn apart(self) -> i32 {
        match self {
            tag if tag.is_particle() => 6_000,
            tag if tag.is_ending() => 3_000,
            Tag::Vcp | Tag::Xsn | Tag::Xsv | Tag::Xsa => 3_000,
            _ => 0,
        }
    }
}
