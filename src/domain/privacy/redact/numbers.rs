//! Numbers in a text, in the groups in which they were written, and what they may be.

/// The most groups of one number.
const MOST_GROUPS: usize = 7;
/// The fewest and the most digits of a number that is looked at.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=19;

/// A number in a text: some groups of digits with what stands between them.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its bytes in the text.
    pub start: usize,
    pub end: usize,
    pub digits: String,
    /// The lengths of its groups.
    pub groups: Vec<usize>,
    /// What stands between its groups, one character each.
    between: Vec<char>,
    has_plus: bool,
}

impl Candidate {
    fn is_joined_by(&self, allowed: &[char]) -> bool {
        self.between.iter().all(|c| allowed.contains(c))
    }

    fn number(&self, from: usize, to: usize) -> u32 {
        self.digits.get(from..to).and_then(|part| part.parse().ok()).unwrap_or(0)
    }
}

/// A group of digits.
struct Group {
    start: usize,
    end: usize,
    digits: String,
    /// What stands between it and the next group of the number: a space, a hyphen, a dot; none at the end of the number.
    then: Option<char>,
    has_plus: bool,
    /// Whether it stands alone: no letter, and no mark of a code, before or after it.
    is_free: bool,
}

/// Every number of a text that may be something, longest first at each place.
pub(super) fn candidates(text: &str) -> Vec<Candidate> {
    let groups = groups_of(text);
    let mut found = Vec::new();
    for at in 0..groups.len() {
        let mut last = at;
        while last + 1 < groups.len() && last + 1 - at < MOST_GROUPS && groups[last].then.is_some() {
            last += 1;
        }
        // A number begins where no other group is joined to it by more than a space.
        if at > 0 && groups[at - 1].then.is_some_and(|c| c != ' ') {
            continue;
        }
        for last in (at..=last).rev() {
            let part = &groups[at..=last];
            if groups[last].then.is_some_and(|c| c != ' ') || !part.iter().all(|group| group.is_free) {
                continue;
            }
            let digits: String = part.iter().map(|group| group.digits.as_str()).collect();
            if DIGITS.contains(&digits.len()) {
                found.push(Candidate {
                    start: part[0].start,
                    end: groups[last].end,
                    digits,
                    groups: part.iter().map(|group| group.digits.len()).collect(),
                    between: part[..part.len() - 1].iter().filter_map(|group| group.then).collect(),
                    has_plus: part[0].has_plus,
                });
            }
        }
    }
    found
}

/// The digit that a character stands for, also a full-width one.
fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32),
        _ => None,
    }
}

/// One sign for each way of writing what stands between two groups.
fn separator(between: &str) -> Option<char> {
    let kept: String = between.chars().filter(|c| !c.is_whitespace() && *c != '\u{a0}').collect();
    match kept.as_str() {
        "" => Some(' ').filter(|_| between.chars().count() == 1 && !between.contains('\n')),
        "-" | "–" | "—" | "‑" | "－" | "ー" => Some('-').filter(|_| between.chars().count() <= 3),
        "." | "·" => Some('.').filter(|_| between.chars().count() == 1),
        ")" | ")-" => Some(')').filter(|_| between.chars().count() <= 2),
        _ => None,
    }
}

fn groups_of(text: &str) -> Vec<Group> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let byte = |at: usize| chars.get(at).map_or(text.len(), |(byte, _)| *byte);
    let is_code =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '#' | '/' | '=' | '$' | '€' | '£' | '₩' | '￦' | ',');
    let mut groups: Vec<Group> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if digit(chars[at].1).is_none() {
            at += 1;
            continue;
        }
        let end = (at..chars.len()).find(|end| digit(chars[*end].1).is_none()).unwrap_or(chars.len());
        let before = at.checked_sub(1).map(|before| chars[before].1);
        let has_plus = matches!(before, Some('+' | '＋'));
        let opens = before == Some('(');
        let mut start = if has_plus || opens { at - 1 } else { at };
        // (+82 10) and +(82) are written too.
        if opens && start > 0 && matches!(chars[start - 1].1, '+' | '＋') {
            start -= 1;
        }
        let lead = start.checked_sub(1).map(|before| chars[before].1);
        let joined_code =
            lead == Some('-') && start.checked_sub(2).is_some_and(|before| chars[before].1.is_ascii_alphabetic());
        let after = chars.get(end).map(|(_, c)| *c);
        let ends_code = after.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '%' | '=' | '/'))
            || (after == Some(',') && chars.get(end + 1).is_some_and(|(_, c)| digit(*c).is_some()));
        groups.push(Group {
            start: byte(start),
            end: byte(end),
            digits: chars[at..end].iter().filter_map(|(_, c)| digit(*c)).collect(),
            then: None,
            has_plus,
            is_free: !lead.is_some_and(is_code) && !joined_code && !ends_code,
        });
        at = end;
    }
    for at in 0..groups.len().saturating_sub(1) {
        let between = &text[groups[at].end..groups[at + 1].start];
        let opened = text[groups[at + 1].start..].starts_with('(');
        groups[at].then = separator(between).or_else(|| (opened && between.is_empty()).then_some(' '));
    }
    mend(&mut groups);
    groups
}

