//! Removal of signatures: closings with names, addresses and numbers, confidentiality notices, "sent from my phone".

use super::polite::{is_closing, is_signed};
use super::{has_word, plain};

/// Lines that a phone or a mail program appends.
const DEVICES: &[&str] = &[
    "sent from my ",
    "sent from outlook",
    "sent from mail for",
    "sent from yahoo",
    "sent from proton",
    "sent via ",
    "get outlook for",
    "sent with ",
    "sent from samsung",
    "sent from gmail",
    "나의 iphone에서 보냄",
    "내 iphone에서 보냄",
    "나의 ipad에서 보냄",
    "iphone에서 보냄",
    "galaxy에서 보냄",
    "삼성 휴대전화에서 보냄",
    "내 galaxy",
    "나의 galaxy",
    "outlook for android",
    "네이버 메일 앱에서 보냄",
    "daum 메일앱에서 보냄",
    "다음메일 앱에서 보냄",
    "kakao mail",
    "von meinem iphone gesendet",
    "envoyé de mon iphone",
    "enviado desde mi iphone",
];
/// Beginnings of the notices that companies append to mails.
const NOTICES: &[&str] = &[
    "confidentiality notice",
    "confidentiality:",
    "disclaimer",
    "notice:",
    "legal notice",
    "important notice",
    "this e-mail",
    "this email",
    "this message",
    "the information contained in this",
    "the information in this",
    "the contents of this",
    "this communication",
    "if you are not the intended",
    "please consider the environment",
    "본 메일",
    "본 이메일",
    "이 메일은",
    "이 이메일은",
    "이 메시지는",
    "본 메시지",
    "본 전자우편",
    "이 전자우편",
    "[주의]",
    "※ 본 메일",
    "* 본 메일",
    "** 본 메일",
];
/// Words of such notices. A paragraph with one of these beginnings needs two of them to count as a notice.
const NOTICE_WORDS: &[&str] = &[
    "intended recipient",
    "intended for",
    "confidential",
    "privileged",
    "unauthorized",
    "unauthorised",
    "delete",
    "exclusive use",
    "disclos",
    "distribut",
    "virus",
    "liab",
    "environment",
    "printing",
    "addressee",
    "in error",
    "수신인",
    "수신자",
    "기밀",
    "비밀",
    "법률",
    "법적",
    "무단",
    "폐기",
    "삭제",
    "유출",
    "보안",
    "책임",
    "회신하지",
    "발신 전용",
    "발신전용",
];
/// Words for job titles and departments in a signature.
const OFFICES: &[&str] = &[
    "manager",
    "director",
    "engineer",
    "ceo",
    "cto",
    "coo",
    "cfo",
    "founder",
    "head of",
    "president",
    "lead",
    "officer",
    "assistant",
    "consultant",
    "analyst",
    "specialist",
    "team",
    "inc",
    "inc.",
    "ltd",
    "llc",
    "gmbh",
    "corp",
    "corp.",
    "co.",
    "department",
    "street",
    "avenue",
    "floor",
    "suite",
    "tel",
    "tel.",
    "phone",
    "mobile",
    "fax",
    "cell",
    "office",
    "e-mail",
    "email",
    "mail",
    "web",
    "address",
    "p:",
    "m:",
    "t:",
    "e:",
    "f:",
];
const KOREAN_OFFICES: &[&str] = &[
    "팀장",
    "대리",
    "과장",
    "차장",
    "부장",
    "사원",
    "주임",
    "이사",
    "대표",
    "실장",
    "본부장",
    "매니저",
    "책임",
    "선임",
    "연구원",
    "주식회사",
    "(주)",
    "㈜",
    "전화",
    "휴대",
    "팩스",
    "이메일",
    "메일",
    "주소",
    "서울",
    "경기",
    "부산",
    "드림",
    "올림",
    "배상",
];
/// The most lines of a signature. The next constant is the most characters of a line.
const LINES: usize = 10;
const LONG: usize = 120;

/// The text without notices, device lines and signature.
pub(super) fn without(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut own = without_notices(&lines);
    own.retain(|line| !is_device(line));
    while own.last().is_some_and(|line| line.trim().is_empty() || is_rule(line)) {
        own.pop();
    }
    if let Some(at) = signature_at(&own) {
        own.truncate(at);
    }
    (own.len() < lines.len()).then(|| own.join("\n"))
}

