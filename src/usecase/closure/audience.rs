//! The audience of a story: everyone behind it, who of them is told, how, and who is not and why.
//!
//! A preview and the round itself are made of the same audience, so that what was shown is what happens.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::base::{Id, Page, Time};
use crate::domain::closure::{
    Channel, ClosureKind, ClosureState, LeftOut, NotMailed, NotTold, StoryFeedback, TellChoice, TellChosen,
};
use crate::domain::feedback::{Feedback, Kind};
use crate::domain::stories::Story;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::closure::closures::{self, ClosureRow};
use crate::store::closure::tell_choices;
use crate::store::feedback::customers::{self, CustomerRow};
use crate::store::stories::frozen_evidence::{self, Current};
use crate::store::stories::late_evidence;
use crate::store::team::members;
use crate::store::themes::strays;

/// Everyone behind a story.
pub struct Audience {
    /// Its present feedback, latest first, each with why it asks for no answer.
    pub evidence: Vec<Judged>,
    /// In the order of their ids.
    pub people: Vec<Person>,
}

/// A customer behind a story.
pub struct Person {
    pub customer: CustomerRow,
    pub outcome: std::result::Result<Way, NotTold>,
    /// What somebody decided about them.
    pub choice: Option<TellChosen>,
    /// Their present feedback, what asks for an answer first, then latest first.
    pub said: Vec<Id>,
    /// The language of the first of these, where it is known.
    pub language: Option<String>,
}

/// How a customer is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    pub channel: Channel,
    /// Why not by mail.
    pub why_not_mailed: Option<NotMailed>,
    /// Whose to-do it is, or becomes where neither mail nor desk tells them.
    pub assignee: Option<Id>,
}

/// A feedback, and why it asks for no answer.
type Judged = (Current, Option<LeftOut>);

/// What is known of a customer of a story.
#[derive(Default)]
struct Known<'a> {
    items: Vec<&'a Judged>,
    /// Their closures of earlier rounds.
    earlier: Vec<&'a ClosureRow>,
}

/// What all stories of one reading share.
struct Shared {
    /// What is far from its theme, by story.
    far: HashSet<(Id, Id)>,
    choices: HashMap<(Id, Id), TellChosen>,
    customers: HashMap<Id, CustomerRow>,
    /// The origins that desks own, by product.
    desks: HashMap<Id, HashSet<String>>,
    /// Those who work here.
    active: HashSet<Id>,
}

/// The audiences of these stories, were this told of them now; in the order asked for. A bounded number of queries,
/// however many stories and customers there are.
pub fn of(conn: &mut Conn, stories: &[Story], kind: ClosureKind) -> Result<Vec<Audience>> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let present = frozen_evidence::current(conn, &ids)?;
    behind(conn, stories, present, kind)
}

/// The audience of a story's present round: everyone behind what is frozen as its evidence, what came later included.
pub fn of_round(conn: &mut Conn, story: &Story, kind: ClosureKind) -> Result<Audience> {
    let frozen = late_evidence::of_round(conn, story)?;
    let found = behind(conn, std::slice::from_ref(story), frozen, kind)?.pop();
    found.ok_or_else(|| Error::internal("a story without an audience"))
}

/// The audiences of these stories by this evidence of theirs.
fn behind(conn: &mut Conn, stories: &[Story], evidence: Vec<Current>, kind: ClosureKind) -> Result<Vec<Audience>> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let far = strays::of_stories(conn, &ids)?;
    let mut current: BTreeMap<Id, Vec<Current>> = BTreeMap::new();
    for item in evidence {
        current.entry(item.story_id.into()).or_default().push(item);
    }
    let mut earlier: HashMap<Id, Vec<ClosureRow>> = HashMap::new();
    for row in closures::of_stories(conn, &ids)? {
        earlier.entry(row.story_id.into()).or_default().push(row);
    }
    let named = current.values().flatten().filter_map(|item| item.customer_id);
    let named = named.chain(earlier.values().flatten().map(|row| row.customer_id)).map(Id::from);
    let shared = Shared {
        far,
        choices: tell_choices::of_stories(conn, &ids)?,
        customers: persons(conn, named.collect())?,
        desks: desks(conn, stories)?,
        active: members::active(conn)?,
    };
    let audience = |story: &Story| {
        let own = current.get(&story.id).cloned().unwrap_or_default();
        let earlier = earlier.get(&story.id).map(Vec::as_slice).unwrap_or_default();
        shared.audience(story, own, earlier, kind)
    };
    Ok(stories.iter().map(audience).collect())
}

