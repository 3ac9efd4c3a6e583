//! Letters about a breach, made of what is known of it. The Korean letter names the remedies that the law asks for.

use sha2::{Digest, Sha256};

use super::{BreachFacts, BreachLetter, NoticeAudience};
use crate::domain::base::Time;
use crate::domain::base::language::Language;
use crate::domain::privacy::person_request::legal_clock::calendar;

/// SHA-256 in hexadecimal digits.
pub fn hex_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A letter in a language. What is not filled in yet is marked in the text and listed in `missing`.
pub fn letter(facts: &BreachFacts, audience: NoticeAudience, language: Language, now: Time) -> BreachLetter {
    let parts = match language {
        Language::English => english(facts, audience),
        Language::Korean => korean(facts, audience),
    };
    let date = calendar(if language == Language::Korean { "KR" } else { "EU" }).date(now);
    let text = format!("{}\n\n{date}\n", parts.paragraphs.join("\n\n"));
    BreachLetter {
        audience,
        language: language.code().to_owned(),
        subject: parts.subject.to_owned(),
        hash: hex_hash(text.as_bytes()),
        text,
        missing: missing(facts, audience),
    }
}

struct Parts {
    subject: &'static str,
    paragraphs: Vec<String>,
}

/// The names of the fields that the law asks for and that are empty.
fn missing(facts: &BreachFacts, audience: NoticeAudience) -> Vec<String> {
    let fields = [
        ("data_items", facts.data_items.is_none()),
        ("how", facts.how.is_none()),
        ("consequences", facts.consequences.is_none()),
        ("what_to_do", facts.what_to_do.is_none() && audience == NoticeAudience::Persons),
        ("measures", facts.measures.is_none()),
        ("contact", facts.contact.is_none()),
        ("person_count", facts.person_count.is_none() && audience == NoticeAudience::Authority),
        ("known_at", facts.known_at.is_none()),
    ];
    fields.iter().filter(|(_, is_missing)| *is_missing).map(|(name, _)| (*name).to_owned()).collect()
}

fn or<'a>(text: &'a Option<String>, gap: &'a str) -> &'a str {
    text.as_deref().map_or(gap, str::trim)
}

fn when(facts: &BreachFacts, country: &str, gap: &str) -> String {
    facts
        .happened_at
        .map_or_else(|| gap.to_owned(), |at| calendar(country).local(at).format("%Y-%m-%d %H:%M").to_string())
}

fn known(facts: &BreachFacts, country: &str, gap: &str) -> String {
    facts.known_at.map_or_else(|| gap.to_owned(), |at| calendar(country).local(at).format("%Y-%m-%d %H:%M").to_string())
}

fn count(facts: &BreachFacts, gap: &str) -> String {
    facts.person_count.map_or_else(|| gap.to_owned(), |count| count.to_string())
}

fn korean(facts: &BreachFacts, audience: NoticeAudience) -> Parts {
    const GAP: &str = "[미정]";
    let (items, how) = (or(&facts.data_items, GAP), or(&facts.how, GAP));
    let (to_do, measures) = (or(&facts.what_to_do, GAP), or(&facts.measures, GAP));
    let (consequences, contact) = (or(&facts.consequences, GAP), or(&facts.contact, GAP));
    let (at, known) = (when(facts, "KR", GAP), known(facts, "KR", GAP));
    let is_sure = facts.known_at.is_some();
    match audience {
        NoticeAudience::Persons => Parts {
            subject: if is_sure { "개인정보 유출 통지" } else { "개인정보 유출 가능성 통지" },
            paragraphs: vec![
                match is_sure {
                    true => "고객님의 개인정보가 유출되었음을 확인하여 「개인정보 보호법」 제34조에 따라 알려 드립니다. 깊이 사과드립니다.",
                    false => "고객님의 개인정보가 유출되었을 가능성이 있어 「개인정보 보호법」 제34조에 따라 먼저 알려 드립니다. 확인되는 대로 다시 알려 드리겠습니다.",
                }
                .to_owned(),
                format!("1. 유출된 개인정보의 항목\n{items}"),
                format!("2. 유출된 시점과 경위\n시점: {at} (한국 시간)\n경위: {how}"),
                format!("3. 예상되는 영향\n{consequences}"),
                format!("4. 피해를 줄이기 위해 하실 수 있는 일\n{to_do}"),
                format!("5. 당사의 대응 조치\n{measures}"),
                "6. 피해 구제 절차\n손해배상: 「개인정보 보호법」 제39조와 제39조의2에 따라 손해배상(법정손해배상 포함)을 청구하실 수 있습니다.\n\
                 분쟁조정: 개인정보 분쟁조정위원회(1833-6972, www.kopico.go.kr)에 조정을 신청하실 수 있습니다.\n\
                 침해 신고: 개인정보침해 신고센터(118, privacy.kisa.or.kr)에 신고하실 수 있습니다."
                    .to_owned(),
                format!("7. 문의와 피해 신고\n{contact}"),
            ],
        },
        NoticeAudience::Authority => Parts {
            subject: "개인정보 유출 신고",
            paragraphs: vec![
                "「개인정보 보호법」 제34조 제3항에 따라 신고합니다.".to_owned(),
                format!("1. 유출된 개인정보의 항목과 규모\n{items}\n정보주체 수: {}명", count(facts, GAP)),
                format!("2. 유출된 시점과 경위\n시점: {at} (한국 시간)\n인지 시점: {known} (한국 시간)\n경위: {how}"),
                format!("3. 예상되는 영향\n{consequences}"),
                format!("4. 대응 조치와 결과\n{measures}"),
                format!("5. 정보주체에게 안내한 피해 최소화 방법과 구제 절차\n{to_do}"),
                format!("6. 담당 부서와 연락처\n{contact}"),
            ],
        },
    }
}

