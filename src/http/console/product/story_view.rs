//! What the page of a story shows, read in a bounded number of statements.

use std::collections::{BTreeSet, HashMap};

use crate::domain::base::{Event, Id, Paging};
use crate::domain::closure::{ClosureState, StoryRef};
use crate::domain::feedback::{Feedback, State};
use crate::domain::stories::stage::{Stage, reachable};
use crate::domain::stories::{Criterion, Fact, FactKind, Facts, GateItem, Link, Story, Trial};
use crate::domain::team::Member;
use crate::domain::themes::Theme;
use crate::domain::words;
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::store::base::events;
use crate::store::closure::closures;
use crate::store::team::{members, products};
use crate::store::{Conn, feedback, releases, stories, themes};
use crate::usecase::stories::gates;

/// Quotes shown of the evidence, and of each criterion.
const QUOTES: i64 = 8;
const OF_A_CRITERION: usize = 3;
/// The most facts of a kind.
const OF_A_KIND: usize = 6;
/// The most links, trials, releases and members.
const LINKS: i64 = 50;
const TRIALS: i64 = 20;
const RELEASES: i64 = 20;
const MEMBERS: i64 = 200;
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
    /// The slice's start and width, in tenths of a percent of the bar.
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
    pub links: Vec<Link>,
    pub trials: Vec<Trial>,
    pub gates: Vec<GateItem>,
    /// The release that it is in and that is not shipped yet: id and name.
    pub aboard: Option<(Id, String)>,
    /// Releases that it can be put into.
    pub releases: Vec<(Id, String)>,
    /// Members who can own it.
    pub members: Vec<Member>,
    /// The names of members in its history, gates and trials.
    pub names: HashMap<Id, String>,
    /// The story that it seems to duplicate.
    pub original: Option<StoryRef>,
    /// Whether the product has a tracker where an issue can be made.
    pub has_tracker: bool,
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
    let all = |limit| Paging::new(Some(limit), None, String::new());
    let links = stories::links::of_story(conn, id, None, &all(LINKS)?)?.data;
    let trials = stories::trials::of_story(conn, id, &all(TRIALS)?)?.data;
    let product = products::get(conn, story.product_id)?;
    let gates = gates::of(conn, &story, &product)?;
    let signers = gates.iter().filter_map(|gate| gate.member_id);
    let recorders = trials.iter().filter_map(|trial| trial.recorded_by);
    let people = events.iter().filter_map(|event| event.actor_id).chain(story.owner_id);
    let people: Vec<Id> = people.chain(signers).chain(recorders).collect();
    let names = members::names_of(conn, &people)?;
    let owner = story.owner_id.and_then(|owner| names.get(&owner).cloned());
    let by = |event: &Event| event.actor_id.and_then(|id| names.get(&id).cloned());
    let history = events.into_iter().map(|event| Entry { by: by(&event), event }).collect();
    let criteria = story.acceptance_criteria.iter().map(|criterion| shown(criterion, &said)).collect();
    let facts = by_kind(&story.facts);
    let aboard = releases::rows::open_of(conn, &[id])?.into_iter().next().map(|(_, release, name)| (release, name));
    let open = releases::rows::open_names(conn, story.product_id, RELEASES)?;
    let members = members::list(conn, None, Some(true), &all(MEMBERS)?)?.data;
    let original = match story.proposed_duplicate_of {
        Some(other) => closures::mentions(conn, &[other])?.remove(&other),
        None => None,
    };
    let has_tracker = product.settings.tracker.is_some();
    Ok(StoryView {
        story,
        owner,
        criteria,
        quotes,
        facts,
        themes,
        closures,
        history,
        links,
        trials,
        gates,
        aboard,
        releases: open,
        members,
        names,
        original,
        has_tracker,
    })
}

/// The facts by kind; of each kind those that most customers mentioned.
fn by_kind(facts: &Facts) -> Vec<(FactKind, Vec<Fact>)> {
    let of = |kind: FactKind| {
        let own = facts.items.iter().filter(|fact| fact.kind == kind).take(OF_A_KIND);
        (kind, own.cloned().collect::<Vec<Fact>>())
    };
    FactKind::ALL.iter().map(|kind| of(*kind)).filter(|(_, own)| !own.is_empty()).collect()
}

/// The feedback of which a criterion shows something: first that whose words people chose or that the draft quotes.
fn cited(criterion: &Criterion) -> impl Iterator<Item = Id> {
    let quoted = criterion.quotes.iter().map(|quote| quote.feedback_id);
    quoted.chain(criterion.feedback_ids.iter().copied().take(OF_A_CRITERION))
}

/// A criterion with its quotes, and with some of the other feedback that it cites.
fn shown(criterion: &Criterion, said: &HashMap<Id, Feedback>) -> ShownCriterion {
    let words = criterion.quotes.iter().filter_map(|quote| {
        let said = said.get(&quote.feedback_id).filter(|said| said.state != State::Dismissed)?;
        Some(Feedback { text: quote.text.clone(), ..said.clone() })
    });
    let mut quotes: Vec<Feedback> = words.collect();
    let others = criterion.feedback_ids.iter().take(OF_A_CRITERION).filter_map(|id| said.get(id));
    for other in others {
        if quotes.len() < OF_A_CRITERION && !quotes.iter().any(|quote| quote.id == other.id) {
            quotes.push(other.clone());
        }
    }
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
    /// The stages that the member may move it to, without declining and marking it as a duplicate: the next ones first,
    /// then the earlier ones.
    pub fn moves(&self) -> Vec<Stage> {
        let mut moves = reachable(self.story.stage);
        moves.retain(|stage| *stage != Stage::Declined);
        moves.sort_by_key(|stage| (*stage < self.story.stage, *stage));
        moves
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

    /// The name of a member.
    pub fn name(&self, id: &Option<Id>) -> Option<&str> {
        id.and_then(|id| self.names.get(&id)).map(String::as_str)
    }

    /// How many customers still wait to be told.
    pub fn waiting(&self) -> i64 {
        self.closures.iter().filter(|slice| slice.state == ClosureState::Waiting).map(|slice| slice.count).sum()
    }

    /// How many customers are told, or will be.
    pub fn told(&self) -> i64 {
        self.closures.iter().map(|slice| slice.count).sum()
    }

    /// Whether it can be put into a release now.
    pub fn can_board(&self) -> bool {
        self.aboard.is_none() && !self.releases.is_empty() && self.story.stage.in_development()
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
