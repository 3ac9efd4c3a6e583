//! Redaction of names that the form of the text reveals: before a number in brackets, with a title or `님`, after "my
//! name is", under a closing.

/// The most words of one name.
const MOST: usize = 3;

/// The text with `[name]` in place of names.
pub(super) fn without_names(text: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut closing = false;
    for line in text.split('\n') {
        let is_signature = closing && !line.trim().is_empty() && line.split_whitespace().count() <= MOST;
        if is_signature && line.chars().any(char::is_alphabetic) && !line.contains('[') {
            kept.push("[name]".to_owned());
        } else {
            kept.push(in_line(line));
        }
        closing = is_closing(line) || (closing && line.trim().is_empty());
    }
    kept.join("\n")
}

/// Whether a line consists of a closing such as "Best regards,".
fn is_closing(line: &str) -> bool {
    let line = line.trim().trim_end_matches([',', '.', '!']).to_lowercase();
    CLOSINGS.contains(&line.as_str())
}

const CLOSINGS: &[&str] = &[
    "best regards",
    "kind regards",
    "warm regards",
    "regards",
    "best",
    "best wishes",
    "sincerely",
    "yours sincerely",
    "yours truly",
    "yours faithfully",
    "cheers",
    "thanks",
    "many thanks",
    "thank you",
    "감사합니다",
    "고맙습니다",
];

fn in_line(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for at in 0..words.len() {
        before_number(&mut words, at);
        with_honorific(&mut words, at);
        after_title(&mut words, at);
        introduced(&mut words, at);
    }
    words.retain(|word| word != GONE);
    words.join(" ")
}

/// Marks a removed word; no text contains it.
const GONE: &str = "\0";

fn take_out(word: &mut String) {
    GONE.clone_into(word);
}

/// Whether a word announces a number or an address ("phone:"), and so is not a name.
fn is_label(word: &str) -> bool {
    let labels = [
        "phone",
        "tel",
        "mobile",
        "number",
        "email",
        "mail",
        "contact",
        "연락처",
        "전화",
        "전화번호",
        "번호",
        "핸드폰",
        "휴대폰",
        "이메일",
        "메일",
        "계좌",
        "카드",
        "계좌번호",
        "카드번호",
    ];
    labels.contains(&word.to_lowercase().as_str())
}

/// `김서연([number])` and `Hannah Schmidt ([number])`.
fn before_number(words: &mut [String], at: usize) {
    for mark in ["([number]", "([email]", "([handle]", "（[number]"] {
        let Some(start) = words[at].find(mark) else { continue };
        let rest = words[at].split_off(start);
        if words[at].is_empty() {
            let first = (at.saturating_sub(2)..at).find(|n| is_capitalised(&words[*n]) || is_korean_name(&words[*n]));
            if let Some(first) = first {
                words[first] = "[name]".to_owned();
                words[first + 1..at].iter_mut().for_each(take_out);
            }
        } else if words[at].chars().all(char::is_alphabetic) && !is_label(&words[at]) {
            words[at] = "[name]".to_owned();
            if at > 0 && is_capitalised(&words[at - 1]) {
                take_out(&mut words[at - 1]);
            }
        }
        words[at].push_str(&rest);
        return;
    }
}

/// `김서연님`, `김서연 고객님`, `김서연 드림`.
fn with_honorific(words: &mut [String], at: usize) {
    if let Some(end) = words[at].find('님') {
        let name = &words[at][..end];
        if is_korean_name(name) && !is_role(name) {
            words[at] = format!("[name]{}", &words[at][end..]);
        }
    }
    let titled = words.get(at + 1).is_some_and(|next| HONORIFICS.iter().any(|title| next.starts_with(title)));
    if titled && is_korean_name(&words[at]) && !is_role(&words[at]) {
        words[at] = "[name]".to_owned();
    }
}