fn english(facts: &BreachFacts, audience: NoticeAudience) -> Parts {
    const GAP: &str = "[not known yet]";
    let (items, how) = (or(&facts.data_items, GAP), or(&facts.how, GAP));
    let (to_do, measures) = (or(&facts.what_to_do, GAP), or(&facts.measures, GAP));
    let (consequences, contact) = (or(&facts.consequences, GAP), or(&facts.contact, GAP));
    let (at, known) = (when(facts, "UTC", GAP), known(facts, "UTC", GAP));
    match audience {
        NoticeAudience::Persons => Parts {
            subject: match facts.known_at {
                Some(_) => "Notice of a personal data breach",
                None => "Notice of a possible personal data breach",
            },
            paragraphs: vec![
                match facts.known_at {
                    Some(_) => "We write to you because your personal data was affected by a breach. We are sorry.",
                    None => {
                        "We write to you because your personal data may have been affected by a breach. We write again as \
                         soon as we know more."
                    }
                }
                .to_owned(),
                format!("1. What data\n{items}"),
                format!("2. When and how it happened\nWhen: {at} UTC\nHow: {how}"),
                format!("3. What may follow\n{consequences}"),
                format!("4. What you can do\n{to_do}"),
                format!("5. What we did and do\n{measures}"),
                "6. Your remedies\nYou may claim damages, and you may complain to the data protection authority of your \
                 country. In Korea the Personal Information Dispute Mediation Committee (+82 1833-6972, www.kopico.go.kr) \
                 mediates."
                    .to_owned(),
                format!("7. Whom you can ask\n{contact}"),
            ],
        },
        NoticeAudience::Authority => Parts {
            subject: "Notification of a personal data breach (article 33 GDPR)",
            paragraphs: vec![
                format!(
                    "1. Nature of the breach\nWhen: {at} UTC\nHow: {how}\nData: {items}\nPersons, about: {}",
                    count(facts, GAP)
                ),
                format!("2. When we became aware of it\n{known} UTC"),
                format!("3. Likely consequences\n{consequences}"),
                format!("4. Measures taken or proposed\n{measures}"),
                format!("5. Contact\n{contact}"),
                "What is not known yet follows in phases (article 33(4))."
                    .to_owned(),
            ],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts() -> BreachFacts {
        serde_json::from_value(json!({
            "title": "x", "known_at": "2026-09-11T03:00:00Z", "happened_at": "2026-09-10T22:00:00Z", "person_count": 1200,
            "countries": ["KR"], "data_items": "이름, 전자우편 주소", "how": "공개 서버에 파일이 올라갔습니다.", "measures": "파일을 지웠습니다.",
            "what_to_do": "비밀번호를 바꿔 주세요.", "consequences": "스팸", "contact": "privacy@example.com",
        }))
        .unwrap()
    }

    #[test]
    fn the_korean_letter_to_persons_has_every_item_and_the_remedies() {
        let letter =
            letter(&facts(), NoticeAudience::Persons, Language::Korean, Time::parse("2026-09-12T00:00:00Z").unwrap());
        for part in [
            "이름, 전자우편 주소",
            "2026-09-11 07:00",
            "공개 서버",
            "비밀번호를 바꿔",
            "파일을 지웠습니다",
            "손해배상",
            "분쟁조정",
            "1833-6972",
            "privacy@example.com",
            "2026-09-12",
        ] {
            assert!(letter.text.contains(part), "{part} in {}", letter.text);
        }
        assert!(letter.missing.is_empty(), "{:?}", letter.missing);
        assert_eq!(letter.hash, hex_hash(letter.text.as_bytes()));
    }

    #[test]
    fn what_is_not_known_is_marked_and_listed() {
        let unknown = BreachFacts { known_at: None, data_items: None, contact: None, ..facts() };
        let letter = letter(&unknown, NoticeAudience::Persons, Language::Korean, Time(0));
        assert!(letter.subject.contains("가능성") && letter.text.contains("[미정]"), "{letter:?}");
        assert_eq!(letter.missing, ["data_items", "contact", "known_at"]);
    }
}
