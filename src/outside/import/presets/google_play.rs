//! Reviews in the monthly files of Google Play. A review that was changed occurs again in a later file; because of its
//! id, which is in the link, it becomes an update.

use super::Spec;
use crate::outside::import::draft::FeedbackDraft;
use crate::outside::import::formats::record::{Record, text_at};
use crate::outside::import::mapping::Rule;

pub(super) const SPEC: Spec = Spec {
    signatures: &[&["Star Rating", "Review Text", "Review Link"]],
    rules: &[
        Rule::plain("text", "Review Text"),
        Rule::plain("title", "Review Title"),
        Rule::always("source", "review"),
        Rule::plain("url", "Review Link"),
        Rule::plain("rating", "Star Rating"),
        Rule::plain("language", "Reviewer Language"),
        Rule::plain("occurred_at", "Review Last Update Millis Since Epoch"),
        Rule::plain("occurred_at", "Review Last Update Date and Time"),
        Rule::plain("occurred_at", "Review Submit Millis Since Epoch"),
        Rule::plain("occurred_at", "Review Submit Date and Time"),
        Rule::plain("fields.package", "Package Name"),
        Rule::plain("fields.app_version", "App Version Name"),
        Rule::plain("fields.app_version_code", "App Version Code"),
        Rule::plain("fields.device", "Device"),
    ],
    finish,
};

fn finish(record: &Record, draft: &mut FeedbackDraft) -> bool {
    let link = text_at(record, "Review Link");
    let id = link.as_deref().and_then(review_id);
    draft.set_text("external_id", id.or(link));
    true
}

/// The `reviewId` parameter of the link, which the Play API also uses as id: `gp:...`, with an encoded colon.
fn review_id(link: &str) -> Option<String> {
    let parameters = link.split(['?', '&', '#']).filter_map(|part| part.split_once('='));
    let (_, id) = parameters.into_iter().find(|(name, id)| name.eq_ignore_ascii_case("reviewId") && !id.is_empty())?;
    Some(id.replace("%3A", ":").replace("%3a", ":"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn reviews_are_read_from_utf16_and_stars_without_words_left_out() {
        let csv = "Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,\
                   Review Submit Millis Since Epoch,Review Last Update Date and Time,\
                   Review Last Update Millis Since Epoch,Star Rating,Review Title,Review Text,\
                   Developer Reply Date and Time,Developer Reply Millis Since Epoch,Developer Reply Text,Review Link\n\
                   com.acme.pay,412,4.1.2,ko,a52q,2024-03-12T09:41:00Z,1710236460000,2024-03-13T09:41:00Z,1710322860000,\
                   1,,\"송금이 안 돼요, 업데이트 후부터\",,,,\
                   http://play.google.com/console/developers/app/reviews?p=com.acme.pay&reviewId=gp%3AAOqp1&x=1\n\
                   com.acme.pay,412,4.1.2,en_US,a52q,2024-03-12T09:41:00Z,1710236460000,,,5,,,,,,\n\
                   com.acme.pay,,,pt-BR,,2024-03-12T09:41:00Z,,,,4,Bom,Muito bom,,,,\n";
        let file: Vec<u8> = csv.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let file = [&b"\xFF\xFE"[..], &file].concat();
        let link = "http://play.google.com/console/developers/app/reviews?p=com.acme.pay&reviewId=gp%3AAOqp1&x=1";
        let expected = vec![
            json!({
                "text": "송금이 안 돼요, 업데이트 후부터", "source": "review", "url": link, "rating": 1, "language": "ko",
                "occurred_at": "2024-03-13T09:41:00Z", "external_id": "gp:AOqp1",
                "fields": {"package": "com.acme.pay", "app_version": "4.1.2", "app_version_code": "412",
                           "device": "a52q"},
            }),
            json!("no_words"),
            json!({
                "text": "Muito bom", "title": "Bom", "source": "review", "rating": 4, "language": "pt-BR",
                "occurred_at": "2024-03-12T09:41:00Z", "fields": {"package": "com.acme.pay"},
            }),
        ];
        assert_eq!(rows(&file), (Preset::GooglePlay, expected));
    }
}