/// These customers, and those they were merged into.
fn persons(conn: &mut Conn, ids: BTreeSet<Id>) -> Result<HashMap<Id, CustomerRow>> {
    let found = customers::by_id(conn, &ids.iter().copied().collect::<Vec<_>>())?;
    let merged: BTreeSet<Id> = found.iter().filter_map(|row| row.merged_into.map(Id::from)).collect();
    let missing: Vec<Id> = merged.into_iter().filter(|id| !ids.contains(id)).collect();
    let merged = customers::by_id(conn, &missing)?;
    Ok(found.into_iter().chain(merged).map(|row| (row.id.into(), row)).collect())
}

fn desks(conn: &mut Conn, stories: &[Story]) -> Result<HashMap<Id, HashSet<String>>> {
    let products: BTreeSet<Id> = stories.iter().map(|story| story.product_id).collect();
    let origins = |product| {
        let desks = closures::desks(conn, product)?;
        Ok((product, desks.into_iter().map(|(_, origin)| origin).collect()))
    };
    products.into_iter().map(origins).collect()
}

impl Shared {
    fn audience(&self, story: &Story, own: Vec<Current>, earlier: &[ClosureRow], kind: ClosureKind) -> Audience {
        let judged = |item: Current| {
            let included =
                item.customer_id.and_then(|id| self.choice(story.id, id.into())) == Some(TellChoice::Include);
            let left_out = item.left_out(&self.far).filter(|_| !included);
            (item, left_out)
        };
        let evidence: Vec<Judged> = own.into_iter().map(judged).collect();
        let mut known: BTreeMap<Id, Known<'_>> = BTreeMap::new();
        for item in &evidence {
            if let Some(id) = item.0.customer_id {
                known.entry(self.person(id.into())).or_default().items.push(item);
            }
        }
        for row in earlier {
            known.entry(self.person(row.customer_id.into())).or_default().earlier.push(row);
        }
        let people =
            known.into_iter().filter_map(|(id, known)| self.judge(story, self.customers.get(&id)?, &known, kind));
        let people = people.collect();
        Audience { evidence, people }
    }

    /// Who a customer is now: feedback follows a merge by itself; a closure may still name the one merged away.
    fn person(&self, id: Id) -> Id {
        self.customers.get(&id).and_then(|row| row.merged_into).map_or(id, Id::from)
    }

    fn choice(&self, story: Id, customer: Id) -> Option<TellChoice> {
        self.choices.get(&(story, customer)).map(|chosen| chosen.choice)
    }

    fn judge(&self, story: &Story, customer: &CustomerRow, known: &Known<'_>, kind: ClosureKind) -> Option<Person> {
        // Of a roll-back only those hear who heard of the release.
        let concerned = match kind {
            ClosureKind::RollBack => known.heard_of(story.roll_back_to_tell.unwrap_or(story.round)),
            ClosureKind::Release | ClosureKind::Decline => true,
        };
        let (asking, rest): (Vec<&Judged>, Vec<&Judged>) = known.items.iter().partition(|item| item.1.is_none());
        let latest = asking.first().or(rest.first()).and_then(|item| item.0.language.as_deref());
        let person = Person {
            customer: customer.clone(),
            outcome: self.outcome(story, customer, known, kind),
            choice: self.choices.get(&(story.id, customer.id.into())).cloned(),
            said: asking.iter().chain(&rest).map(|item| item.0.feedback_id.into()).collect(),
            language: latest.map(str::to_owned),
        };
        concerned.then_some(person)
    }

