//! Mentions in a text: `@` before the full name or the e-mail address of a member. A mention must identify exactly one
//! member; any other is reported and never guessed.

use std::collections::HashSet;

use super::note::{NoteWarning, NoteWarningCode};
use crate::domain::base::Id;
use crate::domain::base::text::{email_fold, fold};

/// The most warnings that are returned.
const MOST_WARNINGS: usize = 50;
/// How many characters after an `@` are examined: names have at most 200.
const MOST_READ: usize = 250;
/// Korean titles that may follow a name, with or without a particle after them.
const TITLES: [&str; 14] = [
    "님",
    "씨",
    "선생님",
    "팀장님",
    "과장님",
    "차장님",
    "부장님",
    "대리님",
    "이사님",
    "대표님",
    "매니저님",
    "책임님",
    "프로님",
    "팀장",
];
/// Particles that cannot be a syllable of a name: they may follow a name of any length.
const CLEAR_PARTICLES: [&str; 29] = [
    "는",
    "을",
    "를",
    "께",
    "와",
    "에게",
    "에게서",
    "에게도",
    "에게는",
    "께서",
    "께서는",
    "께서도",
    "께도",
    "께는",
    "한테",
    "한테서",
    "한테도",
    "한테는",
    "하고",
    "이랑",
    "이나",
    "이라고",
    "라고",
    "부터",
    "까지",
    "으로",
    "이고",
    "에게만",
    "한테만",
];
/// Particles that may also be the last syllable of a longer name: they may only follow names of three or more
/// syllables.
const SHORT_PARTICLES: [&str; 13] = ["이", "가", "은", "의", "도", "만", "과", "랑", "나", "야", "아", "로", "고"];

/// A member who can be mentioned.
#[derive(Clone, Debug)]
pub struct Mentionable {
    pub id: Id,
    pub name: String,
    pub email: String,
}

/// The mentions of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The mentioned members, each once, in the order of the text.
    pub members: Vec<Id>,
    /// Mentions that identify no member, each once.
    pub warnings: Vec<NoteWarning>,
}

/// A member, with the spellings of their name.
struct SpelledMember<'a> {
    id: Id,
    name: String,
    /// The name without spaces.
    joined: String,
    email: String,
    mailbox: &'a str,
}

/// The result for one `@`.
enum MentionResult {
    Member(Id),
    Several(String, Vec<Id>),
    Nobody(String),
}

/// Finds the mentions of these members in a text.
pub fn find(text: &str, team: &[Mentionable]) -> Mentions {
    let team: Vec<SpelledMember<'_>> = team.iter().map(known).collect();
    let (mut found, mut warned, mut past) = (Mentions::default(), HashSet::new(), 0);
    for (at, sign) in text.char_indices().filter(|(_, c)| is_at(*c)) {
        let rest = &text[at + sign.len_utf8()..];
        if at < past || !begins(text[..at].chars().next_back(), rest) {
            continue;
        }
        let outcome = match address(rest) {
            Some(address) => {
                past = at + sign.len_utf8() + address.len();
                by_address(address, &team)
            }
            None => by_name(rest, &team),
        };
        let warning = match outcome {
            MentionResult::Member(id) => {
                if !found.members.contains(&id) {
                    found.members.push(id);
                }
                continue;
            }
            MentionResult::Several(words, ids) => ambiguous(&words, ids),
            MentionResult::Nobody(words) => unknown(&words),
        };
        if found.warnings.len() < MOST_WARNINGS && warned.insert(fold(&warning.mention)) {
            found.warnings.push(warning);
        }
    }
    found
}

fn known(member: &Mentionable) -> SpelledMember<'_> {
    let name = fold(&member.name);
    let joined = name.split(' ').collect();
    let mailbox = member.email.split('@').next().unwrap_or_default();
    SpelledMember { id: member.id, joined, name, email: email_fold(&member.email), mailbox }
}

fn is_at(c: char) -> bool {
    matches!(c, '@' | '＠')
}

/// Whether an `@` begins a mention, and is not part of an e-mail address or of a URL.
fn begins(before: Option<char>, rest: &str) -> bool {
    if !rest.starts_with(char::is_alphanumeric) {
        return false;
    }
    match before {
        None => true,
        // Korean, Japanese and Chinese may omit the space before `@`. The local part of an address may be in these
        // scripts too.
        Some(c) if c.is_alphanumeric() => is_east_asian(c) && !is_domain(rest),
        Some('/' | '\\' | '@' | '＠') => false,
        Some(c) if ".!#$%&'*+-=?^_`{|}~".contains(c) => !is_domain(rest),
        Some(_) => true,
    }
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11FF}' | '\u{3040}'..='\u{30FF}' | '\u{3130}'..='\u{318F}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}')
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}')
}

/// Whether a text begins with the domain of an address.
fn is_domain(text: &str) -> bool {
    let run = text.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').next().unwrap_or_default();
    run.trim_end_matches(['.', '-']).contains('.')
}

