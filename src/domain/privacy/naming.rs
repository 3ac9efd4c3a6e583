//! Name matching: the words that identify a person, from their name and from the local part of their address.

use crate::domain::base::text::fold;

/// A name with more words than this is probably a sentence that was entered as a name.
const MOST_WORDS: usize = 4;

/// The folded words that identify this person and therefore must not occur in texts for others.
pub fn words_that_name(name: Option<&str>, email: Option<&str>) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let parts = parts_of(name.unwrap_or_default());
    if parts.len() <= MOST_WORDS {
        for part in parts {
            words.extend(given_name(&part));
            words.push(part);
        }
    }
    let handle = email.and_then(|email| email.split('@').next()).unwrap_or_default();
    let pieces = parts_of(handle);
    words.push(pieces.concat());
    // `jane.doe` has two parts of a name; `refunds` and `info` name nobody.
    let letters: Vec<String> = pieces.into_iter().filter(|piece| piece.chars().all(char::is_alphabetic)).collect();
    if letters.len() > 1 {
        words.extend(letters);
    }
    words.retain(|word| word.chars().count() >= 2 && !GENERIC.contains(&word.as_str()) && !is_initial(word));
    words.sort_unstable();
    words.dedup();
    words
}

/// A text prepared for the search for names.
pub struct Naming {
    words: Vec<String>,
    /// Capitalised words: where only a part of a name is found, it must be one of these.
    capitalised: Vec<String>,
    folded: String,
}

impl Naming {
    /// Prepares a text.
    pub fn of(text: &str) -> Self {
        let is_word = |word: &&str| !word.is_empty();
        let plain = text.split(|c: char| !c.is_alphanumeric()).filter(is_word);
        let capitalised = plain.skip(1).filter(|word| word.starts_with(char::is_uppercase)).map(fold);
        Self { words: parts_of(text), capitalised: capitalised.collect(), folded: fold(text) }
    }

    /// The part of the text that names this person: their full name, the local part of their address, or the address.
    /// For a customer whose feedback is `behind` the text, a capitalised part of the name also counts.
    pub fn names(&self, name: Option<&str>, email: Option<&str>, behind: bool) -> Option<String> {
        let parts = parts_of(name.unwrap_or_default());
        if (2..=MOST_WORDS).contains(&parts.len()) && self.words.windows(parts.len()).any(|run| run == parts) {
            return Some(parts.join(" "));
        }
        let full = parts.first().filter(|_| parts.len() == 1);
        let korean =
            |part: &&String| given_name(part).is_some() && self.words.iter().any(|word| word.starts_with(*part));
        if let Some(found) = full.filter(korean) {
            return Some(found.clone());
        }
        let email = email.map(crate::domain::base::text::email_fold);
        if let Some(found) = email.as_ref().filter(|email| !email.is_empty() && self.folded.contains(email.as_str())) {
            return Some(found.clone());
        }
        let handle = parts_of(email.as_deref().and_then(|email| email.split('@').next()).unwrap_or_default()).concat();
        let telling = handle.len() >= 5 && handle.contains(|c: char| c.is_ascii_digit());
        if telling && self.words.contains(&handle) {
            return Some(handle);
        }
        let is_named =
            |part: &&String| part.len() >= 3 && !GENERIC.contains(&part.as_str()) && self.capitalised.contains(part);
        parts.iter().filter(|_| behind).find(is_named).cloned()
    }
}

fn parts_of(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The last two syllables of a Korean name of three: 김서연 is also called 서연.
fn given_name(name: &str) -> Option<String> {
    let syllables: Vec<char> = name.chars().collect();
    let is_hangul = syllables.iter().all(|c| ('가'..='힣').contains(c));
    (is_hangul && syllables.len() == 3).then(|| syllables[1..].iter().collect())
}

/// Whether a word is only two Latin letters, which identify nobody: `jk@`.
fn is_initial(word: &str) -> bool {
    word.is_ascii() && word.len() < 3
}

/// Generic words that many people enter as a name or have as an address, and that identify nobody.
#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "customer", "customers", "user", "users", "app", "support", "team", "test", "tester", "guest", "admin", "shop", "store",
    "account", "service", "client", "member", "anonymous", "google", "info", "contact", "hello", "help", "mail", "email",
    "sales", "office", "billing", "noreply", "feedback", "someone", "unknown", "none", "the", "and", "mrs", "miss", "prof",
    "고객", "손님", "사용자", "회원", "관리자", "테스트", "익명", "상담원", "담당자", "구글", "이름", "없음",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_by_each_part_of_their_name_and_handle() {
        let words = words_that_name(Some("Hannah Schmidt"), Some("hannah.schmidt@example.com"));
        assert_eq!(words, ["hannah", "hannahschmidt", "schmidt"]);
        assert_eq!(words_that_name(Some("김서연"), None), ["김서연", "서연"]);
        assert_eq!(words_that_name(None, Some("jane_doe91@x.example")), ["janedoe91"]);
    }

    #[test]
    fn people_are_found_in_a_text_by_name_address_and_handle() {
        let names = |text: &str, name, email, behind| Naming::of(text).names(name, email, behind).is_some();
        assert!(names("Fixed for hannah schmidt", Some("Hannah Schmidt"), None, false));
        assert!(names("김서연님 문의 해결", Some("김서연"), None, false));
        assert!(names("as janedoe91 said", None, Some("jane.doe91@x.example"), false));
        assert!(names("What Hannah asked for", Some("Hannah Schmidt"), None, true));
        assert!(!names("What Hannah asked for", Some("Hannah Schmidt"), None, false), "another Hannah");
        assert!(!names("Refunds will show dates", Some("Will Ashdown"), None, true));
    }

    #[test]
    fn what_names_nobody_is_left_out() {
        assert!(words_that_name(Some("Customer"), Some("info@example.com")).is_empty());
        assert!(words_that_name(Some("why is my refund so late"), None).is_empty());
    }
}
