//! Facts of stories: those that the engine reads in the texts, and those that the program knows of the customers.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::base::{Id, Time};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Fact, FactKind, Facts};
use crate::engine;
use crate::error::Result;
use crate::store::stories::facts as stored;
use crate::store::{Tx, stories};
use crate::usecase::themes::wording::Heard;

/// The most facts of each kind.
const EACH: usize = 6;

/// The facts of a theme; `seen` are the times of its oldest and newest feedback, as far as they are known.
pub fn facts_of(read: Vec<engine::Fact>, heard: &[Heard], seen: (Option<Time>, Option<Time>)) -> Facts {
    let times = heard.iter().map(|heard| heard.occurred_at);
    let mut items = known(heard);
    items.extend(read.into_iter().map(|fact| Fact {
        kind: fact.kind,
        text: fact.text,
        customers: i32::try_from(fact.customers).unwrap_or(i32::MAX),
        feedback_ids: fact.feedback_ids.into_iter().map(Id).collect(),
    }));
    items.sort_by_key(|fact| fact.kind);
    Facts { first_seen: times.clone().chain(seen.0).min(), last_seen: times.chain(seen.1).max(), items }.fitted()
}

/// The customers who mentioned something, and the feedback.
type Mentions = (BTreeSet<Id>, Vec<Id>);

/// The segments, accounts and languages of the customers, those of most customers first.
fn known(heard: &[Heard]) -> Vec<Fact> {
    let mut counted: BTreeMap<(FactKind, &str), Mentions> = BTreeMap::new();
    for heard in heard {
        let (id, by) = heard.ids();
        let belonging = heard.belonging.as_ref();
        let values = [
            (FactKind::Segment, belonging.and_then(|belonging| belonging.segment.as_deref())),
            (FactKind::Account, belonging.map(|belonging| belonging.account.as_str())),
            (FactKind::Language, heard.language.as_deref()),
        ];
        for (kind, value) in values.into_iter().filter_map(|(kind, value)| Some((kind, value?))) {
            let (people, ids) = counted.entry((kind, value)).or_default();
            people.insert(by);
            ids.push(id);
        }
    }
    let fact = |((kind, text), (by, feedback_ids)): ((FactKind, &str), Mentions)| Fact {
        kind,
        text: text.to_owned(),
        customers: i32::try_from(by.len()).unwrap_or(i32::MAX),
        feedback_ids,
    };
    let mut facts: Vec<Fact> = counted.into_iter().map(fact).collect();
    facts.sort_by_key(|fact| (fact.kind, std::cmp::Reverse(fact.customers)));
    let mut of_kind: BTreeMap<FactKind, usize> = BTreeMap::new();
    facts.retain(|fact| {
        let count = of_kind.entry(fact.kind).or_default();
        *count += 1;
        *count <= EACH
    });
    facts
}

/// Stores the facts of a theme with its unreleased stories that have no other theme, also those whose texts a person
/// edited: facts are evidence, not text of the team.
pub(super) fn update(tx: &mut Tx<'_>, theme: Id, facts: &Facts) -> Result<()> {
    let ids = stories::rows::of_themes(tx.conn, &[theme])?.remove(&theme).unwrap_or_default();
    for story in stories::rows::get_many(tx.conn, &ids)? {
        if story.theme_ids == [theme] && story.stage < Stage::Released && story.facts != *facts {
            stored::set(tx, story.id, facts)?;
        }
    }
    Ok(())
}
