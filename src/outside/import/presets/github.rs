//! GitHub issues: JSON of the API, whose pull requests are skipped, or of `gh issue list`.

use serde_json::Value;

use super::Spec;
use crate::outside::import::draft::FeedbackDraft;
use crate::outside::import::formats::record::{Record, text_at};
use crate::outside::import::mapping::Rule;

/// The labels that show the kind of feedback.
const KINDS: &[(&str, &str)] = &[
    ("bug", "bug"),
    ("enhancement", "request"),
    ("feature", "request"),
    ("feature request", "request"),
    ("question", "question"),
];

pub(super) const SPEC: Spec = Spec {
    signatures: &[
        &["number", "title", "html_url", "user"],
        &["number", "title", "url", "author"],
        &["repository_url", "html_url", "title"],
    ],
    rules: &[
        Rule::plain("text", "body"),
        Rule::plain("text", "title"),
        Rule::plain("title", "title"),
        Rule::always("source", "ticket"),
        Rule::plain("url", "html_url"),
        Rule::plain("url", "url"),
        Rule::plain("occurred_at", "created_at"),
        Rule::plain("occurred_at", "createdAt"),
        Rule::plain("tags", "labels"),
        Rule::plain("customer.external_id", "user.login"),
        Rule::plain("customer.external_id", "author.login"),
        Rule::plain("customer.name", "user.login"),
        Rule::plain("customer.name", "author.login"),
        Rule::plain("fields.state", "state"),
        Rule::plain("fields.comments", "comments"),
        Rule::plain("fields.reactions", "reactions.total_count"),
    ],
    finish,
};

fn finish(record: &Record, draft: &mut FeedbackDraft) -> bool {
    let url = text_at(record, "html_url").or_else(|| text_at(record, "url")).unwrap_or_default();
    let name = issue_name(&url);
    draft.set_text("external_id", name.or_else(|| text_at(record, "id")).or_else(|| text_at(record, "number")));

    let tags = draft.object().get("tags").and_then(Value::as_array).cloned().unwrap_or_default();
    let labels = tags.iter().filter_map(Value::as_str).map(|tag| tag.trim_start_matches("type:").trim().to_lowercase());
    let kind = labels.filter_map(|tag| KINDS.iter().find(|(label, _)| *label == tag)).map(|(_, kind)| *kind).next();
    draft.set_text("kind", kind.map(str::to_owned));
    !record.contains_key("pull_request") && !url.contains("/pull/")
}

/// The id `owner/repo#number` from an issue's URL: readable, and the same in both exports.
fn issue_name(url: &str) -> Option<String> {
    let (_, path) = url.split_once("://")?;
    let parts: Vec<_> = path.split('/').collect();
    match parts[..] {
        [_, owner, repo, "issues", number] => Some(format!("{owner}/{repo}#{number}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outside::import::Preset;
    use crate::outside::import::tests::rows;

    #[test]
    fn issues_are_read_and_pull_requests_dropped() {
        let issue = json!({
            "id": 1, "number": 1347, "html_url": "https://github.com/acme/pay/issues/1347", "title": "Crash on start",
            "url": "https://api.github.com/repos/acme/pay/issues/1347", "state": "open", "comments": 2,
            "body": "It crashes.\r\n\r\n1. open it", "user": {"login": "ana", "id": 1},
            "labels": [{"id": 2, "name": "Bug"}, {"id": 3, "name": "ios"}], "created_at": "2024-03-12T09:41:00Z",
        });
        let mut pull = issue.clone();
        pull["pull_request"] = json!({"url": "https://api.github.com/repos/acme/pay/pulls/1348"});
        let expected = json!({
            "text": "It crashes.\r\n\r\n1. open it", "title": "Crash on start", "source": "ticket", "kind": "bug",
            "url": "https://github.com/acme/pay/issues/1347", "occurred_at": "2024-03-12T09:41:00Z",
            "external_id": "acme/pay#1347", "tags": ["Bug", "ios"],
            "customer": {"external_id": "ana", "name": "ana"}, "fields": {"state": "open", "comments": 2},
        });
        let file = json!([pull, issue, pull]).to_string();
        assert_eq!(
            rows(file.as_bytes()),
            (Preset::Github, vec![json!("not_feedback"), expected, json!("not_feedback")])
        );
    }

    #[test]
    fn issues_of_the_command_line_get_the_same_ids() {
        let file = r#"[{"author": {"login": "ana", "name": "Ana"}, "body": "", "createdAt": "2024-03-12T09:41:00Z",
            "labels": [], "number": 9, "title": "Dark mode?", "url": "https://github.com/acme/pay/issues/9"}]"#;
        let expected = json!({
            "text": "Dark mode?", "source": "ticket", "external_id": "acme/pay#9",
            "url": "https://github.com/acme/pay/issues/9", "occurred_at": "2024-03-12T09:41:00Z",
            "customer": {"external_id": "ana", "name": "ana"},
        });
        assert_eq!(rows(file.as_bytes()), (Preset::Github, vec![expected]));
    }

    #[test]
    fn an_issue_whose_author_is_gone_is_an_issue() {
        let issue = |n: u32, user| {
            json!({"number": n, "title": "Crash", "html_url": format!("https://github.com/acme/app/issues/{n}"), "user": user,
                   "body": "It crashes", "labels": []})
        };
        let file = json!([issue(1, json!(null)), issue(2, json!({"login": "ana"}))]).to_string();
        let (preset, rows) = rows(file.as_bytes());
        assert_eq!((preset, rows[0]["external_id"].as_str()), (Preset::Github, Some("acme/app#1")));
        assert_eq!((rows[0].get("customer"), rows[1]["customer"]["name"].as_str()), (None, Some("ana")));
    }
}
