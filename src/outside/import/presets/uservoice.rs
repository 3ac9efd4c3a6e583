//! UserVoice suggestions: the JSON of its API, and the CSV with one row per supporter.

use super::{Spec, keep};
use crate::outside::import::mapping::Rule;

pub(super) const SPEC: Spec = Spec {
    signatures: &[
        &["title", "body", "supporters_count"],
        &["title", "body", "portal_url"],
        &["suggestion.title", "suggestion.body"],
        &["Title", "Description", "Supporter Email"],
    ],
    rules: &[
        Rule::html("text", "body"),
        Rule::html("text", "suggestion.body"),
        Rule::plain("text", "Description"),
        Rule::plain("text", "title"),
        Rule::plain("text", "suggestion.title"),
        Rule::plain("text", "Title"),
        Rule::plain("title", "title"),
        Rule::plain("title", "suggestion.title"),
        Rule::plain("title", "Title"),
        Rule::always("source", "other"),
        Rule::always("kind", "request"),
        Rule::plain("external_id", "id"),
        Rule::plain("external_id", "suggestion.id"),
        Rule::plain("url", "portal_url"),
        Rule::plain("url", "suggestion.portal_url"),
        Rule::plain("occurred_at", "created_at"),
        Rule::plain("occurred_at", "suggestion.created_timestamp"),
        Rule::plain("occurred_at", "Created At"),
        Rule::plain("customer.email", "Supporter Email"),
        Rule::plain("customer.name", "Supporter Name"),
        Rule::plain("customer.external_id", "created_by.id"),
        Rule::plain("customer.email", "created_by.email_address"),
        Rule::plain("customer.name", "created_by.name"),
        Rule::plain("votes", "supporters_count"),
        Rule::plain("votes", "votes_count"),
        Rule::plain("votes", "suggestion.votes_count"),
        Rule::plain("tags", "suggestion.labels.name"),
        Rule::plain("fields.status", "Status"),
        Rule::plain("fields.status", "status.name"),
        Rule::plain("fields.status", "suggestion.status.name"),
        Rule::plain("fields.category", "category.name"),
        Rule::plain("fields.category", "suggestion.category.name"),
    ],
    finish: keep,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn suggestions_count_their_supporters_and_each_supporter_with_a_row_is_one() {
        let file = json!({"suggestions": [{
            "id": 9, "title": "Dark mode", "body": "<p>My eyes hurt</p>", "portal_url": "https://a.uservoice.com/s/9",
            "supporters_count": 42, "created_at": "2024-03-12T09:41:00Z",
        }]});
        let expected = json!({
            "text": "My eyes hurt", "title": "Dark mode", "source": "other", "kind": "request", "external_id": "9",
            "url": "https://a.uservoice.com/s/9", "occurred_at": "2024-03-12T09:41:00Z", "votes": 42,
        });
        assert_eq!(rows(file.to_string().as_bytes()), (Preset::Uservoice, vec![expected]));

        let csv = "Id,Title,Description,Status,Supporter Name,Supporter Email\n\
                   9,Dark mode,My eyes hurt,open,Ann,ann@example.com\n9,Dark mode,My eyes hurt,open,Bo,bo@example.com\n";
        let (preset, rows) = rows(csv.as_bytes());
        assert_eq!((preset, rows.len()), (Preset::Uservoice, 2));
        let ids: Vec<&str> = rows.iter().filter_map(|row| row["external_id"].as_str()).collect();
        assert!(ids[0] != ids[1] && ids.iter().all(|id| id.starts_with("9#")), "{ids:?}");
    }
}
