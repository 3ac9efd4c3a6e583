//! The sentence of a webhook message in the format `full`: what happened, in the language of the product.

use serde_json::Value;

use super::webhooks;
use crate::domain::base::event_kinds;
use crate::domain::base::language::Tongue;
use crate::domain::integrations::{MessageRelease, MessageResource, MessageStory};

/// Korean for the names of states and stages that a sentence may contain. Other values are shown unchanged.
const KOREAN: [(&str, &str); 47] = [
    ("draft", "초안"),
    ("accepted", "채택"),
    ("scoped", "범위 확정"),
    ("designing", "설계"),
    ("building", "개발"),
    ("testing", "테스트"),
    ("ready", "준비 완료"),
    ("released", "출시"),
    ("closing", "마무리"),
    ("closed", "완료"),
    ("declined", "반려"),
    ("duplicate", "중복"),
    ("release", "출시"),
    ("decline", "반려"),
    ("roll_back", "되돌림"),
    ("succeeded", "성공"),
    ("failed", "실패"),
    ("rolled_back", "되돌림"),
    ("scheduled", "예약됨"),
    ("done", "완료됨"),
    ("not_shipped", "릴리스가 아직 나가지 않음"),
    ("ambiguous", "릴리스가 여럿임"),
    ("branch", "브랜치"),
    ("commit", "커밋"),
    ("pull_request", "풀 리퀘스트"),
    ("issue", "이슈"),
    ("auto_reply", "자동 응답"),
    ("bounce", "반송 메일"),
    ("spam", "광고"),
    ("test", "시험"),
    ("greeting", "인사"),
    ("admin", "관리자"),
    ("product", "제품"),
    ("developer", "개발자"),
    ("support", "지원"),
    ("viewer", "조회"),
    ("ingest", "수집"),
    ("rename", "이름 변경"),
    ("merge", "합치기"),
    ("split", "나누기"),
    ("mute", "끄기"),
    ("unmute", "켜기"),
    ("move", "옮기기"),
    ("dismiss", "제외"),
    ("restore", "복원"),
    ("passed", "통과"),
    ("mark_duplicate", "중복 표시"),
];

/// A sentence about an event; `details` is the event's data.
pub(in crate::usecase) fn sentence(
    kind: &str,
    details: &Value,
    resource: Option<&MessageResource>,
    tongue: Tongue,
) -> String {
    if kind == webhooks::TEST {
        return match tongue {
            Tongue::English => "This is a test message from Hearback.".to_owned(),
            Tongue::Korean => "Hearback에서 보낸 시험 메시지입니다.".to_owned(),
        };
    }
    let Some(known) = event_kinds::named(kind) else { return format!("{kind}.") };
    let mut told = known.sentence(tongue).replace("{subject}", &subject(known.noun(), resource, tongue));
    for field in &known.fields {
        told = told.replace(&format!("{{{}}}", field.name), &word(&details[field.name], tongue));
    }
    capitalised(&plain(&told))
}

/// The name of the event's resource.
fn subject(noun: &str, resource: Option<&MessageResource>, tongue: Tongue) -> String {
    match resource {
        Some(MessageResource::Story(story)) => titled(story),
        Some(MessageResource::Closure(closure)) => titled(&closure.story),
        Some(MessageResource::Link(link)) => titled(&link.story),
        Some(MessageResource::Theme(theme)) => called("theme", theme.label.as_deref(), tongue),
        Some(MessageResource::Release(release)) => named(Some(release), tongue),
        Some(MessageResource::Deployment(deployment)) => named(deployment.release.as_ref(), tongue),
        Some(MessageResource::Product(product)) => product.name.clone(),
        Some(MessageResource::Feedback(_)) | None => called(noun, None, tongue),
    }
}

fn titled(story: &MessageStory) -> String {
    format!("{} “{}”", story.number, story.title)
}

fn named(release: Option<&MessageRelease>, tongue: Tongue) -> String {
    match (release.and_then(|release| release.name.as_deref()), tongue) {
        (Some(name), Tongue::English) => format!("release {name}"),
        (Some(name), Tongue::Korean) => format!("릴리스 {name}"),
        (None, _) => called("release", None, tongue),
    }
}

fn called(noun: &str, name: Option<&str>, tongue: Tongue) -> String {
    let korean = match noun {
        "theme" => "테마",
        "release" | "deployment" => "릴리스",
        "feedback" => "피드백",
        "product" => "제품",
        _ => "스토리",
    };
    let english = match noun {
        "theme" => "theme",
        "release" | "deployment" => "release",
        "feedback" => "feedback",
        "product" => "product",
        _ => "story",
    };
    match (name, tongue) {
        (Some(name), Tongue::English) => format!("{english} “{name}”"),
        (Some(name), Tongue::Korean) => format!("{korean} “{name}”"),
        (None, Tongue::English) => format!("a {english}"),
        (None, Tongue::Korean) => korean.to_owned(),
    }
}

/// A value of an event as text.
fn word(value: &Value, tongue: Tongue) -> String {
    let Some(word) = value.as_str() else { return value.to_string() };
    match (tongue, KOREAN.iter().find(|(known, _)| *known == word)) {
        (Tongue::Korean, Some((_, korean))) => (*korean).to_owned(),
        _ => word.replace('_', " "),
    }
}

/// Escapes text so that chat programs show no mention and no link: `<!channel>` and `@all` would notify everyone.
fn plain(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›").replace('@', "@\u{200b}")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::base::Id;
    use crate::domain::stories::stage::Stage;

    fn story(title: &str) -> MessageResource {
        MessageResource::Story(MessageStory {
            id: Id::next(),
            number: "HB-17".to_owned(),
            title: title.to_owned(),
            stage: Stage::Testing,
            customers: 3,
            closures: Default::default(),
            url: None,
        })
    }

    #[test]
    fn a_sentence_tells_what_happened_in_the_language_of_the_product() {
        let data = json!({ "from": "building", "to": "testing", "has_reason": false });
        let told = |tongue| sentence("story.moved", &data, Some(&story("Refunds")), tongue);
        assert_eq!(told(Tongue::English), "HB-17 “Refunds” moved from building to testing.");
        assert_eq!(told(Tongue::Korean), "HB-17 “Refunds”: 개발 단계에서 테스트 단계로 옮겼습니다.");
        let gone = sentence("story.moved", &data, None, Tongue::English);
        assert_eq!(gone, "A story moved from building to testing.");
    }

    #[test]
    fn no_sentence_has_a_gap_and_none_calls_anybody() {
        for kind in event_kinds::all() {
            for tongue in [Tongue::English, Tongue::Korean] {
                let told = sentence(kind.name, &kind.example(), None, tongue);
                assert!(!told.contains(['{', '}']) && !told.contains("null"), "{}: {told}", kind.name);
            }
        }
        let data = json!({ "fields": ["title"] });
        let told = sentence("story.updated", &data, Some(&story("<!channel> @here <http://a|b>")), Tongue::English);
        assert!(!told.contains(['<', '>']) && !told.contains("@here"), "{told}");
    }
}
