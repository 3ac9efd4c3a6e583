//! Bulk requests: one act applied to many resources, and the result of each.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::Id;
use super::decode::decode;
use super::text::{bare, fold};
use crate::domain::feedback::{SetAside, Tag};
use crate::refusal::{Code, FieldError, Refusal};

/// The most ids that an error about repeated ids lists.
const MOST_NAMED: usize = 200;

crate::domain::names! {
    /// The acts on feedback.
    pub enum FeedbackAct {
        Dismiss "dismiss", Restore "restore", Move "move", Tag "tag", Untag "untag", SetAside "set_aside",
        TakeBack "take_back",
    }
}

crate::domain::names! {
    /// The acts on closures.
    pub enum ClosureBulkAct {
        Tell "tell", Assign "assign", Unreachable "unreachable", Recall "recall", Resume "resume",
    }
}

crate::domain::names! {
    /// The acts on corrections.
    pub enum CorrectionAct { Undo "undo" }
}

/// One act on many items of feedback.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "act": "dismiss", "reason": "A holiday notice",
    "ids": ["0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d", "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3e"]
}))]
pub struct FeedbackBulk {
    #[schema(inline)]
    pub act: FeedbackAct,
    /// No id may be given twice. The act is done in this order.
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Id>,
    /// The reason, for `dismiss`.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// The existing theme to move the feedback to, for `move`.
    pub theme_id: Option<Id>,
    /// The tags, for `tag` and `untag`. They are compared without regard to case and width.
    #[schema(min_items = 1, max_items = 20, value_type = Option<Vec<Tag>>)]
    pub tags: Option<Vec<String>>,
    /// Why this is not feedback about the product, for `set_aside`.
    pub set_aside: Option<SetAside>,
}

/// One act on many closures.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "act": "tell", "note": "In the newsletter of March",
    "ids": ["0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d", "0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3e"]
}))]
pub struct ClosureBulk {
    #[schema(inline)]
    pub act: ClosureBulkAct,
    /// No id may be given twice. The act is done in this order.
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Id>,
    /// How the customers were told, for `tell`. The note is kept on each closure.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub note: Option<String>,
    /// The member who gets the closures as a to-do, for `assign`: the id of an active member, or `me`.
    pub member_id: Option<Id>,
    /// The reason: required for `unreachable`, optional for `recall`.
    #[schema(min_length = 1, max_length = 2000, pattern = "\\S")]
    pub reason: Option<String>,
}

/// One act on many corrections.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"act": "undo", "ids": ["0198c2c4-5b7e-7b2a-9d3c-6f0e4a1b2c3d"]}))]
pub struct CorrectionBulk {
    #[schema(inline)]
    pub act: CorrectionAct,
    /// No id may be given twice. The act is done in this order.
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<Id>,
}

/// Whether a parameter is required or optional for an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// The act requires it.
    Needed(&'static str),
    /// The act accepts it.
    Optional(&'static str),
}

impl Takes {
    fn name(self) -> &'static str {
        match self {
            Takes::Needed(name) | Takes::Optional(name) => name,
        }
    }
}

/// A request for one act on many resources.
pub trait Bulk: ToSchema + DeserializeOwned + 'static {
    /// The names of the parameters of all acts.
    const PARAMETERS: &'static [&'static str];

    /// The parameters of one act; `None` for an unknown act.
    fn takes(act: &str) -> Option<&'static [Takes]>;
}

impl Bulk for FeedbackBulk {
    const PARAMETERS: &'static [&'static str] = &["reason", "theme_id", "tags", "set_aside"];

    fn takes(act: &str) -> Option<&'static [Takes]> {
        Some(match act.parse().ok()? {
            FeedbackAct::Dismiss => &[Takes::Needed("reason")],
            FeedbackAct::Move => &[Takes::Needed("theme_id")],
            FeedbackAct::Tag | FeedbackAct::Untag => &[Takes::Needed("tags")],
            FeedbackAct::SetAside => &[Takes::Needed("set_aside")],
            FeedbackAct::Restore | FeedbackAct::TakeBack => &[],
        })
    }
}

impl Bulk for ClosureBulk {
    const PARAMETERS: &'static [&'static str] = &["note", "member_id", "reason"];

    fn takes(act: &str) -> Option<&'static [Takes]> {
        Some(match act.parse().ok()? {
            ClosureBulkAct::Tell => &[Takes::Optional("note")],
            ClosureBulkAct::Assign => &[Takes::Needed("member_id")],
            ClosureBulkAct::Unreachable => &[Takes::Needed("reason")],
            ClosureBulkAct::Recall => &[Takes::Optional("reason")],
            ClosureBulkAct::Resume => &[],
        })
    }
}

