//! The quotation check: a text that quotes a customer is not published until a person rewords or confirms it.
//!
//! A text is checked against all feedback of its story and the names of all known customers. A text that passes gets a
//! mark, so that mails and the feed need no further check; a text without a mark is not published.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use crate::domain::base::{Id, check_version};
use crate::domain::feedback::ERASED;
use crate::domain::privacy::naming::Naming;
use crate::domain::privacy::quoting::mark_of;
use crate::domain::privacy::redact::is_personal;
use crate::domain::privacy::{QuoteReason, QuoteReport, QuoteRisk};
use crate::domain::releases::Release;
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{DraftWords, Story};
use crate::domain::themes::ThemeRecord;
use crate::engine::{Outgoing, Quoted};
use crate::error::{Code, Error, FieldError, Result};
use crate::store::feedback::customer_names;
use crate::store::stories::frozen_evidence;
use crate::store::stories::text_checks::{self, Checked};
use crate::store::{Conn, Tx, stories, themes};
use crate::usecase::stories::stages::lock;

/// The number of feedback read per query.
const PAGE: i64 = 2_000;

/// The quotations in a story's texts, and who confirmed them last.
///
/// # Errors
/// 404.
pub fn report(conn: &mut Conn, story: Id) -> Result<QuoteReport> {
    let story = stories::rows::get(conn, story)?;
    let checked = text_checks::of_stories(conn, &[story.id])?.remove(&story.id).unwrap_or_default();
    let sources = Sources::of(conn, std::slice::from_ref(&story))?;
    let texts = outgoing(&story, &sources);
    let mut quotes = risks(conn, &[Behind::Story(&story)], &texts)?;
    for risk in &mut quotes {
        let text = texts.iter().find(|text| text.field == risk.field);
        risk.confirmed = text.is_some_and(|text| checked.cleared.contains(&mark_of(&text.text)));
    }
    Ok(QuoteReport {
        story_id: story.id,
        quotes,
        confirmed_by: checked.confirmed_by,
        confirmed_at: checked.confirmed_at,
    })
}

/// Refuses a story whose texts quote a customer; stores the marks of the texts that pass.
///
/// # Errors
/// 409 `quotes_customer`, which names the story and the quoted words.
pub(in crate::usecase) fn check(tx: &mut Tx<'_>, story: &Story) -> Result<()> {
    let found = checked(tx, story)?;
    if found.is_empty() { Ok(()) } else { Err(refusal(&found, &[story])) }
}

/// Whether no text of the story quotes a customer, or a person has confirmed it.
pub(in crate::usecase) fn is_clear(tx: &mut Tx<'_>, story: &Story) -> Result<bool> {
    Ok(checked(tx, story)?.is_empty())
}

/// Checks the texts of a story that were never checked, and stores the marks of those that pass.
pub fn check_later(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let Some(story) = stories::rows::lock(tx, &[story])?.pop() else { return Ok(()) };
    checked(tx, &story).map(drop)
}

/// The unconfirmed risks of a story's texts; marks the texts without risks.
fn checked(tx: &mut Tx<'_>, story: &Story) -> Result<Vec<QuoteRisk>> {
    let before = text_checks::of_stories(tx.conn, &[story.id])?.remove(&story.id);
    let known = before.clone().unwrap_or_default();
    let sources = Sources::of(tx.conn, std::slice::from_ref(story))?;
    let Clearance { cleared, quotes } = clearance(tx.conn, story, &sources, &known)?;
    // Marks of texts that no longer exist are dropped.
    let now = Checked { cleared, ..known };
    if before.as_ref() != Some(&now) {
        text_checks::set(tx, story.id, &now)?;
    }
    Ok(quotes)
}

/// The result of a check of a story's texts.
pub(in crate::usecase) struct Clearance {
    /// The marks of the texts that may be published.
    pub cleared: HashSet<String>,
    /// The quotations that block the other texts.
    pub quotes: Vec<QuoteRisk>,
}

/// The results that a check of these stories' texts would have now, in their order. Texts that have a mark cost no
/// statement of their own; a story with others is checked against its feedback.
pub(in crate::usecase) fn clearances_of(conn: &mut Conn, stories: &[Story]) -> Result<Vec<Clearance>> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let mut known = text_checks::of_stories(conn, &ids)?;
    let sources = Sources::of(conn, stories)?;
    let of_story = |story: &Story| clearance(conn, story, &sources, &known.remove(&story.id).unwrap_or_default());
    stories.iter().map(of_story).collect()
}

/// The result that a check of a story's texts would have now.
pub(in crate::usecase) fn clearance_of(conn: &mut Conn, story: &Story) -> Result<Clearance> {
    let found = clearances_of(conn, std::slice::from_ref(story))?.pop();
    found.ok_or_else(|| Error::internal("a story without a check"))
}

