//! Korean particles: the form of a particle depends on the last sound of the word before it, as the word is pronounced.

use unicode_normalization::UnicodeNormalization;

/// The last sound of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sound {
    Vowel,
    /// ㄹ, after which 로 has the same form as after a vowel.
    Rieul,
    Consonant,
}

/// The form of a particle after a word. `pair` has the form after a consonant and the form after a vowel: `을/를`,
/// `으로/로`. Where the pronunciation of the word is unknown, both forms are written: `을(를)`, `(으)로`.
pub(super) fn particle(word: &str, pair: &str) -> String {
    let (consonant, vowel) = pair.split_once('/').unwrap_or((pair, pair));
    match last_sound(word) {
        Some(Sound::Vowel) => vowel.to_owned(),
        Some(Sound::Rieul) if consonant.starts_with("으로") => vowel.to_owned(),
        Some(Sound::Rieul | Sound::Consonant) => consonant.to_owned(),
        None => match consonant.strip_suffix(vowel) {
            Some(more) => format!("({more}){vowel}"),
            None => format!("{consonant}({vowel})"),
        },
    }
}

fn last_sound(word: &str) -> Option<Sound> {
    // Composed, so that each syllable is one character, however it was typed.
    let word: String = word.nfkc().collect();
    let read = read_part(&word);
    let last = read.chars().next_back()?;
    match last {
        '가'..='힣' => Some(of_syllable(last)),
        // Single letters are pronounced by their names: 기역, 니은, 리을.
        '\u{1105}' | '\u{11AF}' | 'ㄹ' => Some(Sound::Rieul),
        '\u{1100}'..='\u{1112}' | '\u{11A8}'..='\u{11C2}' | 'ㄱ'..='ㅎ' => Some(Sound::Consonant),
        '\u{1161}'..='\u{1175}' | 'ㅏ'..='ㅣ' => Some(Sound::Vowel),
        // 퍼센트, 플러스.
        '%' | '+' => Some(Sound::Vowel),
        '0'..='9' => of_number(read),
        'a'..='z' | 'A'..='Z' => Some(of_latin(read)),
        _ => None,
    }
}

/// A word without the characters at its end that are not pronounced: punctuation, quotation marks, and text in
/// brackets. In `카드(card)` the particle follows 카드. A word that is entirely in brackets is pronounced.
fn read_part(word: &str) -> &str {
    let silent = |c: char| c != '%' && c != '+' && !c.is_alphanumeric() && !is_symbol(c);
    let word = word.trim_end_matches(|c: char| silent(c) && !matches!(c, ')' | ']' | '〕'));
    for (open, close) in [('(', ')'), ('[', ']'), ('〔', '〕')] {
        if let Some((before, _)) = word.strip_suffix(close).and_then(|inside| inside.rsplit_once(open)) {
            let before = before.trim_end_matches(silent);
            if !before.is_empty() {
                return before;
            }
        }
    }
    word.trim_end_matches(silent)
}

/// Whether a character is an emoji or a sign without a fixed pronunciation.
fn is_symbol(c: char) -> bool {
    matches!(c, '$' | '=' | '^' | '|' | '~' | '#' | '@' | '&' | '*') || c >= '\u{2100}' && !is_punctuation(c)
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{301F}' | '\u{FE00}'..='\u{FE0F}' | '\u{30FB}')
}

fn of_syllable(syllable: char) -> Sound {
    match (u32::from(syllable) - u32::from('가')) % 28 {
        0 => Sound::Vowel,
        8 => Sound::Rieul,
        _ => Sound::Consonant,
    }
}

/// The last sound of the number at the end of a word, in Sino-Korean: 일, 이, 삼; 십, 백, 천, 만, 억, 조.
fn of_number(word: &str) -> Option<Sound> {
    let start = word.rfind(|c: char| !c.is_ascii_digit() && c != ',').map_or(0, |at| at + last_len(word, at));
    let digits: Vec<u8> = word[start..].bytes().filter(u8::is_ascii_digit).collect();
    let is_decimal = word[..start].ends_with('.');
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    Some(match digits.last()? {
        b'2' | b'4' | b'5' | b'9' => Sound::Vowel,
        b'1' | b'7' | b'8' => Sound::Rieul,
        // 조 is the only power of ten that ends with a vowel.
        b'0' if !is_decimal && zeros < digits.len() && (12..16).contains(&zeros) => Sound::Vowel,
        _ => Sound::Consonant,
    })
}

fn last_len(word: &str, at: usize) -> usize {
    word[at..].chars().next().map_or(0, char::len_utf8)
}

/// The last sound of the Latin letters at the end of a word. A few capitals are pronounced as letter names, other words
/// as they are written in Korean.
fn of_latin(word: &str) -> Sound {
    let start = word.rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + last_len(word, at));
    let word = &word[start..];
    let spelled = word.len() == 1 || word.len() <= 4 && word.bytes().all(|b| b.is_ascii_uppercase());
    let word = word.to_ascii_lowercase();
    if spelled { of_letter(&word) } else { of_english(&word) }
}

/// The last sound of the last letter's name: 엘, 엠, 엔, 알; all others end with vowels.
fn of_letter(word: &str) -> Sound {
    match word.bytes().next_back() {
        Some(b'l' | b'r') => Sound::Rieul,
        Some(b'm' | b'n') => Sound::Consonant,
        _ => Sound::Vowel,
    }
}

/// English words that are exceptions to the rule: 깃허브, 체크, 타입.
const OTHERWISE: [(&str, Sound); 6] = [
    ("hub", Sound::Vowel),
    ("check", Sound::Vowel),
    ("type", Sound::Consonant),
    ("edit", Sound::Vowel),
    ("credit", Sound::Consonant),
    ("group", Sound::Consonant),
];

