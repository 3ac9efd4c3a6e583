//! The audience of a story: its customers; which of them are told and how; which are not, and why.
//!
//! The preview and the round use the same audience, so the round does what the preview showed.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::domain::base::{Id, Page};
use crate::domain::closure::{
    Channel, ClosureKind, ClosureRecord, ClosureState, LeftOut, NotMailed, NotTold, StoryFeedback, TellChoice,
    TellChosen,
};
use crate::domain::feedback::{CustomerRecord, Feedback};
use crate::domain::privacy::consent::ContactPurpose;
use crate::domain::stories::Story;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::closure::closures;
use crate::store::closure::tell_choices;
use crate::store::feedback::customers;
use crate::store::privacy::consents;
use crate::store::stories::frozen_evidence::{self, Current};
use crate::store::stories::late_evidence;
use crate::store::team::members;
use crate::store::themes::strays;

/// The audience of a story.
pub struct Audience {
    /// Its current feedback, latest first, each with the reason why it asks for no answer, if any.
    pub evidence: Vec<JudgedFeedback>,
    /// The customers, in the order of their ids.
    pub people: Vec<Person>,
}

/// A customer with feedback for a story.
pub struct Person {
    pub customer: CustomerRecord,
    pub outcome: std::result::Result<Way, NotTold>,
    /// The decision of a member about them, if any.
    pub choice: Option<TellChosen>,
    /// Their current feedback: first the feedback that asks for an answer, then latest first.
    pub said: Vec<Id>,
    /// The language of the first feedback, if known.
    pub language: Option<String>,
}

/// How a customer is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    pub channel: Channel,
    /// The reason why not by mail.
    pub why_not_mailed: Option<NotMailed>,
    /// The member who tells them, if neither mail nor desk does.
    pub assignee: Option<Id>,
}

/// A feedback, and the reason why it asks for no answer, if any.
type JudgedFeedback = (Current, Option<LeftOut>);

/// The loaded data of a customer of a story.
#[derive(Default)]
struct CustomerData<'a> {
    items: Vec<&'a JudgedFeedback>,
    /// Their closures of earlier rounds.
    earlier: Vec<&'a ClosureRecord>,
}

/// The data that all stories of one call share.
struct StoriesData {
    /// The (story, feedback) pairs where the feedback is far from its theme.
    far: HashSet<(Id, Id)>,
    choices: HashMap<(Id, Id), TellChosen>,
    customers: HashMap<Id, CustomerRecord>,
    /// The origins whose tickets desks own, by product.
    desks: HashMap<Id, HashSet<String>>,
    /// The active members.
    active: HashSet<Id>,
    /// Customers who objected to being told.
    objected: HashSet<Id>,
}

/// The audiences of these stories for a message of this kind, in the order of `stories`. The number of queries is
/// fixed, whatever the number of stories and customers.
pub fn of(conn: &mut Conn, stories: &[Story], kind: ClosureKind) -> Result<Vec<Audience>> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let present = frozen_evidence::current(conn, &ids)?;
    behind(conn, stories, present, kind)
}

/// The audience of a story's current round: all customers of its frozen evidence, including evidence added later.
pub fn of_round(conn: &mut Conn, story: &Story, kind: ClosureKind) -> Result<Audience> {
    let frozen = late_evidence::of_round(conn, story)?;
    let found = behind(conn, std::slice::from_ref(story), frozen, kind)?.pop();
    found.ok_or_else(|| Error::internal("a story without an audience"))
}

