//! Asks a language model to reword drafts that nobody has edited. The built-in draft exists first, and stays if the
//! answer fails the check. The model gets redacted quotes, has no tools, and changes only the wording.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::json;

use crate::domain::base::{Actor, Id, Time};
use crate::domain::feedback::{ERASED, FeedbackRecord};
use crate::domain::privacy::redact::redact;
use crate::domain::stories::Story;
use crate::domain::stories::llm_draft::{INSTRUCTION, checked};
use crate::error::Result;
use crate::jobs::base::leased::Held;
use crate::jobs::base::scheduler::{Job, Step, Wakes};
use crate::outside::models::breaker::Breaker;
use crate::outside::models::chat::Chat;
use crate::outside::models::embeddings::Failure;
use crate::store::stories::{evidence, llm_drafts};
use crate::store::{Conn, Store, feedback, stories};
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

    fn note(
        &self,
        asked: Asked,
        words: Option<crate::domain::stories::DraftWords>,
        outcome: &'static str,
    ) -> Result<()> {
        let by = format!("llm:{}", self.chat.model());
        self.store.write_now(Actor::ENGINE, move |tx| drafts::take_llm_draft(tx, &asked, words.clone(), &by, outcome))
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
        let (story, quotes, languages) = self.store.read_now(|conn| read(conn, id))?;
        let asked = Asked { story: id, themes: story.theme_ids.clone(), feedback: story.feedback_count };
        if quotes.is_empty() || !story.follows_theme() {
            self.note(asked, None, "overtaken")?;
            return Ok(true);
        }
        if let Some(times) = &mut self.asked {
            times.push_back(now);
        }
        let numbered: Vec<_> =
            quotes.iter().enumerate().map(|(n, (_, text))| json!({ "number": n + 1, "text": text })).collect();
        match self.chat.ask(INSTRUCTION, &json!({ "quotes": numbered, "languages": languages }).to_string()) {
            Ok(answer) => {
                self.breaker.succeeded();
                let ids: Vec<Id> = quotes.into_iter().map(|(id, _)| id).collect();
                match checked(&answer, &ids) {
                    Ok(words) => self.note(asked, Some(words), "taken")?,
                    Err(why) => {
                        tracing::warn!(story = story.number, why, "the draft of the language model is refused");
                        self.note(asked, None, "refused")?;
                    }
                }
                Ok(true)
            }
            Err(Failure::Refused(said)) => {
                tracing::warn!(story = story.number, said, "the language model refuses to write a draft");
                self.note(asked, None, "refused")?;
                Ok(true)
            }
            Err(Failure::Away { said, after }) => {
                self.breaker.failed(now, after);
                tracing::warn!(error = said, state = self.breaker.state(), "the language model does not answer");
                Ok(false)
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

    fn held(&mut self) -> Option<&mut Held> {
        Some(&mut self.held)
    }

    fn work(&mut self, _: &dyn Fn() -> bool) -> Result<Step> {
        self.step().map(Step::more_if)
    }
}

/// A story, redacted quotes, and languages.
type Material = (Story, Vec<(Id, String)>, Vec<String>);

/// The story, the redacted quotes of its themes, and the languages of the quotes other than the most frequent one.
fn read(conn: &mut Conn, id: Id) -> Result<Material> {
    let story = stories::rows::get(conn, id)?;
    let themes = evidence::of_themes(conn, &story.theme_ids)?;
    let ids: Vec<Id> = themes.into_iter().flat_map(|theme| theme.quotes).collect();
    let rows = feedback::rows::rows(conn, &ids)?;
    let quote = |row: &FeedbackRecord| {
        let text: String = redact(&row.own_words()).chars().take(QUOTE).collect();
        (row.id, text)
    };
    let quotes = rows.iter().filter(|row| row.text != ERASED).map(quote).collect();
    let mut spoken: BTreeMap<String, usize> = BTreeMap::new();
    for language in rows.iter().filter_map(|row| row.language.clone()) {
        *spoken.entry(language).or_default() += 1;
    }
    let most = spoken.iter().max_by_key(|(_, count)| **count).map(|(language, _)| language.clone());
    let further = spoken.into_keys().filter(|language| Some(language) != most.as_ref()).collect();
    Ok((story, quotes, further))
}