impl Bulk for CorrectionBulk {
    const PARAMETERS: &'static [&'static str] = &[];

    fn takes(act: &str) -> Option<&'static [Takes]> {
        act.parse().ok().map(|CorrectionAct::Undo| [].as_slice())
    }
}

/// Decodes a request for one act on many resources.
///
/// # Errors
/// 422 with every wrong field. A required parameter that is missing, a parameter of another act and a repeated id count
/// as wrong fields.
pub fn read<B: Bulk>(value: Value) -> Result<B, Refusal> {
    let mut wrong = misplaced::<B>(&value);
    wrong.extend(repeated(&value));
    match decode::<B>(value) {
        Ok(input) if wrong.is_empty() => Ok(input),
        Ok(_) => Err(Refusal::invalid(wrong)),
        Err(e) if e.code == Code::Invalid => Err(Refusal::invalid(e.fields.into_iter().chain(wrong).collect())),
        Err(e) => Err(e),
    }
}

/// The errors for required parameters that are missing, and for parameters that belong to other acts.
fn misplaced<B: Bulk>(value: &Value) -> Vec<FieldError> {
    let Some((act, takes)) = value["act"].as_str().and_then(|act| Some((act, B::takes(act)?))) else {
        return Vec::new();
    };
    let is_given = |name: &str| value.get(name).is_some_and(|value| !value.is_null());
    let check = |name: &&'static str| {
        let taken = takes.iter().find(|taken| taken.name() == *name);
        match (taken, is_given(name)) {
            (Some(Takes::Needed(_)), false) => Some(("required", format!("is required to {}", verb(act)))),
            (None, true) => Some(("not_taken", format!("is not taken by the act `{act}`"))),
            _ => None,
        }
        .map(|(code, detail)| FieldError::new(format!("/{name}"), code, detail))
    };
    B::PARAMETERS.iter().filter_map(check).collect()
}

/// The act as the last words of a sentence.
fn verb(act: &str) -> String {
    match act {
        "unreachable" => "note that they can't be reached".to_owned(),
        act => act.replace('_', " "),
    }
}

fn repeated(value: &Value) -> Vec<FieldError> {
    let mut seen = HashSet::new();
    let ids = value["ids"].as_array().into_iter().flatten().enumerate();
    let again = ids.filter(|(_, id)| {
        let id = id.as_str().and_then(|id| id.parse::<Id>().ok());
        id.is_some_and(|id| !seen.insert(id))
    });
    let error = |(n, _)| FieldError::new(format!("/ids/{n}"), "repeated", "must be given once");
    again.map(error).take(MOST_NAMED).collect()
}

/// The result of one act on many resources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkResult {
    /// Id of the whole request: the `bulk_id` in the data of each event that it wrote.
    pub bulk_id: Id,
    /// How many resources were changed.
    #[schema(example = 2)]
    pub changed: usize,
    /// How many resources were in the wanted state already.
    #[schema(example = 0)]
    pub unchanged: usize,
    /// How many resources the act was refused for.
    #[schema(example = 0)]
    pub failed: usize,
    /// The result for each resource, in the order of the request.
    pub results: Vec<BulkRow>,
}

/// The result for one of the resources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkRow {
    /// Index in `ids`, from 0.
    #[schema(example = 0)]
    pub index: usize,
    pub id: Id,
    /// HTTP status that the same act on this resource alone would answer: 200, or that of `problem`.
    #[schema(example = 200)]
    pub status: u16,
    /// Whether the act changed the resource.
    pub changed: bool,
    /// Id of the correction that records the act and can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction_id: Option<Id>,
    /// Why the act was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<RowProblem>,
}

/// Why the act was refused for one resource: the same error as for a request with this resource alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RowProblem {
    /// Stable URI reference that ends in the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/conflict")]
    pub kind: String,
    #[schema(example = "Conflicts with the present state")]
    pub title: String,
    #[schema(example = 409)]
    pub status: u16,
    #[schema(example = "It is dismissed already.")]
    pub detail: String,
    /// Stable error code.
    #[schema(example = "conflict")]
    pub code: String,
    /// Every wrong field of the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl From<&Refusal> for RowProblem {
    fn from(error: &Refusal) -> Self {
        Self {
            kind: format!("/problems/{}", error.code.as_str()),
            title: error.code.title().to_owned(),
            status: error.code.status(),
            detail: error.detail.clone(),
            code: error.code.as_str().to_owned(),
            errors: error.fields.clone(),
        }
    }
}

