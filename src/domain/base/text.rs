//! Small helpers for text that has to be found again although it was typed differently.

use unicode_normalization::UnicodeNormalization;

/// The characters of a text, the same however it was typed: compatibility forms (NFKC), one case, nothing invisible.
///
/// Lower, upper and lower case again come close to Unicode's full case folding, which the standard library lacks: `ß`
/// and `ẞ` become `ss`, a final `ς` becomes `σ`. The second normalisation composes what the changes took apart.
pub fn folded(text: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    text.nfkc()
        .filter(|c| !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
}

/// Whether folding a text of such characters only lowers the case of its ASCII letters: most English and Korean is so,
/// and then need not go the long way.
pub fn folds_simply(c: char) -> bool {
    matches!(c, '\0'..='\x7F' | '\u{AC00}'..='\u{D7A3}')
}

/// A name to match by, such as an account's: case, width, outer and repeated spaces don't count.
pub fn fold(name: &str) -> String {
    // The Turkish capital with a dot becomes two characters.
    let folded = folded(name.chars()).collect::<String>().replace("i\u{307}", "i");
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name without the spaces and marks that copying leaves around it.
pub fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// An e-mail address as mail servers take it: an international domain in its ASCII form (punycode). `None` where it has no
/// such form.
pub fn mail_address(address: &str) -> Option<String> {
    let (mailbox, domain) = address.rsplit_once('@')?;
    let domain = idna::domain_to_ascii(domain).ok().filter(|domain| !domain.is_empty())?;
    Some(format!("{mailbox}@{domain}"))
}

/// An e-mail address to match by: lower case, without white space. More than that would join different mailboxes
/// (`strauß@` isn't `strauss@`, `a+b@` isn't `a@`).
pub fn email_fold(address: &str) -> String {
    let plain = address.nfkc().filter(|c| !is_invisible(*c) && !c.is_whitespace());
    plain.flat_map(char::to_lowercase).nfkc().collect()
}

/// Characters nobody sees and copying leaves behind: soft hyphens, zero-width spaces and joiners, variation selectors, and
/// the marks that phones put around names for the direction of writing.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// A name or a title: one line, nothing invisible that could end a header.
pub fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
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
        // Hangul as macOS writes file names (decomposed) and as everybody else does.
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
