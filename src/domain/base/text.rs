//! Text normalisation, so that a text is found again although it was typed differently.

use unicode_normalization::UnicodeNormalization;

/// Case-folded, normalised characters of a text: compatibility forms (NFKC), one case, no invisible characters.
///
/// The standard library has no Unicode case folding. Lower, upper and lower case again come close to it: `ß` and `ẞ`
/// become `ss`, a final `ς` becomes `σ`. The second normalisation composes the characters that these changes
/// decomposed.
pub fn folded(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
}

/// Whether folding changes nothing but the case of ASCII letters in a text of such characters. This holds for most
/// English and Korean text, which then takes a fast path.
pub fn folds_simply(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | '\u{AC00}'..='\u{D7A3}')
}

/// A name folded for comparison, such as that of an account: case, width, outer and repeated spaces are ignored.
pub fn fold(name: &str) -> String {
    // The Turkish capital `İ` folds to two characters.
    let folded = folded(name.chars()).collect::<String>().replace("i\u{307}", "i");
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name without the spaces and invisible characters that copying leaves around it.
pub fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// An e-mail address in the form for mail servers: an international domain becomes ASCII (punycode). `None` where the
/// domain has no such form.
pub fn mail_address(address: &str) -> Option<String> {
    let (mailbox, domain) = address.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok().filter(|domain| !domain.is_empty())?;
    Some(format!("{mailbox}@{domain}"))
}

/// An e-mail address folded for comparison: lower case, without white space. Stronger folding would join different
/// mailboxes (`strauß@` isn't `strauss@`, `a+b@` isn't `a@`).
pub fn email_fold(address: &str) -> String {
    let plain = address.nfkc().filter(|c| !is_invisible(*c) && !c.is_whitespace());
    plain.flat_map(char::to_lowercase).nfkc().collect()
}

/// Whether a character is invisible and only left over from copying: soft hyphens, zero-width spaces and joiners,
/// variation selectors, and the direction marks that phones put around names.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// A name or title on one line, without invisible characters and without line breaks, which could end a mail header.
pub fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first characters of a text, at most this many.
pub fn cut(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => text[..at].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_folds_simply_folds_as_the_long_way_would(text in "[ -~가-힣]*") {
            prop_assert!(text.chars().all(folds_simply));
            prop_assert_eq!(folded(text.chars()).collect::<String>(), text.to_ascii_lowercase());
        }
    }

    #[test]
    fn names_match_however_they_are_typed() {
        assert_eq!(fold("  Blue\u{a0} BAKERY\u{200b} "), "blue bakery");
        assert_eq!(fold("ＡＣＭＥ　株式会社"), "acme 株式会社");
        assert_eq!(fold("STRASSE"), fold("Straße"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("DİYARBAKIR LTD"), fold("diyarbakır ltd"));
        assert_eq!(fold("\u{2068}Acme\u{2069}"), "acme");
        assert_eq!(bare(" \u{2068}Acme Inc\u{2069} "), "Acme Inc");
        // macOS writes Hangul in file names decomposed; other systems write it composed.
        assert_eq!(fold("\u{1112}\u{116a}\u{11ab}\u{1107}\u{116e}\u{11af}"), "환불");
    }

    #[test]
    fn addresses_match_but_different_mailboxes_do_not() {
        assert_eq!(email_fold(" Kim@Example.COM\n"), "kim@example.com");
        assert_ne!(email_fold("strauß@example.com"), email_fold("strauss@example.com"));
        assert_ne!(email_fold("a+b@example.com"), email_fold("a@example.com"));
    }

    #[test]
    fn international_domains_are_mailed_in_their_ascii_form() {
        assert_eq!(mail_address("kim@bücher.example").as_deref(), Some("kim@xn--bcher-kva.example"));
        assert_eq!(mail_address("lee@회사.한국").as_deref(), Some("lee@xn--vf4b131b.xn--3e0b707e"));
        assert_eq!(mail_address("kim@example.com").as_deref(), Some("kim@example.com"));
        assert_eq!(mail_address("nobody"), None);
    }

    #[test]
    fn folding_a_character_twice_changes_nothing_more() {
        for c in (0..=0x1FFFF).filter_map(char::from_u32) {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", c as u32);
        }
    }

    proptest! {
        #[test]
        fn case_and_outer_space_never_count(name in "[a-zA-Zäöüéñа-яА-Я가-힣 ]{0,40}") {
            prop_assert_eq!(fold(&name.to_uppercase()), fold(&name));
            prop_assert_eq!(fold(&format!(" {name}\t")), fold(&name));
        }
    }
}
