//! Asks a language model to reword drafts that nobody has edited. The built-in draft exists first, and stays if the
//! answer fails the check. The model gets redacted quotes, has no tools, and changes only the wording.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::json;

use crate::domain::base::{Actor, Id, Time};
use crate::domain::feedback::{ERASED, FeedbackRecord};
use crate::domain::privacy::redact::redact;
use crate::domain::stories::llm_draft::{GivenQuote, INSTRUCTION, Material, checked};
use crate::domain::stories::{DraftWords, Story};
use crate::error::Result;
use crate::jobs::base::leased::{Held, Leased};
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::meter;
use crate::outside::models::breaker::Breaker;
use crate::outside::models::chat::Chat;
use crate::outside::models::embeddings::Failure;
use crate::store::stories::{evidence, llm_drafts};
use crate::store::{Conn, Store, Tx, feedback, stories};
use crate::usecase::stories::drafts::{self, Asked};

/// How often it looks for work when nothing is committed here.
const POLL: Duration = Duration::from_secs(2);
/// The window of the rate limit.
const HOUR: i64 = 3_600 * Time::SECOND;
/// Characters of a quote that the model gets.
const QUOTE: usize = 600;

/// The job; a step asks for one draft.
pub struct LlmDrafting {
    store: Store,
    chat: Chat,
    per_hour: usize,
    /// The times of the requests in the last hour.
    asked: Option<VecDeque<Time>>,
    breaker: Breaker,
    held: Held,
}

impl LlmDrafting {
    /// A job that sends at most `per_hour` requests an hour.
    pub fn new(store: Store, chat: Chat, per_hour: usize) -> Self {
        let held = Held::new(store.clone(), "llm");
        Self { store, chat, per_hour, asked: None, breaker: Breaker::default(), held }
    }

    /// Writes the answer's texts, or nothing where there are none, and counts the outcome.
    fn note(&self, asked: Asked, words: Option<DraftWords>, outcome: &'static str) -> Result<()> {
        let by = format!("llm:{}", self.chat.model());
        let take = move |tx: &mut Tx<'_>| drafts::take_llm_draft(tx, &asked, words.clone(), &by, outcome);
        meter::llm_draft(self.store.write_now(Actor::ENGINE, take)?);
        Ok(())
    }

    fn has_budget(&mut self, now: Time) -> Result<bool> {
        let since = now.plus(-HOUR);
        let times = match self.asked.take() {
            Some(times) => times,
            // Restore the times from the database, so that a restart does not reset the limit.
            None => self.store.read_now(|conn| llm_drafts::asked_between(conn, since, now))?.into(),
        };
        let times = self.asked.insert(times);
        // A time in the future was recorded while the clock was ahead.
        times.retain(|at| (since..=now).contains(at));
        Ok(times.len() < self.per_hour)
    }

    /// Asks for one draft if one is due and the limits allow a request now.
    pub fn step(&mut self) -> Result<bool> {
        let now = self.store.clock.now();
        if !self.breaker.allows(now) || !self.has_budget(now)? {
            return Ok(false);
        }
        let Some(id) = self.store.read_now(|conn| llm_drafts::due(conn, 1))?.pop() else { return Ok(false) };
        if self.held.lease()?.is_none() {
            return Ok(false);
        }
        let (story, material) = self.store.read_now(|conn| read(conn, id))?;
        let asked = Asked { story: id, themes: story.theme_ids.clone(), feedback: story.feedback_count };
        if material.quotes.is_empty() || !story.follows_theme() {
            self.note(asked, None, "overtaken")?;
            return Ok(true);
        }
        if let Some(times) = &mut self.asked {
            times.push_back(now);
        }
        match self.chat.ask(INSTRUCTION, &data_of(&material)) {
            Ok(answer) => {
                self.breaker.succeeded();
                self.take(&story, asked, &answer, &material)?;
                Ok(true)
            }
            Err(Failure::Refused(said)) => {
                tracing::warn!(story = story.number, said, "the language model refuses to write a draft");
                self.note(asked, None, "refused")?;
                Ok(true)
            }
            Err(Failure::Away { said, after }) => {
                self.breaker.failed(now, after);
                meter::llm_draft("away");
                tracing::warn!(error = said, state = self.breaker.state(), "the language model does not answer");
                Ok(false)
            }
        }
    }

    /// Takes what is good in an answer. The log says why the rest was left out, without any of the answer's words.
    fn take(&self, story: &Story, asked: Asked, answer: &str, material: &Material) -> Result<()> {
        match checked(answer, material) {
            Ok(draft) => {
                for why in &draft.left_out {
                    tracing::warn!(story = story.number, why, "a part of the language model's draft is left out");
                }
                let outcome = if draft.left_out.is_empty() { "taken" } else { "taken_in_part" };
                self.note(asked, Some(draft.words), outcome)
            }
            Err(why) => {
                tracing::warn!(story = story.number, why, "the draft of the language model is refused");
                self.note(asked, None, "refused")
            }
        }
    }
}

impl Job for LlmDrafting {
    fn name(&self) -> &'static str {
        self.held.name()
    }

    fn wakes(&self) -> Wakes {
        Wakes::on_commit(POLL)
    }

    fn held(&mut self) -> Option<&mut dyn Leased> {
        Some(&mut self.held)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        self.step().map(Step::more_if)
    }
}

/// The data of a request: numbered quotes, and the languages of further texts.
fn data_of(material: &Material) -> String {
    let quotes = material.quotes.iter().enumerate();
    let numbered: Vec<_> = quotes.map(|(n, quote)| json!({ "number": n + 1, "text": quote.text })).collect();
    json!({ "quotes": numbered, "languages": material.further }).to_string()
}

/// The story, and the redacted quotes of its themes with their languages.
fn read(conn: &mut Conn, id: Id) -> Result<(Story, Material)> {
    let story = stories::rows::get(conn, id)?;
    let themes = evidence::of_themes(conn, &story.theme_ids)?;
    let ids: Vec<Id> = themes.into_iter().flat_map(|theme| theme.quotes).collect();
    let mut rows = feedback::rows::rows(conn, &ids)?;
    rows.retain(|row| row.text != ERASED);
    let quote = |row: &FeedbackRecord| {
        let text = redact(&row.own_words()).chars().take(QUOTE).collect();
        GivenQuote { id: row.id, by: row.customer_id.unwrap_or(row.id), text }
    };
    let quotes = rows.iter().map(quote).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for language in rows.iter().filter_map(|row| row.language.clone()) {
        *counts.entry(language).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or_default();
    let (spoken, fewer): (Vec<_>, Vec<_>) = counts.into_iter().partition(|(_, count)| *count == most);
    let mut spoken: Vec<String> = spoken.into_iter().map(|(language, _)| language).collect();
    // Of languages with equally many quotes the model chooses one; the others are asked for too.
    let mut further: Vec<String> = fewer.into_iter().map(|(language, _)| language).collect();
    if spoken.len() > 1 {
        further.extend(spoken.iter().cloned());
    }
    spoken.sort_unstable();
    Ok((story, Material { quotes, spoken, further }))
}