/// The last sound of an English word as it is written in Korean, judged by its ending.
fn of_english(word: &str) -> Sound {
    if let Some((_, sound)) = OTHERWISE.iter().filter(|(end, _)| word.ends_with(end)).max_by_key(|(end, _)| end.len()) {
        return *sound;
    }
    let is_vowel = |b: u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let mut letters = word.as_bytes();
    // A doubled letter is pronounced once: app, shell.
    if let [rest @ .., before, last] = letters
        && before == last
        && !is_vowel(*last)
    {
        letters = &letters[..=rest.len()];
    }
    let [.., before, last] = *letters else { return of_letter(word) };
    let third = letters.len().checked_sub(3).map(|at| letters[at]);
    // A short vowel before the last letter: 앱, 셋.
    let is_short = is_vowel(before) && third.is_none_or(|b| !is_vowel(b));
    match last {
        b'l' => Sound::Rieul,
        b'm' | b'n' => Sound::Consonant,
        // 세팅, but 버그.
        b'g' if before == b'n' => Sound::Consonant,
        b'e' => match before {
            b'l' => Sound::Rieul,
            b'm' | b'n' => Sound::Consonant,
            _ => Sound::Vowel,
        },
        b'b' | b'p' if is_short => Sound::Consonant,
        // 슬립, 북, 체크아웃.
        b'p' if word.ends_with("eep") => Sound::Consonant,
        b'k' if before == b'c' || is_short || word.ends_with("ook") => Sound::Consonant,
        b't' if is_short || word.ends_with("out") => Sound::Consonant,
        b'c' if is_vowel(before) => Sound::Consonant,
        _ => Sound::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Words with 을 or 를.
    const OBJECTS: &str = "환불을 결제를 카드를 로그인을 배송을 서울을 값을 앱을 오류를 고객센터를 ㄱ을 ㄹ을 ㅏ를 \
        1을 2를 3을 4를 5를 6을 7을 8을 9를 0을 10을 100을 1,000을 20000을 1000000000000를 1.0을 1.4.0을 2.5를 v3을 HB-17을 \
        iPhone15를 50%를 \
        PDF를 URL을 API를 FAQ를 SSO를 CRM을 VPN을 QR을 a를 \
        app을 email을 file을 Google을 server를 service를 page를 phone을 home을 game을 update를 setting을 bug를 web을 tab을 \
        GitHub를";

    #[test]
    fn a_particle_follows_the_last_sound() {
        let mut seen = 0;
        for phrase in OBJECTS.split_whitespace() {
            let word = phrase.trim_end_matches(['을', '를']);
            assert_eq!(format!("{word}{}", particle(word, "을/를")), phrase);
            seen += 1;
        }
        assert!(seen >= 40, "{seen}");
    }

    #[test]
    fn english_words_are_read_as_they_are_written_in_korean() {
        for (word, shown) in [
            ("feedback", "feedback을"),
            ("check", "check를"),
            ("network", "network를"),
            ("Facebook", "Facebook을"),
            ("reset", "reset을"),
            ("payment", "payment를"),
            ("checkout", "checkout을"),
            ("public", "public을"),
            ("sync", "sync를"),
            ("cloud", "cloud를"),
            ("upload", "upload를"),
            ("inbox", "inbox를"),
            ("backup", "backup을"),
            ("help", "help를"),
            ("Slack", "Slack을"),
            ("prototype", "prototype을"),
            ("refresh", "refresh를"),
            ("calendar", "calendar를"),
            ("display", "display를"),
        ] {
            assert_eq!(format!("{word}{}", particle(word, "을/를")), shown);
        }
    }

    #[test]
    fn each_particle_has_its_two_forms() {
        for (pair, after_consonant, after_vowel, after_rieul) in [
            ("이/가", "이", "가", "이"),
            ("은/는", "은", "는", "은"),
            ("과/와", "과", "와", "과"),
            ("이나/나", "이나", "나", "이나"),
            ("으로/로", "으로", "로", "로"),
            ("으로서/로서", "으로서", "로서", "로서"),
        ] {
            assert_eq!(particle("화면", pair), after_consonant);
            assert_eq!(particle("카드", pair), after_vowel);
            for word in ["메일", "1", "URL", "mail"] {
                assert_eq!(particle(word, pair), after_rieul, "{word}");
            }
        }
    }

    #[test]
    fn quotes_brackets_and_punctuation_are_not_read() {
        for (word, shown) in [
            ("“환불”", "을"),
            ("『카드』", "를"),
            ("'결제'", "를"),
            ("결제(payment)", "를"),
            ("환불 [급함]", "을"),
            ("(카드)", "를"),
            ("[환불]", "을"),
            ("테마 “로그인 안 됨”", "을"),
            ("환불!?", "을"),
            ("카드…", "를"),
            ("릴리스 1.4.0 ", "을"),
            ("한글", "을"),
        ] {
            assert_eq!(particle(word, "을/를"), shown, "{word}");
        }
    }

    #[test]
    fn unreadable_words_get_both_particles() {
        for word in ["", "“”", "漢字", "カード", "👍", "Привет", "C#"] {
            assert_eq!(particle(word, "을/를"), "을(를)", "{word}");
            assert_eq!(particle(word, "으로/로"), "(으)로", "{word}");
        }
    }

    proptest! {
        #[test]
        fn any_word_gets_a_form(word in any::<String>()) {
            let shown = particle(&word, "이/가");
            prop_assert!(["이", "가", "이(가)"].contains(&shown.as_str()));
        }
    }
}
