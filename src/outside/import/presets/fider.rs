//! Fider posts: its CSV export, and the JSON of its API.

use super::{Spec, keep};
use crate::outside::import::mapping::Rule;

pub(super) const SPEC: Spec = Spec {
    signatures: &[&["number", "title", "description", "votes_count"], &["number", "title", "votesCount"]],
    rules: &[
        Rule::plain("text", "description"),
        Rule::plain("text", "title"),
        Rule::plain("title", "title"),
        Rule::always("source", "other"),
        Rule::always("kind", "request"),
        Rule::plain("external_id", "number"),
        Rule::plain("occurred_at", "created_at"),
        Rule::plain("occurred_at", "createdAt"),
        Rule::plain("tags", "tags"),
        Rule::plain("customer.external_id", "user.id"),
        Rule::plain("customer.email", "user.email"),
        Rule::plain("customer.name", "user.name"),
        Rule::plain("customer.name", "created_by"),
        Rule::plain("fields.status", "status"),
        Rule::plain("votes", "votes_count"),
        Rule::plain("votes", "votesCount"),
        Rule::plain("fields.comments", "comments_count"),
        Rule::plain("fields.comments", "commentsCount"),
        Rule::plain("fields.duplicate_of", "original_number"),
    ],
    finish: keep,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn posts_are_known_by_their_numbers() {
        let csv = "number,title,description,created_at,created_by,votes_count,comments_count,status,responded_by,\
                   responded_at,response,original_number,original_title,tags\n\
                   7,Dark mode,My eyes hurt,2024-03-12T09:41:00Z,Ana,12,3,duplicate,Bo,2024-03-13T09:41:00Z,soon,2,\
                   Theme,\"mobile, theme\"\n\
                   8,알림 끄기,,2024-03-12T09:41:00Z,Ana,1,0,open,,,,,,\n";
        let expected = vec![
            json!({
                "text": "My eyes hurt", "title": "Dark mode", "source": "other", "kind": "request",
                "external_id": "7", "occurred_at": "2024-03-12T09:41:00Z", "tags": ["mobile", "theme"],
                "customer": {"name": "Ana"}, "votes": 12,
                "fields": {"status": "duplicate", "comments": "3", "duplicate_of": "2"},
            }),
            json!({
                "text": "알림 끄기", "source": "other", "kind": "request", "external_id": "8",
                "occurred_at": "2024-03-12T09:41:00Z", "customer": {"name": "Ana"}, "votes": 1,
                "fields": {"status": "open", "comments": "0"},
            }),
        ];
        assert_eq!(rows(csv.as_bytes()), (Preset::Fider, expected));
    }

    #[test]
    fn posts_of_the_api_are_known_without_being_named() {
        let file = json!([{
            "id": 31, "number": 7, "title": "Dark mode", "slug": "dark-mode", "description": "My eyes hurt",
            "createdAt": "2024-03-12T09:41:00Z", "user": {"id": 5, "name": "Ana", "role": "visitor"}, "hasVoted": false,
            "votesCount": 12, "commentsCount": 3, "status": "open", "tags": ["mobile"],
        }]);
        let expected = json!({
            "text": "My eyes hurt", "title": "Dark mode", "source": "other", "kind": "request", "external_id": "7",
            "occurred_at": "2024-03-12T09:41:00Z", "tags": ["mobile"], "votes": 12,
            "customer": {"external_id": "5", "name": "Ana"}, "fields": {"status": "open", "comments": 3},
        });
        assert_eq!(rows(file.to_string().as_bytes()), (Preset::Fider, vec![expected]));
    }
}