    fn outcome(
        &self,
        story: &Story,
        customer: &CustomerRow,
        known: &Known<'_>,
        kind: ClosureKind,
    ) -> std::result::Result<Way, NotTold> {
        if customer.erased_at.is_some() {
            return Err(NotTold::Erased);
        }
        if self.choice(story.id, customer.id.into()) == Some(TellChoice::LeaveOut) {
            return Err(NotTold::TakenOut);
        }
        let asks = known.items.iter().any(|item| item.1.is_none());
        let was_told = known.earlier.iter().any(|row| row.told_at.is_some());
        if let Some(why) = known.items.iter().find_map(|item| item.1).filter(|_| !asks && !was_told) {
            return Err(why.into());
        }
        if kind == ClosureKind::Release && !known.asks_again() {
            return Err(NotTold::AlreadyTold);
        }
        Ok(self.way(story, customer, known))
    }

    /// The desk first: who has a ticket there expects the answer there, also where a mail address is known.
    fn way(&self, story: &Story, customer: &CustomerRow, known: &Known<'_>) -> Way {
        let desks = self.desks.get(&story.product_id);
        let asking = || known.items.iter().filter(|item| item.1.is_none());
        let filed_by = asking().filter_map(|item| item.0.submitted_by.map(Id::from));
        let assignee = filed_by.chain(story.owner_id).find(|id| self.active.contains(id));
        if asking().any(|item| desks.is_some_and(|desks| desks.contains(&item.0.origin))) {
            return Way { channel: Channel::Desk, why_not_mailed: Some(NotMailed::Desk), assignee };
        }
        let Some(why) = not_mailed(customer) else {
            return Way { channel: Channel::Email, why_not_mailed: None, assignee };
        };
        Way { channel: Channel::Agent, why_not_mailed: Some(why), assignee }
    }
}

impl Known<'_> {
    /// Whether they were told in this round.
    fn heard_of(&self, round: i32) -> bool {
        self.earlier.iter().any(|row| row.round == round && row.told_at.is_some())
    }

    /// Whether a release is news to them: unless they confirmed one, said nothing since, and it was not taken back since.
    fn asks_again(&self) -> bool {
        let confirmed = |row: &&&ClosureRow| {
            row.kind == ClosureKind::Release.as_str() && row.state == ClosureState::Confirmed.as_str()
        };
        let Some(last) = self.earlier.iter().filter(confirmed).max_by_key(|row| row.round) else { return true };
        let at = last.answered_at.map(Time::from).unwrap_or_default();
        let said_since = self.items.iter().any(|item| item.1.is_none() && Time::from(item.0.occurred_at) > at);
        let taken_back = self
            .earlier
            .iter()
            .any(|row| row.round > last.round && row.kind == ClosureKind::RollBack.as_str() && row.told_at.is_some());
        said_since || taken_back
    }
}

/// Feedback of a story, each with why it asks for no answer.
pub fn judged(conn: &mut Conn, story: Id, page: Page<Feedback>) -> Result<Page<StoryFeedback>> {
    let far = strays::of_stories(conn, &[story])?;
    Ok(page.map(|feedback| {
        let is_far = far.contains(&(story, feedback.id));
        let left_out = frozen_evidence::left_out(feedback.kind.map(Kind::as_str), feedback.set_aside.is_some(), is_far);
        StoryFeedback { feedback, probably_not_about_this: is_far, left_out }
    }))
}

/// Why a customer can't be mailed, where they can't.
pub fn not_mailed(customer: &CustomerRow) -> Option<NotMailed> {
    if customer.email.is_none() || customer.erased_at.is_some() {
        return Some(NotMailed::NoAddress);
    }
    if customer.unsubscribed_at.is_some() {
        return Some(NotMailed::Unsubscribed);
    }
    customer.bounced_at.map(|_| NotMailed::Bounced)
}