/// The e-mail address at the beginning of a text.
fn address(text: &str) -> Option<&str> {
    let ends = |c: char| c.is_whitespace() || "<>()[]{},;:\"!?`|\\/".contains(c);
    let run = text.split(ends).next().unwrap_or_default().trim_end_matches(['.', '-', '_', '\'']);
    let (mailbox, domain) = run.split_once(is_at)?;
    (!mailbox.is_empty() && is_domain(domain)).then_some(run)
}

fn by_address(address: &str, team: &[SpelledMember<'_>]) -> MentionResult {
    // A particle may also follow an address.
    let hangul = address.chars().rev().take_while(|c| is_hangul(*c)).map(char::len_utf8);
    let cuts = hangul.scan(address.len(), |at, length| {
        *at -= length;
        Some(*at)
    });
    for cut in std::iter::once(address.len()).chain(cuts) {
        let (written, tail) = address.split_at(cut);
        let folded = email_fold(written);
        let found = team.iter().find(|member| member.email == folded);
        if let Some(member) = found.filter(|_| tail.is_empty() || follows_a_name(tail, 0)) {
            return MentionResult::Member(member.id);
        }
    }
    MentionResult::Nobody(format!("@{address}"))
}

fn by_name(rest: &str, team: &[SpelledMember<'_>]) -> MentionResult {
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let line = fold(&line.chars().take(MOST_READ).collect::<String>());
    let mut longest = (0, Vec::new());
    for member in team {
        let matches = |key: &&String| is_name(key) && line.starts_with(key.as_str()) && ends(&line[key.len()..], key);
        let Some(key) = [&member.name, &member.joined].into_iter().find(matches) else { continue };
        // Names are compared by length without spaces.
        let length = member.joined.chars().count();
        match length.cmp(&longest.0) {
            std::cmp::Ordering::Greater => longest = (length, vec![(member.id, key.clone())]),
            std::cmp::Ordering::Equal => longest.1.push((member.id, key.clone())),
            std::cmp::Ordering::Less => {}
        }
    }
    match longest.1.as_slice() {
        [(id, _)] => MentionResult::Member(*id),
        [] => by_part(rest, &line, team),
        several => {
            MentionResult::Several(first_characters(rest, &several[0].1), several.iter().map(|(id, _)| *id).collect())
        }
    }
}

fn is_name(key: &&String) -> bool {
    key.starts_with(char::is_alphanumeric)
}

/// The beginning of the text, with as many characters as this name, as it was written.
fn first_characters(text: &str, name: &str) -> String {
    format!("@{}", text.chars().take(name.chars().count()).collect::<String>())
}

/// Whether a name ends before `after`, so that it is not the beginning of a longer word.
fn ends(after: &str, name: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        None => true,
        Some(c) if c.is_alphanumeric() => {
            let run = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            follows_a_name(run, name.chars().filter(|c| is_hangul(*c)).count())
        }
        Some('@' | '＠') => false,
        Some('.' | '-' | '_') => !next.next().is_some_and(char::is_alphanumeric),
        Some(_) => true,
    }
}

/// Whether these syllables may follow a Korean name of that many syllables: a title, a particle, or both. A short name
/// with one more syllable may be another name.
fn follows_a_name(tail: &str, syllables: usize) -> bool {
    // A name in Latin letters (0 syllables) ends where Hangul begins.
    let is_long = syllables == 0 || syllables >= 3;
    let is_particle = |text: &str| CLEAR_PARTICLES.contains(&text) || SHORT_PARTICLES.contains(&text);
    let titled =
        TITLES.iter().filter_map(|title| tail.strip_prefix(title)).any(|rest| rest.is_empty() || is_particle(rest));
    titled || CLEAR_PARTICLES.contains(&tail) || (is_long && SHORT_PARTICLES.contains(&tail))
}

/// The result where no full name follows the `@`: names the members whose name contains the word.
fn by_part(rest: &str, line: &str, team: &[SpelledMember<'_>]) -> MentionResult {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let word = line.split(|c| !is_part(c)).next().unwrap_or_default().trim_end_matches(['.', '-', '_']);
    let of =
        |member: &&SpelledMember<'_>| member.name.split(' ').any(|part| part == word) || fold(member.mailbox) == word;
    let ids: Vec<Id> = team.iter().filter(of).map(|member| member.id).collect();
    let written: String = rest.chars().take_while(|c| is_part(*c)).take(60).collect();
    let words = format!("@{}", written.trim_end_matches(['.', '-', '_']));
    if ids.is_empty() { MentionResult::Nobody(words) } else { MentionResult::Several(words, ids) }
}

fn unknown(mention: &str) -> NoteWarning {
    NoteWarning {
        code: NoteWarningCode::Unknown,
        mention: mention.to_owned(),
        detail: "No active member who may read notes has this name or address: nobody was told.".to_owned(),
        member_ids: Vec::new(),
    }
}

fn ambiguous(mention: &str, member_ids: Vec<Id>) -> NoteWarning {
    let detail = "It does not name one member: nobody was told. Write the whole name or the e-mail address, or give the \
                  member's id in `mentions`.";
    NoteWarning { code: NoteWarningCode::Ambiguous, mention: mention.to_owned(), detail: detail.to_owned(), member_ids }
}

#[cfg(test)]
mod tests;