fn clearance(conn: &mut Conn, story: &Story, sources: &Sources, known: &Checked) -> Result<Clearance> {
    let (cleared, open): (Vec<Outgoing>, Vec<Outgoing>) =
        outgoing(story, sources).into_iter().partition(|text| known.cleared.contains(&mark_of(&text.text)));
    let quotes = if open.is_empty() { Vec::new() } else { risks(conn, &[Behind::Story(story)], &open)? };
    let at_risk: HashSet<&str> = quotes.iter().map(|risk| risk.field.as_str()).collect();
    let passed = open.iter().filter(|text| !at_risk.contains(text.field.as_str()));
    let cleared = cleared.iter().chain(passed).map(|text| mark_of(&text.text)).collect();
    Ok(Clearance { cleared, quotes })
}

/// Confirms the quotations in a story's texts: a person has read them, and they are intended. Answers the resulting
/// report.
///
/// # Errors
/// 404, 412 where `if_match` is no longer its version.
pub fn confirm(tx: &mut Tx<'_>, id: Id, if_match: Option<i32>) -> Result<QuoteReport> {
    let story = lock(tx, id)?;
    check_version(if_match, story.version)?;
    let sources = Sources::of(tx.conn, std::slice::from_ref(&story))?;
    let marks = outgoing(&story, &sources).iter().map(|text| mark_of(&text.text)).collect();
    let by = tx.actor.id;
    text_checks::set(tx, id, &Checked { cleared: marks, confirmed_by: by, confirmed_at: Some(tx.now) })?;
    let report = report(tx.conn, id)?;
    let fields: Vec<&str> = report.quotes.iter().map(|quote| quote.field.as_str()).collect();
    tx.event("story.quotes_confirmed", id, Some(story.product_id), json!({ "fields": fields }));
    Ok(report)
}

/// Refuses a release whose name or notes quote a customer of one of its stories.
///
/// # Errors
/// 409 `quotes_customer`.
pub(in crate::usecase) fn check_release(conn: &mut Conn, release: &Release) -> Result<()> {
    let mut texts = vec![text("name", &release.name)];
    texts.extend(release.notes.as_deref().map(|notes| text("notes", notes)));
    for (language, said) in &release.texts {
        texts.extend(said.notes.as_deref().map(|notes| text(&format!("texts/{language}/notes"), notes)));
        texts.extend(said.reason.as_deref().map(|reason| text(&format!("texts/{language}/reason"), reason)));
    }
    let aboard: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let aboard = stories::rows::get_many(conn, &aboard)?;
    let found = risks(conn, &behind(&aboard), &texts)?;
    if found.is_empty() { Ok(()) } else { Err(refusal(&found, &[])) }
}

/// Whether the name of a release may be published: it neither quotes nor names a customer of its stories.
pub(in crate::usecase) fn name_may_leave(conn: &mut Conn, release: &Release) -> Result<bool> {
    let aboard: Vec<Id> = release.aboard().map(|row| row.story_id).collect();
    let aboard = stories::rows::get_many(conn, &aboard)?;
    Ok(risks(conn, &behind(&aboard), &[text("name", &release.name)])?.is_empty())
}

/// Whether the label of a theme may be published: it neither quotes nor names one of its customers.
pub(in crate::usecase) fn label_may_leave(conn: &mut Conn, theme: &ThemeRecord) -> Result<bool> {
    let label = Outgoing { drafted: !theme.label_set, ..text("label", &theme.label) };
    Ok(theme.label != ERASED && risks(conn, &[Behind::Theme(theme.id)], &[label])?.is_empty())
}

/// The source of the feedback that texts are checked against.
enum Behind<'a> {
    Story(&'a Story),
    Theme(Id),
}

fn behind(stories: &[Story]) -> Vec<Behind<'_>> {
    stories.iter().map(Behind::Story).collect()
}

/// Whether texts of a language model for a story quote one of its customers.
pub(in crate::usecase) fn quotes(conn: &mut Conn, story: &Story, words: &DraftWords) -> Result<bool> {
    let texts =
        [("title", &words.title), ("as_a", &words.as_a), ("i_want", &words.i_want), ("so_that", &words.so_that)];
    let mut texts: Vec<Outgoing> = texts.iter().map(|(field, said)| text(field, said)).collect();
    for said in words.texts.values() {
        texts.extend([&said.title, &said.entry].into_iter().flatten().map(|said| text("texts", said)));
    }
    Ok(!risks(conn, &[Behind::Story(story)], &texts)?.is_empty())
}

fn text(field: &str, text: &str) -> Outgoing {
    Outgoing { field: field.to_owned(), text: text.to_owned(), drafted: false }
}

/// What the texts of stories are made of, beside the stories.
struct Sources {
    /// The changelog entries by story.
    entries: HashMap<Id, Vec<String>>,
    /// The labels that people set for the themes of drafts, by theme.
    named: HashMap<Id, String>,
}

impl Sources {
    fn of(conn: &mut Conn, stories: &[Story]) -> Result<Self> {
        let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
        let themes: HashSet<Id> =
            stories.iter().filter(|story| is_draft(story)).flat_map(|story| story.theme_ids.iter().copied()).collect();
        let themes: Vec<Id> = themes.into_iter().collect();
        let themes = if themes.is_empty() { Vec::new() } else { themes::rows::rows(conn, &themes)? };
        let set = themes.into_iter().filter(|theme| theme.label_set);
        let named = set.map(|theme| (theme.id, theme.label)).collect();
        Ok(Self { entries: text_checks::entries_of(conn, &ids)?, named })
    }

