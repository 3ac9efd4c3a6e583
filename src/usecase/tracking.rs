//! Tracking: a story has an issue where developers keep theirs, and the issue is open as long as the story is.

use serde_json::{Value, json};

use super::quoting;
use crate::domain::language::{Tongue, detect};
use crate::domain::quoting::mark_of;
use crate::domain::stage::Stage;
use crate::domain::{Criterion, Id, IssueRequest, LinkState, Story, Tracker, texts};
use crate::error::{Code, Error, Result};
use crate::store::events::Logged;
use crate::store::{Conn, Tx, links, products, stories, text_checks};

/// What the outbox does at the tracker for a story.
pub const CREATE: &str = "issue.requested";
/// The same for bringing the issue's state in step.
pub const SYNC: &str = "issue.synced";
/// The same for writing its words anew: what stood there was erased.
pub const REWORD: &str = "issue.reworded";

/// Asks for the issue of a story; the outbox creates it. Where it is there already, it is the answer.
///
/// # Errors
/// 404, and 409 where the product has no tracker.
pub fn request(tx: &mut Tx<'_>, id: Id) -> Result<IssueRequest> {
    let story = stories::get(tx.conn, id)?;
    let Some(tracker) = products::get(tx.conn, story.product_id)?.settings.tracker else {
        let detail = "The product has no issue tracker: set `settings.tracker` of the product first.";
        return Err(Error::new(Code::Conflict, detail));
    };
    let link = links::issue_of(tx.conn, id, tracker.provider.as_str(), &tracker.repository)?;
    if link.is_none() {
        quoting::check(tx, &story)?;
        let data = json!({ "story_id": id, "provider": tracker.provider, "repository": tracker.repository });
        tx.event(CREATE, id, Some(story.product_id), data);
    }
    Ok(IssueRequest { story_id: id, provider: tracker.provider, repository: tracker.repository, link })
}

/// What is to be done at the tracker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The story.
    pub story: Id,
    /// [`CREATE`], [`SYNC`] or [`REWORD`].
    pub event: &'static str,
    /// The tracker, as it is set now.
    pub body: Value,
}

/// What an event of the log asks to be done at a tracker, if anything.
///
/// # Errors
/// Those of the database.
pub fn task(conn: &mut Conn, event: &Logged) -> Result<Option<Task>> {
    let stage = |name: &str| event.data[name].as_str().and_then(|text| text.parse::<Stage>().ok());
    let wanted = match event.kind.as_str() {
        CREATE => Some(CREATE),
        REWORD => Some(REWORD),
        "story.moved" if stage("to") == Some(Stage::Accepted) => Some(CREATE),
        "story.moved" | "story.reopened" if stage("from").map(is_open) != stage("to").map(is_open) => Some(SYNC),
        _ => None,
    };
    let Some(wanted) = wanted else { return Ok(None) };
    let story = match stories::get(conn, event.subject) {
        Ok(story) => story,
        Err(e) if e.code == Code::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let Some(tracker) = products::get(conn, story.product_id)?.settings.tracker else { return Ok(None) };
    // A declined story that is accepted after all may have its issue already.
    let automatic = wanted == CREATE && event.kind != CREATE;
    let event = if automatic && !tracker.automatic { SYNC } else { wanted };
    Ok(Some(Task { story: story.id, event, body: json!({ "tracker": tracker }) }))
}

/// The tracker that a task's body names.
pub fn tracker_of(body: &Value) -> Option<Tracker> {
    serde_json::from_value(body["tracker"].clone()).ok()
}

/// Asks for the words of these stories' issues to be written anew, where they have issues.
///
/// # Errors
/// Those of the database.
pub(super) fn reword(tx: &mut Tx<'_>, stories: &[Id]) -> Result<()> {
    for (story, product) in links::with_issue(tx.conn, stories)? {
        tx.event(REWORD, story, Some(product), json!({}));
    }
    Ok(())
}

/// Whether a story's issue is open: until the story is closed, declined, or another's duplicate.
pub fn is_open(stage: Stage) -> bool {
    !matches!(stage, Stage::Closed | Stage::Declined | Stage::Duplicate)
}

/// The state of an issue as a link has it.
pub fn link_state(open: bool) -> LinkState {
    if open { LinkState::Open } else { LinkState::Closed }
}

/// What a tracker shows of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueText {
    /// Its title,
    pub title: String,
    /// and its text in Markdown; it is found again by its last line.
    pub text: String,
}