/// A group that follows another by a separator is free where the first is: what stands before it is only the separator.
fn mend(groups: &mut [Group]) {
    for at in 1..groups.len() {
        if groups[at - 1].then.is_some_and(|c| c != ' ') {
            groups[at].is_free &= groups[at - 1].is_free;
        }
    }
}

/// A Korean resident or foreigner's number: a date of birth, a digit for century and sex, and six more. Its last digit no
/// longer checks the others since October 2020. Also a social security number of the United States.
pub(super) fn is_resident_number(number: &Candidate) -> bool {
    let is_date = || (1..=12).contains(&number.number(2, 4)) && (1..=31).contains(&number.number(4, 6));
    let korean = number.digits.len() == 13
        && (number.groups == [6, 7] || number.groups == [13])
        && number.is_joined_by(&['-', ' '])
        && is_date()
        && (1..=8).contains(&number.number(6, 7));
    let area = number.number(0, 3);
    let american = number.groups == [3, 2, 4]
        && number.is_joined_by(&['-'])
        && area > 0
        && area != 666
        && area < 900
        && number.number(3, 5) > 0
        && number.number(5, 9) > 0;
    !number.has_plus && (korean || american)
}

/// A payment card: the length and the first digits of a network, and the check digit of Luhn.
pub(super) fn is_card(number: &Candidate) -> bool {
    let (length, two, four) = (number.digits.len(), number.number(0, 2), number.number(0, 4));
    let network = match length {
        13 => (40..50).contains(&two),
        14 => matches!(two, 30 | 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 => {
            (40..60).contains(&two)
                || four == 6011
                || (2221..=2720).contains(&four)
                || matches!(two, 35 | 62 | 64 | 65 | 90..=99)
        }
        19 => matches!(two, 62 | 40..50),
        _ => false,
    };
    let grouped = match number.groups.as_slice() {
        [_] => true,
        groups => number.is_joined_by(&['-', ' ', '.']) && groups.len() <= 5 && groups[0] == 4,
    };
    !number.has_plus && network && grouped && luhn(&number.digits)
}

fn luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|byte| u32::from(byte - b'0')).enumerate();
    let sum: u32 = values
        .map(|(place, value)| match (place % 2, value * 2) {
            (0, _) => value,
            (_, doubled) => doubled / 10 + doubled % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A bank account: 10 to 14 digits, in groups by hyphens or in one.
pub(super) fn is_account(number: &Candidate) -> bool {
    let grouped = number.groups.len() == 1 || (number.groups.len() <= 4 && number.is_joined_by(&['-']));
    let is_mobile = number.digits.starts_with("01") && number.digits.len() <= 11;
    !number.has_plus && grouped && !is_mobile && (10..=14).contains(&number.digits.len())
}

/// A telephone number. Without a word about telephones before it, it must be written as one.
pub(super) fn is_phone(number: &Candidate, is_announced: bool) -> bool {
    let (digits, groups) = (number.digits.as_str(), number.groups.as_slice());
    let length = digits.len();
    if is_date(number) || !number.is_joined_by(&['-', ' ', '.', ')']) {
        return false;
    }
    if number.has_plus {
        return (8..=15).contains(&length);
    }
    let is_written = groups.len() > 1;
    let mobile = ["010", "011", "016", "017", "018", "019"].iter().any(|prefix| digits.starts_with(prefix));
    if mobile && (10..=11).contains(&length) {
        return !is_written || groups[0] == 3;
    }
    let area = digits.starts_with("02") || matches!(number.number(0, 3), 30..=70);
    let korean = digits.starts_with('0') && area && (9..=12).contains(&length);
    if korean && is_written && groups.len() <= 4 && (2..=4).contains(&groups[0]) && groups.last() == Some(&4) {
        return true;
    }
    let american = (groups == [3, 3, 4] || groups == [1, 3, 3, 4]) && is_american(&digits[length - 10..]);
    let national = digits.starts_with('0')
        && is_written
        && (10..=11).contains(&length)
        && groups.iter().all(|group| (2..=8).contains(group))
        && !number.between.contains(&'.');
    american || national || (is_announced && (7..=13).contains(&length) && groups.len() <= 5)
}

/// Area codes and exchanges of North America begin with 2 to 9.
fn is_american(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 10 && (b'2'..=b'9').contains(&bytes[0]) && (b'2'..=b'9').contains(&bytes[3])
}

/// A date, with or without a time after it: `2026-11-23`, `23.11.2026 10`, `20261123`.
fn is_date(number: &Candidate) -> bool {
    let within = |value: u32, most: u32| (1..=most).contains(&value);
    let (n, groups) = (|from: usize, to: usize| number.number(from, to), number.groups.as_slice());
    let year = |value: u32| (1900..2100).contains(&value);
    match groups {
        [4, month, day, ..] if *month <= 2 && *day <= 2 => {
            year(n(0, 4)) && within(n(4, 4 + month), 12) && within(n(4 + month, 4 + month + day), 31)
        }
        [day, month, 4, ..] if *day <= 2 && *month <= 2 => year(n(day + month, day + month + 4)),
        [8, ..] | [12, ..] | [14, ..] => year(n(0, 4)) && within(n(4, 6), 12) && within(n(6, 8), 31),
        _ => false,
    }
}