    /// Whether the title is a label that a person set for the theme, and not a generated one.
    fn is_named_by_a_person(&self, story: &Story) -> bool {
        story.theme_ids.iter().any(|theme| self.named.get(theme) == Some(&story.title))
    }
}

/// Whether nobody has changed the built-in draft.
fn is_draft(story: &Story) -> bool {
    !story.edited && story.drafted_by == "builtin"
}

/// All texts of a story that may be published: its title and user story, its changelog entries, the reason of a
/// decline, each in every language.
fn outgoing(story: &Story, sources: &Sources) -> Vec<Outgoing> {
    let drafted = is_draft(story) && !sources.is_named_by_a_person(story);
    let of_draft = |field: &str, said: &str| Outgoing { drafted, ..text(field, said) };
    let mut texts = vec![
        of_draft("title", &story.title),
        of_draft("i_want", &story.i_want),
        of_draft("so_that", &story.so_that),
        text("as_a", &story.as_a),
    ];
    if story.stage == Stage::Declined {
        texts.extend(story.stage_reason.as_deref().map(|reason| text("stage_reason", reason)));
    }
    for (n, entry) in sources.entries.get(&story.id).into_iter().flatten().enumerate() {
        texts.push(text(&if n == 0 { "entry".to_owned() } else { format!("entry/{n}") }, entry));
    }
    for (language, said) in &story.texts {
        let field = |name: &str| format!("texts/{language}/{name}");
        texts.extend(said.title.as_deref().map(|said| text(&field("title"), said)));
        texts.extend(said.entry.as_deref().map(|said| text(&field("entry"), said)));
        texts.extend(said.reason.as_deref().map(|said| text(&field("reason"), said)));
    }
    for (n, line) in story.acceptance_criteria.iter().enumerate() {
        if line.feedback_ids.is_empty() {
            texts.push(text(&format!("acceptance_criteria/{n}"), &line.text));
        }
    }
    for (field, lines) in [("in_scope", &story.in_scope), ("out_of_scope", &story.out_of_scope)] {
        texts.extend(lines.iter().enumerate().map(|(n, line)| text(&format!("{field}/{n}"), line)));
    }
    // An erased text is never shown.
    texts.retain(|text| !text.text.trim().is_empty() && text.text != ERASED);
    texts
}

/// The risks in these texts: quotations of feedback from these sources, names of customers, and apparent personal data.
fn risks(conn: &mut Conn, behind: &[Behind<'_>], texts: &[Outgoing]) -> Result<Vec<QuoteRisk>> {
    let risk =
        |field: &str, words: String, reason| QuoteRisk { field: field.to_owned(), words, reason, confirmed: false };
    let mut found = Vec::new();
    let mut quoted = Quoted::new(texts.to_vec());
    let mut people: HashSet<Id> = HashSet::new();
    for source in behind {
        let mut after = None;
        loop {
            let page = match source {
                Behind::Story(story) => frozen_evidence::said_behind(conn, story, after, PAGE)?,
                Behind::Theme(theme) => frozen_evidence::said_in_theme(conn, *theme, after, PAGE)?,
            };
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for item in &page {
                quoted.hear(item.customer.unwrap_or(item.id).0, &item.words);
                people.extend(item.customer);
            }
        }
    }
    found.extend(quoted.at_risk().into_iter().map(|at| risk(&at.field, at.words, QuoteReason::WordsOfOneCustomer)));
    for text in texts.iter().filter(|text| is_personal(&text.text)) {
        found.push(risk(&text.field, text.text.clone(), QuoteReason::PersonalData));
    }
    let read: Vec<(&Outgoing, Naming)> = texts.iter().map(|text| (text, Naming::of(&text.text))).collect();
    for known in customer_names::named(conn)? {
        let is_behind = people.contains(&known.id);
        for (text, naming) in &read {
            let named = naming.names(known.name.as_deref(), known.email.as_deref(), is_behind);
            found.extend(named.map(|words| risk(&text.field, words, QuoteReason::Name)));
        }
    }
    // Several customers may have the same name.
    let mut seen = HashSet::new();
    found.retain(|risk| seen.insert((risk.field.clone(), risk.words.clone(), risk.reason)));
    Ok(found)
}

fn refusal(found: &[QuoteRisk], stories: &[&Story]) -> Error {
    let number = stories.first().map_or("The release", |story| story.number.as_str());
    let at: Vec<String> = found.iter().map(|risk| format!("{} ({})", risk.field, risk.words)).collect();
    let how = match stories.is_empty() {
        true => "Reword it.",
        false => "Reword it, or confirm it with POST /v1/stories/{id}/confirm_quotes.",
    };
    let fields = found.iter().map(|risk| {
        FieldError::new(
            format!("/{}", risk.field),
            risk.reason.as_str(),
            format!("still quotes a customer: {}", risk.words),
        )
    });
    let detail = format!("{number} still quotes a customer: {}. {how}", at.join("; "));
    Error { fields: fields.collect(), ..Error::new(Code::QuotesCustomer, detail) }
}