/// The effect of an act on one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acted {
    /// Whether the act changed the resource.
    pub changed: bool,
    /// Id of the correction that records the act.
    pub correction: Option<Id>,
}

impl BulkResult {
    /// An empty result, with a new bulk id.
    pub fn begin() -> Self {
        Self { bulk_id: Id::next(), changed: 0, unchanged: 0, failed: 0, results: Vec::new() }
    }

    /// Adds the result for the next resource.
    pub fn note<E: Clone + Into<Refusal>>(&mut self, id: Id, outcome: &Result<Acted, E>) {
        let index = self.results.len();
        let row = match outcome {
            Ok(acted) => {
                *(if acted.changed { &mut self.changed } else { &mut self.unchanged }) += 1;
                let correction_id = acted.correction;
                BulkRow { index, id, status: 200, changed: acted.changed, correction_id, problem: None }
            }
            Err(e) => {
                self.failed += 1;
                let problem = RowProblem::from(&e.clone().into());
                let (status, problem) = (problem.status, Some(problem));
                BulkRow { index, id, status, changed: false, correction_id: None, problem }
            }
        };
        self.results.push(row);
    }
}

/// `tags`, followed by those of `more` that are not in it yet. Case and width are ignored.
pub fn tagged(mut tags: Vec<String>, more: &[String]) -> Vec<String> {
    let mut known: HashSet<String> = tags.iter().map(|tag| fold(tag)).collect();
    for tag in more {
        if known.insert(fold(tag)) {
            tags.push(bare(tag).nfc().collect());
        }
    }
    tags
}

/// `tags` without those in `less`. Case and width are ignored.
pub fn untagged(mut tags: Vec<String>, less: &[String]) -> Vec<String> {
    let less: HashSet<String> = less.iter().map(|tag| fold(tag)).collect();
    tags.retain(|tag| !less.contains(&fold(tag)));
    tags
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong<B: Bulk + std::fmt::Debug>(value: Value) -> Vec<String> {
        let error = read::<B>(value).expect_err("refused");
        error.fields.into_iter().map(|field| format!("{} {}", field.pointer, field.code)).collect()
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let id = Id::next();
        let mixed = json!({ "act": "move", "ids": [id, "x", id], "reason": "Spam", "colour": "red" });
        let mut found = wrong::<FeedbackBulk>(mixed);
        found.sort();
        let expected =
            ["/colour unknown_field", "/ids/1 format", "/ids/2 repeated", "/reason not_taken", "/theme_id required"];
        assert_eq!(found, expected);
        assert_eq!(wrong::<FeedbackBulk>(json!({ "act": "burn", "ids": [] })), ["/act not_one_of", "/ids too_short"]);
        let many: Vec<Id> = (0..501).map(|_| Id::next()).collect();
        assert_eq!(wrong::<ClosureBulk>(json!({ "act": "tell", "ids": many })), ["/ids too_long"]);
        assert_eq!(wrong::<ClosureBulk>(json!({ "act": "unreachable", "ids": [id] })), ["/reason required"]);
        assert_eq!(wrong::<CorrectionBulk>(json!({ "act": "undo" })), ["/ids required"]);
        // Ids are compared without regard to case.
        let twice = json!({ "act": "restore", "ids": [id, id.to_string().to_uppercase()] });
        assert_eq!(wrong::<FeedbackBulk>(twice), ["/ids/1 repeated"]);
    }

    #[test]
    fn null_is_the_same_as_nothing() {
        let id = Id::next();
        assert!(read::<FeedbackBulk>(json!({ "act": "restore", "ids": [id], "reason": null })).is_ok());
        assert_eq!(
            wrong::<FeedbackBulk>(json!({ "act": "dismiss", "ids": [id], "reason": null })),
            ["/reason required"]
        );
    }

    #[test]
    fn a_tag_is_there_once_however_it_is_typed() {
        let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        let had = tags(&["Refund", "환불"]);
        let more =
            tags(&["refund", " REFUND ", "\u{1112}\u{116a}\u{11ab}\u{1107}\u{116e}\u{11af}", "Café", "cafe\u{301}"]);
        assert_eq!(tagged(had.clone(), &more), tags(&["Refund", "환불", "Café"]));
        assert_eq!(untagged(had.clone(), &tags(&["ＲＥＦＵＮＤ"])), tags(&["환불"]));
        assert_eq!(untagged(had.clone(), &tags(&["other"])), had);
    }
}