/// The audiences of these stories for this evidence.
fn behind(conn: &mut Conn, stories: &[Story], evidence: Vec<Current>, kind: ClosureKind) -> Result<Vec<Audience>> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let far = strays::of_stories(conn, &ids)?;
    let mut current: BTreeMap<Id, Vec<Current>> = BTreeMap::new();
    for item in evidence {
        current.entry(item.story_id).or_default().push(item);
    }
    let mut earlier: HashMap<Id, Vec<ClosureRecord>> = HashMap::new();
    for row in closures::of_stories(conn, &ids)? {
        earlier.entry(row.story_id).or_default().push(row);
    }
    let named = current.values().flatten().filter_map(|item| item.customer_id);
    let named = named.chain(earlier.values().flatten().map(|row| row.customer_id));
    let customers = persons(conn, named.collect())?;
    let people: Vec<Id> = customers.keys().copied().collect();
    let shared = StoriesData {
        far,
        choices: tell_choices::of_stories(conn, &ids)?,
        objected: consents::withdrawn(conn, &people, ContactPurpose::Closure)?,
        customers,
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

/// These customers, and the customers they were merged into.
fn persons(conn: &mut Conn, ids: BTreeSet<Id>) -> Result<HashMap<Id, CustomerRecord>> {
    let found = customers::by_id(conn, &ids.iter().copied().collect::<Vec<_>>())?;
    let merged: BTreeSet<Id> = found.iter().filter_map(|row| row.merged_into).collect();
    let missing: Vec<Id> = merged.into_iter().filter(|id| !ids.contains(id)).collect();
    let merged = customers::by_id(conn, &missing)?;
    Ok(found.into_iter().chain(merged).map(|row| (row.id, row)).collect())
}

fn desks(conn: &mut Conn, stories: &[Story]) -> Result<HashMap<Id, HashSet<String>>> {
    let products: BTreeSet<Id> = stories.iter().map(|story| story.product_id).collect();
    let origins = |product| {
        let desks = closures::desks(conn, product)?;
        Ok((product, desks.into_iter().map(|(_, origin)| origin).collect()))
    };
    products.into_iter().map(origins).collect()
}

impl StoriesData {
    fn audience(&self, story: &Story, own: Vec<Current>, earlier: &[ClosureRecord], kind: ClosureKind) -> Audience {
        let judged = |item: Current| {
            let included = item.customer_id.and_then(|id| self.choice(story.id, id)) == Some(TellChoice::Include);
            let left_out = item.left_out(&self.far).filter(|_| !included);
            (item, left_out)
        };
        let evidence: Vec<JudgedFeedback> = own.into_iter().map(judged).collect();
        let mut known: BTreeMap<Id, CustomerData<'_>> = BTreeMap::new();
        for item in &evidence {
            if let Some(id) = item.0.customer_id {
                known.entry(self.person(id)).or_default().items.push(item);
            }
        }
        for row in earlier {
            known.entry(self.person(row.customer_id)).or_default().earlier.push(row);
        }
        let people =
            known.into_iter().filter_map(|(id, known)| self.judge(story, self.customers.get(&id)?, &known, kind));
        let people = people.collect();
        Audience { evidence, people }
    }

    /// The current id of a customer. Feedback follows a merge; a closure may still have the id of a merged customer.
    fn person(&self, id: Id) -> Id {
        self.customers.get(&id).map_or(id, CustomerRecord::person)
    }

    fn choice(&self, story: Id, customer: Id) -> Option<TellChoice> {
        self.choices.get(&(story, customer)).map(|chosen| chosen.choice)
    }

    fn judge(
        &self,
        story: &Story,
        customer: &CustomerRecord,
        known: &CustomerData<'_>,
        kind: ClosureKind,
    ) -> Option<Person> {
        // Only customers who were told of the release are told of its roll-back.
        let concerned = match kind {
            ClosureKind::RollBack => known.heard_of(story.roll_back_to_tell.unwrap_or(story.round)),
            ClosureKind::Release | ClosureKind::Decline => true,
        };
        let (asking, rest): (Vec<&JudgedFeedback>, Vec<&JudgedFeedback>) =
            known.items.iter().partition(|item| item.1.is_none());
        let latest = asking.first().or(rest.first()).and_then(|item| item.0.language.as_deref());
        let person = Person {
            customer: customer.clone(),
            outcome: self.outcome(story, customer, known, kind),
            choice: self.choices.get(&(story.id, customer.id)).cloned(),
            said: asking.iter().chain(&rest).map(|item| item.0.feedback_id).collect(),
            language: latest.map(str::to_owned),
        };
        concerned.then_some(person)
    }

    fn outcome(
        &self,
        story: &Story,
        customer: &CustomerRecord,
        known: &CustomerData<'_>,
        kind: ClosureKind,
    ) -> std::result::Result<Way, NotTold> {
        if customer.erased_at.is_some() {
            return Err(NotTold::Erased);
        }
        if self.objected.contains(&customer.id) {
            return Err(NotTold::Objected);
        }
        if self.choice(story.id, customer.id) == Some(TellChoice::LeaveOut) {
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

    /// The desk comes first: a customer with a ticket expects the answer there, even where a mail address is known.
    fn way(&self, story: &Story, customer: &CustomerRecord, known: &CustomerData<'_>) -> Way {
        let desks = self.desks.get(&story.product_id);
        let asking = || known.items.iter().filter(|item| item.1.is_none());
        let filed_by = asking().filter_map(|item| item.0.submitted_by);
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

impl CustomerData<'_> {
    /// Whether they were told in this round.
    fn heard_of(&self, round: i32) -> bool {
        self.earlier.iter().any(|row| row.round == round && row.told_at.is_some())
    }

    /// Whether a new release is news to them. It is not if they confirmed an earlier one, have said nothing since, and
    /// that release was not rolled back since.
    fn asks_again(&self) -> bool {
        let confirmed =
            |row: &&&ClosureRecord| row.kind == ClosureKind::Release && row.state == ClosureState::Confirmed;
        let Some(last) = self.earlier.iter().filter(confirmed).max_by_key(|row| row.round) else { return true };
        let at = last.answered_at.unwrap_or_default();
        let said_since = self.items.iter().any(|item| item.1.is_none() && item.0.occurred_at > at);
        let taken_back = self
            .earlier
            .iter()
            .any(|row| row.round > last.round && row.kind == ClosureKind::RollBack && row.told_at.is_some());
        said_since || taken_back
    }
}

/// Feedback of a story, each with the reason why it asks for no answer, if any.
pub fn judged(conn: &mut Conn, story: Id, page: Page<Feedback>) -> Result<Page<StoryFeedback>> {
    let far = strays::of_stories(conn, &[story])?;
    Ok(page.map(|feedback| {
        let is_far = far.contains(&(story, feedback.id));
        let left_out = frozen_evidence::left_out(feedback.kind, feedback.set_aside.is_some(), is_far);
        StoryFeedback { feedback, probably_not_about_this: is_far, left_out }
    }))
}

/// The reason why a customer can't be mailed, if any.
pub fn not_mailed(customer: &CustomerRecord) -> Option<NotMailed> {
    if customer.email.is_none() || customer.erased_at.is_some() {
        return Some(NotMailed::NoAddress);
    }
    if customer.unsubscribed_at.is_some() {
        return Some(NotMailed::Unsubscribed);
    }
    customer.bounced_at.map(|_| NotMailed::Bounced)
}