/// The words of a story's issue, in the language of the story. Customers' words stay here: a text that may still quote one
/// is left out, the title in favour of a neutral one, and so is every criterion that cites feedback, for it quotes it.
///
/// # Errors
/// Those of the database.
pub fn issue_text(conn: &mut Conn, story: &Story, marker: &str) -> Result<IssueText> {
    let cleared = text_checks::of_stories(conn, &[story.id])?.remove(&story.id).unwrap_or_default().cleared;
    Ok(issue_of(story, &|text| cleared.contains(&mark_of(text)), marker))
}

fn issue_of(story: &Story, is_clear: &dyn Fn(&str) -> bool, marker: &str) -> IssueText {
    let words = IssueWords::of(story);
    let title = match is_clear(&story.title) {
        true => story.title.clone(),
        false => format!("{} ({})", texts::neutral(Some(words.language)), story.number),
    };
    let part = |frame: fn(&str) -> String, text: &str| (!text.is_empty() && is_clear(text)).then(|| frame(text));
    let sentence = [
        part(words.as_a, &story.as_a),
        part(words.i_want, story.i_want.trim_end_matches('.')),
        part(words.so_that, story.so_that.trim_end_matches('.')),
    ];
    let sentence: Vec<String> = sentence.into_iter().flatten().collect();
    let mut text = String::new();
    if !sentence.is_empty() {
        text += &format!("{}.\n\n", harmless(&sentence.join(", ")));
    }
    let (shown, kept): (Vec<&Criterion>, Vec<&Criterion>) =
        story.acceptance_criteria.iter().partition(|c| c.feedback_ids.is_empty() && is_clear(&c.text));
    if !shown.is_empty() {
        text += &format!("{}:\n\n", words.criteria);
        for criterion in shown {
            text += &format!("- [ ] {}\n", harmless(&criterion.text.replace('\n', " ")));
        }
        text.push('\n');
    }
    if !kept.is_empty() {
        text += &format!("{}\n\n", (words.kept)(kept.len(), &story.number));
    }
    text += &format!("{}\n\n{marker}\n", (words.number)(&story.number));
    IssueText { title, text }
}

/// The words around a story's own, in one language.
struct IssueWords {
    language: &'static str,
    as_a: fn(&str) -> String,
    i_want: fn(&str) -> String,
    so_that: fn(&str) -> String,
    criteria: &'static str,
    kept: fn(usize, &str) -> String,
    number: fn(&str) -> String,
}

impl IssueWords {
    fn of(story: &Story) -> Self {
        match Tongue::of(detect(&format!("{} {}", story.title, story.i_want)).as_deref()) {
            Tongue::English => IssueWords {
                language: "en",
                as_a: |who| format!("As a {who}"),
                i_want: |what| format!("I want {what}"),
                so_that: |why| format!("so that {why}"),
                criteria: "Acceptance criteria",
                kept: |n, number| format!("What customers said ({n}) is kept in Hearback, at {number}."),
                number: |number| format!("{number} in Hearback: name it in branches, commits and pull requests."),
            },
            Tongue::Korean => IssueWords {
                language: "ko",
                as_a: |who| format!("{who}(으)로서"),
                i_want: str::to_owned,
                so_that: |why| format!("목적: {why}"),
                criteria: "인수 조건",
                kept: |n, number| format!("고객이 말한 내용 {n}건은 Hearback의 {number}에 있습니다."),
                number: |number| format!("Hearback의 {number}: 브랜치, 커밋, 풀 리퀘스트에 이 번호를 적어 주세요."),
            },
        }
    }
}

/// Text that calls nobody and hides nothing where Markdown is shown.
pub fn harmless(text: &str) -> String {
    text.replace('<', "&lt;").replace('@', "@\u{200b}").replace('#', "#\u{200b}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_calls_nobody_and_hides_nothing() {
        assert_eq!(harmless("@all see #1 <!-- x -->"), "@\u{200b}all see #\u{200b}1 &lt;!-- x -->");
    }
}
