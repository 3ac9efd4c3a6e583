//! What the page of a story shows, read in a bounded number of statements.

use std::collections::{BTreeSet, HashMap};

use crate::domain::base::{Event, Id, Paging};
use crate::domain::closure::ClosureState;
use crate::domain::feedback::Feedback;
use crate::domain::stories::stage::{Stage, reachable};
use crate::domain::stories::{Criterion, Fact, FactKind, Facts, Story};
use crate::domain::themes::Theme;
use crate::domain::words;
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::store::base::events;
use crate::store::closure::closures;
use crate::store::team::members;
use crate::store::{Conn, feedback, stories, themes};

/// Quotes shown of the evidence, and of each criterion.
const QUOTES: i64 = 8;
const OF_A_CRITERION: usize = 3;
/// The most facts of a kind.
const OF_A_KIND: usize = 6;
/// The newest entries of the history.
const HISTORY: i64 = 30;

/// A criterion with what customers said.
pub struct ShownCriterion {
    pub text: String,
    pub quotes: Vec<Feedback>,
}

/// A part of the bar of closures.
pub struct Slice {
    pub state: ClosureState,
    pub count: i64,
    /// Where it begins, and how wide it is, in tenths of a percent of the bar.
    pub from: i64,
    pub width: i64,
}

/// An entry of the history.
pub struct Entry {
    pub event: Event,
    /// The member who did it.
    pub by: Option<String>,
}

/// A story with all that its page shows.
pub struct StoryView {
    pub story: Story,
    pub owner: Option<String>,
    pub criteria: Vec<ShownCriterion>,
    pub quotes: Vec<Feedback>,
    /// The facts by kind, in the order of the kinds.
    pub facts: Vec<(FactKind, Vec<Fact>)>,
    pub themes: Vec<Theme>,
    pub closures: Vec<Slice>,
    pub history: Vec<Entry>,
}

/// Reads the page of a story.
///
/// # Errors
/// 404.
pub fn read(conn: &mut Conn, id: Id) -> Result<StoryView> {
    let story = stories::rows::get(conn, id)?;
    let cited: BTreeSet<Id> = story.acceptance_criteria.iter().flat_map(cited).collect();
    let found = feedback::rows::get_many(conn, &cited.into_iter().collect::<Vec<_>>())?;
    let said: HashMap<Id, Feedback> = found.into_iter().map(|feedback| (feedback.id, feedback)).collect();
    let paging = Paging::new(Some(QUOTES), None, String::new())?;
    let quotes = feedback::list::of_story(conn, id, &paging)?.data;
    let themes = themes::list::get_many(conn, &story.theme_ids)?;
    let closures = slices(closures::count_by_state(conn, id, story.round)?);
    let events = events::newest(conn, id, HISTORY)?;
    let people: Vec<Id> = events.iter().filter_map(|event| event.actor_id).chain(story.owner_id).collect();
    let names = members::names_of(conn, &people)?;
    let owner = story.owner_id.and_then(|owner| names.get(&owner).cloned());
    let by = |event: &Event| event.actor_id.and_then(|id| names.get(&id).cloned());
    let history = events.into_iter().map(|event| Entry { by: by(&event), event }).collect();
    let criteria = story.acceptance_criteria.iter().map(|criterion| shown(criterion, &said)).collect();
    let facts = by_kind(&story.facts);
    Ok(StoryView { story, owner, criteria, quotes, facts, themes, closures, history })
}

/// The facts by kind; of each kind those that most customers mentioned.
fn by_kind(facts: &Facts) -> Vec<(FactKind, Vec<Fact>)> {
    let of = |kind: FactKind| {
        let own = facts.items.iter().filter(|fact| fact.kind == kind).take(OF_A_KIND);
        (kind, own.cloned().collect::<Vec<Fact>>())
    };
    FactKind::ALL.iter().map(|kind| of(*kind)).filter(|(_, own)| !own.is_empty()).collect()
}

fn cited(criterion: &Criterion) -> impl Iterator<Item = Id> {
    criterion.feedback_ids.iter().copied().take(OF_A_CRITERION)
}

fn shown(criterion: &Criterion, said: &HashMap<Id, Feedback>) -> ShownCriterion {
    let quotes = cited(criterion).filter_map(|id| said.get(&id).cloned()).collect();
    ShownCriterion { text: criterion.text.clone(), quotes }
}

fn slices(counts: Vec<(ClosureState, i64)>) -> Vec<Slice> {
    let all: i64 = counts.iter().map(|(_, count)| count).sum();
    let mut from = 0;
    let mut counts = counts;
    counts.sort();
    let slice = |(state, count): (ClosureState, i64)| {
        let width = count * 1000 / all.max(1);
        from += width;
        Slice { state, count, from: from - width, width }
    };
    counts.into_iter().map(slice).collect()
}

impl StoryView {
    /// The stages that the member may move it to, without declining and marking it as a duplicate.
    pub fn moves(&self) -> Vec<Stage> {
        reachable(self.story.stage).into_iter().filter(|stage| *stage != Stage::Declined).collect()
    }

    /// Its titles in other languages than its own, with their codes.
    pub fn other_titles(&self) -> Vec<(&str, &str)> {
        let titles =
            self.story.texts.iter().filter_map(|(language, text)| Some((language.as_str(), text.title.as_deref()?)));
        titles.filter(|(_, title)| *title != self.story.title).collect()
    }

    /// What is in its scope and what may come later: the name of the section, its heading and its lines; without empty
    /// ones.
    pub fn scopes(&self, words: &Words) -> Vec<(&'static str, String, &[String])> {
        let sections = [
            ("in-scope", words.in_scope(), self.story.in_scope.as_slice()),
            ("out-of-scope", words.out_of_scope(), self.story.out_of_scope.as_slice()),
        ];
        sections.into_iter().filter(|(_, _, lines)| !lines.is_empty()).collect()
    }

    /// Whether it can be declined now.
    pub fn can_decline(&self) -> bool {
        reachable(self.story.stage).contains(&Stage::Declined)
    }
}

impl Entry {
    /// What happened, in words.
    pub fn say(&self, number: &str, t: &Words) -> String {
        let data = self.event.data.as_object();
        let mut gaps: Vec<(&str, String)> = vec![("subject", number.to_owned())];
        for (name, value) in data.into_iter().flatten() {
            let text = value.as_str().map(|word| words::value(t.0, word)).unwrap_or_else(|| value.to_string());
            gaps.push((name, text));
        }
        words::event(t.0, &self.event.kind, &gaps).unwrap_or_else(|| self.event.kind.clone())
    }

    /// The fields that changed, for an edit.
    pub fn fields(&self) -> String {
        let fields = self.event.data["fields"].as_array().into_iter().flatten();
        fields.filter_map(|field| field.as_str()).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slices_of_a_bar_follow_each_other() {
        let bar = slices(vec![(ClosureState::Confirmed, 1), (ClosureState::Waiting, 3)]);
        let shown: Vec<(ClosureState, i64, i64)> = bar.iter().map(|s| (s.state, s.from, s.width)).collect();
        assert_eq!(shown, [(ClosureState::Waiting, 0, 750), (ClosureState::Confirmed, 750, 250)]);
        assert!(slices(Vec::new()).is_empty());
    }
}