fn is_device(line: &str) -> bool {
    let line = plain(line);
    line.chars().count() <= 80 && DEVICES.iter().any(|device| line.starts_with(device))
}

/// Whether a line consists of dashes or the like.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 2 && line.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '─' | '—' | '~'))
}

/// The lines without the paragraphs that are notices. The first paragraph is always kept.
fn without_notices<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut own: Vec<&str> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let length = lines[at..].iter().take_while(|line| !line.trim().is_empty()).count();
        let paragraph = &lines[at..at + length];
        if own.iter().all(|line| line.trim().is_empty()) || !is_notice(paragraph) {
            own.extend(paragraph);
        }
        at += length;
        let blank = lines[at..].iter().take_while(|line| line.trim().is_empty()).count();
        own.extend(&lines[at..at + blank]);
        at += blank;
    }
    own
}

fn is_notice(paragraph: &[&str]) -> bool {
    let text = plain(&paragraph.join(" "));
    let text = text.trim_start_matches(['-', '=', '*', '_', ' ']);
    let found = NOTICE_WORDS.iter().filter(|word| text.contains(**word)).count();
    NOTICES.iter().any(|start| text.starts_with(start)) && found >= 2
}

/// The first line of the signature: at `--`, or at a closing that only names and numbers follow.
fn signature_at(lines: &[&str]) -> Option<usize> {
    let from = lines.len().saturating_sub(LINES + 1).max(1);
    (from..lines.len()).find(|at| {
        let (line, under) = (lines[*at].trim(), &lines[at + 1..]);
        let short = under.iter().all(|line| line.chars().count() <= LONG);
        let signed = || under.iter().all(|line| line.trim().is_empty() || is_of_signature(line));
        match line {
            "--" | "-- " | "—" => short && !under.is_empty(),
            _ if is_rule(line) => short && contact_lines(under) > 0 && signed(),
            _ if is_closing(line) => short && signed(),
            _ if is_signed(line) => signed(),
            // Without a closing: at least two lines of contact details at the end, after an empty line.
            _ => {
                lines[at - 1].trim().is_empty()
                    && is_of_signature(line)
                    && contact_lines(&lines[*at..]) >= 2
                    && signed()
            }
        }
    })
}

fn contact_lines(lines: &[&str]) -> usize {
    lines.iter().filter(|line| has_contact(line)).count()
}

/// Whether a line has a phone number, an address or a job title.
fn has_contact(line: &str) -> bool {
    let lower = line.to_lowercase();
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let phone = digits >= 8 && lower.chars().filter(|c| c.is_alphabetic()).count() <= 12;
    phone
        || (lower.contains('@') && lower.contains('.') && lower.split_whitespace().count() <= 6)
        || lower.starts_with("www.")
        || lower.starts_with("http")
        || lower.contains(" | ")
        || OFFICES.iter().any(|office| has_word(&lower, office)) && lower.split_whitespace().count() <= 8
        || KOREAN_OFFICES.iter().any(|office| lower.contains(office)) && lower.split_whitespace().count() <= 6
}

/// Whether a line can stand under a closing: contact details, a name or a company, not a sentence.
fn is_of_signature(line: &str) -> bool {
    let line = line.trim();
    let words: Vec<&str> = line.split_whitespace().collect();
    let sentence =
        line.ends_with(['?', '!']) || (line.ends_with(['.', '…']) && words.len() > 3) || is_korean_sentence(line);
    if sentence || line.chars().count() > LONG {
        return false;
    }
    let capital =
        |word: &&&str| word.chars().next().is_some_and(|c| c.is_uppercase() || !c.is_alphabetic() || c > '\u{2e80}');
    let name = words.len() <= 4 && words.iter().filter(capital).count() * 2 > words.len();
    name || is_closing(line) || is_signed(line) || has_contact(line)
}

/// Whether a line ends like a Korean sentence: "…요", "…다", "…까", "…죠".
fn is_korean_sentence(line: &str) -> bool {
    let line = line.trim_end_matches(['.', '!', '~', '?', ' ', 'ㅠ', 'ㅜ', 'ㅋ', 'ㅎ', '^']);
    line.ends_with(['요', '다', '까', '죠', '네', '음', '함', '됨', '임'])
        && line.chars().count() > 4
        && !is_closing(line)
}
