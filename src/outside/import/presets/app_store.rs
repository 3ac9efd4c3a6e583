//! App Store Connect `customerReviews`: pages of JSON:API.

use super::{Spec, keep};
use crate::outside::import::mapping::Rule;

pub(super) const SPEC: Spec = Spec {
    signatures: &[
        &["attributes.rating", "attributes.reviewerNickname"],
        &["attributes.rating", "attributes.territory"],
    ],
    rules: &[
        Rule::plain("text", "attributes.body"),
        Rule::plain("text", "attributes.title"),
        Rule::plain("title", "attributes.title"),
        Rule::always("source", "review"),
        Rule::plain("external_id", "id"),
        Rule::plain("occurred_at", "attributes.createdDate"),
        Rule::plain("rating", "attributes.rating"),
        Rule::plain("customer.name", "attributes.reviewerNickname"),
        Rule::plain("fields.territory", "attributes.territory"),
    ],
    finish: keep,
};

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn customer_reviews_are_read_from_a_page() {
        let file = json!({
            "data": [{"type": "customerReviews", "id": "00000026-7fa7", "attributes": {
                "rating": 2, "title": "Slow", "body": "Takes a minute to open", "reviewerNickname": "ana77",
                "createdDate": "2024-03-12T02:41:00-07:00", "territory": "USA"},
                "relationships": {"response": {"links": {}}}}],
            "links": {"self": "https://api.appstoreconnect.apple.com/v1/apps/1/customerReviews"},
            "meta": {"paging": {"total": 1, "limit": 20}},
        });
        let expected = json!({
            "text": "Takes a minute to open", "title": "Slow", "source": "review", "external_id": "00000026-7fa7",
            "occurred_at": "2024-03-12T09:41:00Z", "rating": 2, "customer": {"name": "ana77"},
            "fields": {"territory": "USA"},
        });
        assert_eq!(rows(file.to_string().as_bytes()), (Preset::AppStore, vec![expected]));
    }
}
