//! Canny posts: its CSV, and the JSON of its API.

use super::{Spec, keep};
use crate::outside::import::mapping::Rule;

pub(super) const SPEC: Spec = Spec {
    signatures: &[&["title", "details", "status", "score"], &["title", "details", "status", "category"]],
    rules: &[
        Rule::plain("text", "details"),
        Rule::plain("text", "title"),
        Rule::plain("title", "title"),
        Rule::always("source", "other"),
        Rule::always("kind", "request"),
        Rule::plain("external_id", "id"),
        Rule::plain("external_id", "url"),
        Rule::plain("url", "url"),
        Rule::plain("occurred_at", "created"),
        Rule::plain("occurred_at", "created_at"),
        Rule::plain("tags", "tags"),
        Rule::plain("customer.external_id", "author.id"),
        Rule::plain("customer.email", "author.email"),
        Rule::plain("customer.email", "author email"),
        Rule::plain("customer.name", "author.name"),
        Rule::plain("customer.name", "author name"),
        Rule::plain("customer.account.name", "author.companies.0.name"),
        Rule::plain("fields.status", "status"),
        Rule::plain("votes", "score"),
        Rule::plain("votes", "votes"),
        Rule::plain("fields.category", "category.name"),
        Rule::plain("fields.category", "category"),
        Rule::plain("fields.board", "board.name"),
        Rule::plain("fields.board", "board"),
    ],
    finish: keep,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn posts_are_read_from_csv() {
        let csv = "\"Title\",\"Details\",\"Status\",\"Score\",\"Category\",\"Tags\",\"Created\"\n\
                   \"Dark mode\",\"My eyes hurt\nat night\",\"planned\",\"12\",\"UI\",\"mobile, theme\",\"2024-03-12T09:41:00.000Z\"\n\
                   \"Export to Excel\",\"\",\"open\",\"3\",\"\",\"\",\"2024-03-12\"\n";
        let expected = vec![
            json!({
                "text": "My eyes hurt\nat night", "title": "Dark mode", "source": "other", "kind": "request",
                "occurred_at": "2024-03-12T09:41:00Z", "tags": ["mobile", "theme"], "votes": 12,
                "fields": {"status": "planned", "category": "UI"},
            }),
            json!({
                "text": "Export to Excel", "source": "other", "kind": "request",
                "occurred_at": "2024-03-12T00:00:00Z", "votes": 3, "fields": {"status": "open"},
            }),
        ];
        assert_eq!(rows(csv.as_bytes()), (Preset::Canny, expected));
    }

    #[test]
    fn posts_are_read_from_the_api() {
        let file = json!({"hasMore": false, "posts": [{
            "id": "553c3ef8", "title": "Dark mode", "details": "My eyes hurt", "status": "open", "score": 12,
            "url": "https://acme.canny.io/p/dark-mode", "created": "2024-03-12T09:41:00.000Z",
            "board": {"id": "1", "name": "Features"}, "category": {"id": "2", "name": "UI"},
            "tags": [{"id": "3", "name": "mobile"}],
            "author": {"id": "4", "name": "Ana", "email": "ana@example.com"},
        }]});
        let expected = json!({
            "text": "My eyes hurt", "title": "Dark mode", "source": "other", "kind": "request",
            "external_id": "553c3ef8", "url": "https://acme.canny.io/p/dark-mode",
            "occurred_at": "2024-03-12T09:41:00Z", "tags": ["mobile"],
            "customer": {"external_id": "4", "email": "ana@example.com", "name": "Ana"},
            "votes": 12, "fields": {"status": "open", "category": "UI", "board": "Features"},
        });
        assert_eq!(rows(file.to_string().as_bytes()), (Preset::Canny, vec![expected]));
    }
}