const HONORIFICS: &[&str] = &["님", "씨", "고객님", "대리", "과장", "팀장", "부장", "드림", "올림", "배상", "선생님"];

/// Roles of people, which are not names.
fn is_role(word: &str) -> bool {
    ROLES.iter().any(|role| word.ends_with(role))
}

const ROLES: &[&str] = &[
    "고객",
    "사장",
    "선생",
    "대표",
    "기사",
    "담당",
    "담당자",
    "상담사",
    "상담원",
    "손",
    "부모",
    "어머",
    "아버",
    "스승",
    "판매자",
    "관리자",
    "매니저",
    "팀장",
    "과장",
    "부장",
    "대리",
    "점주",
    "점장",
    "원장",
    "회원",
    "사용자",
    "교수",
    "직원",
    "이사",
    "실장",
    "개발자",
    "운영자",
    "기획자",
    "디자이너",
    "작가",
    "장",
    "분",
    "의사",
    "간호사",
    "배달원",
    "라이더",
];

/// Whether a word is a Korean name: two to four syllables, the first of which is a family name.
fn is_korean_name(word: &str) -> bool {
    let syllables: Vec<char> = word.chars().collect();
    let is_hangul = syllables.iter().all(|c| ('가'..='힣').contains(c));
    let family = syllables.first().is_some_and(|c| FAMILIES.contains(*c));
    let long_family = ["남궁", "황보", "제갈", "선우", "독고", "사공"].iter().any(|family| word.starts_with(family));
    is_hangul && ((syllables.len() == 3 && family) || (matches!(syllables.len(), 3 | 4) && long_family))
}

/// The family names of nearly all Koreans.
const FAMILIES: &str = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모";

/// `Mr. Brandt`.
fn after_title(words: &mut [String], at: usize) {
    let title = words[at].trim_end_matches('.').to_lowercase();
    let is_title = ["mr", "mrs", "ms", "miss", "dr", "prof"].contains(&title.as_str());
    if is_title && words.get(at + 1).is_some_and(|next| is_capitalised(next)) {
        replace_names(words, at + 1);
    }
}

/// `my name is Hannah Schmidt`, `이름은 김서연입니다`.
fn introduced(words: &mut [String], at: usize) {
    let lower = |n: usize| words.get(n).map(|word| word.to_lowercase()).unwrap_or_default();
    if lower(at) == "name" && lower(at + 1) == "is" || lower(at) == "name:" {
        let first = if lower(at) == "name:" { at + 1 } else { at + 2 };
        if words.get(first).is_some_and(|next| is_capitalised(next)) {
            replace_names(words, first);
        }
    }
    if ["저는", "이름은", "성함은", "본인은", "제이름은"].contains(&words[at].as_str())
        && let Some(next) = words.get_mut(at + 1)
    {
        let name: String = next.chars().take(3).collect();
        let rest: String = next.chars().skip(3).collect();
        if is_korean_name(&name)
            && ["입니다", "인데", "이고", "이라고", "라고", "예요", "이에요"].iter().any(|end| rest.starts_with(end))
        {
            *next = format!("[name]{rest}");
        }
    }
}

/// Replaces the capitalised words from `first` on by one name mark.
fn replace_names(words: &mut [String], first: usize) {
    let count = words[first..].iter().take(MOST).take_while(|word| is_capitalised(word)).count();
    let last = first + count - 1;
    let kept = words[last].trim_end_matches(|c: char| !c.is_alphanumeric()).len();
    let rest = words[last].split_off(kept);
    words[first..=last].iter_mut().for_each(take_out);
    words[first] = format!("[name]{rest}");
}

/// Whether a word consists of a capital followed by small letters.
fn is_capitalised(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mut chars = word.chars();
    let first = chars.next().is_some_and(char::is_uppercase);
    let rest = chars.as_str();
    first && !rest.is_empty() && rest.chars().all(|c| c.is_lowercase() || matches!(c, '\'' | '’' | '-'))
}
