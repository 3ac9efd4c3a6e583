//! The sentence of a webhook message in the format `full`: what happened, in the language of the product.

use serde_json::Value;

use super::webhooks;
use crate::domain::base::event_kinds;
use crate::domain::base::language::Language;
use crate::domain::integrations::{MessageRelease, MessageResource, MessageStory};
use crate::domain::words;

/// A sentence about an event; `details` is the event's data.
pub(in crate::usecase) fn sentence(
    kind: &str,
    details: &Value,
    resource: Option<&MessageResource>,
    language: Language,
) -> String {
    if kind == webhooks::TEST {
        return words::chat_test(language);
    }
    let Some(known) = event_kinds::named(kind) else { return format!("{kind}.") };
    let fields = known.fields.iter().map(|field| (field.name, word(&details[field.name], language)));
    let subject = ("subject", subject(known.noun(), resource, language));
    let gaps: Vec<(&str, String)> = fields.chain([subject]).collect();
    let told = words::event(language, kind, &gaps).unwrap_or_else(|| format!("{kind}."));
    capitalised(&plain(&told))
}

/// The name of the event's resource.
fn subject(noun: &str, resource: Option<&MessageResource>, language: Language) -> String {
    match resource {
        Some(MessageResource::Story(story)) => titled(story),
        Some(MessageResource::Closure(closure)) => titled(&closure.story),
        Some(MessageResource::Link(link)) => titled(&link.story),
        Some(MessageResource::Theme(theme)) => match &theme.label {
            Some(label) => words::chat_theme(language, label),
            None => words::chat_some_theme(language),
        },
        Some(MessageResource::Release(release)) => named(Some(release), language),
        Some(MessageResource::Deployment(deployment)) => named(deployment.release.as_ref(), language),
        Some(MessageResource::Product(product)) => product.name.clone(),
        Some(MessageResource::Incident(incident)) => words::chat_incident(language, incident.number.as_str()),
        Some(MessageResource::Postmortem(one)) => words::chat_postmortem(language, one.incident_number.as_str()),
        Some(MessageResource::Report(report)) => {
            words::chat_report(language, words::value(language, report.kind.as_str()))
        }
        Some(MessageResource::Feedback(_)) | None => some(noun, language),
    }
}

fn titled(story: &MessageStory) -> String {
    format!("{} “{}”", story.number, story.title)
}

fn named(release: Option<&MessageRelease>, language: Language) -> String {
    match release.and_then(|release| release.name.as_deref()) {
        Some(name) => words::chat_release(language, name),
        None => words::chat_some_release(language),
    }
}

/// A resource that has no name, or is gone.
fn some(noun: &str, language: Language) -> String {
    match noun {
        "theme" => words::chat_some_theme(language),
        "release" | "deployment" => words::chat_some_release(language),
        "feedback" => words::chat_some_feedback(language),
        "product" => words::chat_some_product(language),
        "incident" => words::chat_some_incident(language),
        "postmortem" => words::chat_some_postmortem(language),
        "report" => words::chat_some_report(language),
        "subscription" => words::chat_some_subscription(language),
        _ => words::chat_some_story(language),
    }
}

/// A value of an event as text.
fn word(value: &Value, language: Language) -> String {
    value.as_str().map_or_else(|| value.to_string(), |word| words::value(language, word))
}

/// Escapes text so that chat programs show no mention and no link: `<!channel>` and `@all` would notify everyone.
pub(in crate::usecase) fn plain(text: &str) -> String {
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
        let told = |language| sentence("story.moved", &data, Some(&story("Refunds")), language);
        assert_eq!(told(Language::English), "HB-17 “Refunds” moved from building to testing.");
        assert_eq!(told(Language::Korean), "HB-17 “Refunds”: 개발 단계에서 테스트 단계로 옮겼습니다.");
        let gone = sentence("story.moved", &data, None, Language::English);
        assert_eq!(gone, "A story moved from building to testing.");
    }

    #[test]
    fn no_sentence_has_a_gap_and_none_calls_anybody() {
        for kind in event_kinds::all() {
            for language in [Language::English, Language::Korean] {
                let told = sentence(kind.name, &kind.example(), None, language);
                assert!(!told.contains(['{', '}']) && !told.contains("null"), "{}: {told}", kind.name);
            }
        }
        let data = json!({ "fields": ["title"] });
        let told = sentence("story.updated", &data, Some(&story("<!channel> @here <http://a|b>")), Language::English);
        assert!(!told.contains(['<', '>']) && !told.contains("@here"), "{told}");
    }
}
