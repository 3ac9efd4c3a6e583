//! Previews: which customers will be told what and how, and which not and why, before a story or release is shipped,
//! declined, rolled back or closed. Also the decisions of members about single customers beforehand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::audience::{self, Person, Way};
use super::told_words;
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Paging, Reference};
use crate::domain::closure::{
    Channel, ClosureKind, ClosureRecord, Late, NewTellChoices, NotMailed, NotTold, NotToldCount, PreviewAct,
    PreviewText, Recipient, StoryPreview, StoryRef, TellChosen, TellPreview, ToldCounts,
};
use crate::domain::feedback::{Account, AccountRef, CustomerRecord};
use crate::domain::privacy::advertising::signs_in;
use crate::domain::releases::Release;
use crate::domain::stories::Story;
use crate::domain::team::Product;
use crate::error::{Code, Error, FieldError, Result};
use crate::store::closure::closures;
use crate::store::closure::tell_choices;
use crate::store::feedback::customers;
use crate::store::team::products;
use crate::store::{Conn, Tx, releases, stories};
use crate::usecase::stories::late_attachments::LateJoiners;
use crate::usecase::stories::quoting;

/// The most feedback ids shown per recipient.
const LISTED: usize = 20;
/// The most late joiners of a round in one response.
const MOST_LATE: usize = 200;

/// The options of a preview.
pub struct PreviewOptions<'a> {
    pub act: PreviewAct,
    /// The reason that the decline would have.
    pub reason: Option<&'a str>,
    /// Only customers who are told, or only those who are not.
    pub told: Option<bool>,
    /// Whether a mail server is configured.
    pub has_mail: bool,
}

/// A customer of one of the stories.
struct PreviewEntry {
    story: Id,
    customer: CustomerRecord,
    outcome: std::result::Result<Way, NotTold>,
    choice: Option<TellChosen>,
    said: Vec<Id>,
    language: Option<String>,
}

/// The preview of a story.
///
/// # Errors
/// 404, 422 for a wrong cursor.
pub fn of_story(conn: &mut Conn, id: Id, asked: &PreviewOptions<'_>, paging: &Paging) -> Result<TellPreview> {
    let story = stories::rows::get(conn, id)?;
    let release = match asked.act {
        PreviewAct::Ship => match releases::rows::open_of(conn, &[id])?.into_iter().next() {
            Some((_, release, _)) => Some(release),
            None => releases::rows::bringing(conn, id)?,
        },
        PreviewAct::RollBack | PreviewAct::Close => {
            let round = closures::of_story(conn, id)?.into_iter().filter(|row| row.round == story.round);
            round.filter_map(|row| row.release_id).next()
        }
        PreviewAct::Decline => None,
    };
    preview(conn, vec![story], release, asked, paging)
}

/// The preview of shipping a release, or of rolling it back.
///
/// # Errors
/// 404, 422 for a wrong cursor.
pub fn of_release(conn: &mut Conn, id: Id, asked: &PreviewOptions<'_>, paging: &Paging) -> Result<TellPreview> {
    let release: Release = releases::rows::get(conn, id)?;
    let shipping = asked.act == PreviewAct::Ship;
    let concerned: Vec<Id> =
        release.aboard().filter(|row| row.stage.is_shipped() != shipping).map(|row| row.story_id).collect();
    let stories = stories::rows::get_many(conn, &concerned)?;
    preview(conn, stories, Some(id), asked, paging)
}

fn preview(
    conn: &mut Conn,
    mut stories: Vec<Story>,
    release: Option<Id>,
    asked: &PreviewOptions<'_>,
    paging: &Paging,
) -> Result<TellPreview> {
    for story in &mut stories {
        story.stage_reason = asked.reason.map(str::to_owned);
    }
    let entries = match asked.act.opens() {
        Some(kind) => opened(conn, &stories, kind, asked.has_mail)?,
        None => closed(conn, &stories)?,
    };
    let product = product_of(conn, &stories, release)?;
    let shown = shown_stories(conn, &product, &stories, release, asked.act, &entries)?;
    let release = match release {
        Some(id) => Some(releases::rows::get(conn, id)?.name),
        None => None,
    };
    let after: Option<(Id, Id)> = paging.key::<Id>(0)?.zip(paging.key::<Id>(1)?);
    let wanted = entries.into_iter().filter(|entry| {
        asked.told.is_none_or(|told| told == entry.outcome.is_ok())
            && after.is_none_or(|after| (entry.story, entry.customer.id) > after)
    });
    let data = recipients(conn, wanted.take(paging.limit + 1).collect())?;
    let page = paging.page(data, |r| vec![r.story_id.to_string(), r.customer.id.to_string()]);
    Ok(TellPreview {
        act: asked.act,
        release,
        recall_minutes: product.settings.recall_minutes,
        stories: shown,
        data: page.data,
        next_cursor: page.next_cursor,
    })
}

fn product_of(conn: &mut Conn, stories: &[Story], release: Option<Id>) -> Result<Product> {
    let product = match (stories.first(), release) {
        (Some(story), _) => story.product_id,
        (None, Some(release)) => releases::rows::get(conn, release)?.product_id,
        (None, None) => return Err(Error::not_found("story")),
    };
    products::get(conn, product)
}

/// The audiences of these stories if a round of this kind were opened now; by story, then by customer.
fn opened(conn: &mut Conn, stories: &[Story], kind: ClosureKind, has_mail: bool) -> Result<Vec<PreviewEntry>> {
    let audiences = audience::of(conn, stories, kind)?;
    let without_mail = |way: Way| match way.channel {
        Channel::Email if !has_mail => {
            Way { channel: Channel::Agent, why_not_mailed: Some(NotMailed::NoMailServer), ..way }
        }
        _ => way,
    };
    let of_story = stories.iter().zip(audiences).flat_map(|(story, audience)| {
        audience.people.into_iter().map(|person| PreviewEntry {
            story: story.id,
            outcome: person.outcome.map(without_mail),
            customer: person.customer,
            choice: person.choice,
            said: person.said,
            language: person.language,
        })
    });
    Ok(of_story.collect())
}

/// The customers of these stories' current rounds if the stories were closed now.
fn closed(conn: &mut Conn, stories: &[Story]) -> Result<Vec<PreviewEntry>> {
    let rounds: HashMap<Id, i32> = stories.iter().map(|story| (story.id, story.round)).collect();
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let mut rows = closures::of_stories(conn, &ids)?;
    rows.retain(|row| rounds.get(&row.story_id) == Some(&row.round));
    rows.sort_by_key(|row| (row.story_id, row.customer_id));
    let customer_ids: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
    let customers = customers::by_id(conn, &customer_ids)?;
    let customers: HashMap<Id, CustomerRecord> = customers.into_iter().map(|row| (row.id, row)).collect();
    let entry = |row: ClosureRecord| {
        let why = NotTold::of_case(row.state).unwrap_or(NotTold::GivenUp);
        let customer = customers.get(&row.customer_id).cloned().ok_or_else(|| Error::internal("no customer"))?;
        let said = Vec::new();
        Ok(PreviewEntry { story: row.story_id, customer, outcome: Err(why), choice: None, said, language: None })
    };
    rows.into_iter().map(entry).collect()
}

fn shown_stories(
    conn: &mut Conn,
    product: &Product,
    stories: &[Story],
    release: Option<Id>,
    act: PreviewAct,
    entries: &[PreviewEntry],
) -> Result<Vec<StoryPreview>> {
    let mut shown = Vec::new();
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let released = match act.opens() {
        Some(kind) => told_words::released(conn, &ids, kind, release)?,
        None => None,
    };
    for (story, clearance) in stories.iter().zip(quoting::clearances_of(conn, stories)?) {
        let of_it = || entries.iter().filter(|entry| entry.story == story.id);
        let (told, not_told) = counts(of_it());
        let told_ones = of_it().filter(|entry| entry.outcome.is_ok());
        let languages: BTreeSet<Option<&str>> = told_ones.map(|entry| entry.language.as_deref()).collect();
        let mut texts = Vec::new();
        for language in languages {
            let Some(kind) = act.opens() else { continue };
            let words = told_words::of_cleared(story, kind, released.as_ref(), language, &clearance.cleared);
            let written_in = Language::of(language);
            // Not checked for quotations: the decline itself refuses such a reason.
            let reason = words.reason.or_else(|| story.stage_reason.clone().filter(|_| kind == ClosureKind::Decline));
            let shown = [Some(&words.title), words.entry.as_ref(), reason.as_ref()];
            let shown: Vec<&str> = shown.into_iter().flatten().map(String::as_str).collect();
            texts.push(PreviewText {
                advertising: signs_in(&shown.join("\n")),
                language: language.unwrap_or(written_in.code()).to_owned(),
                subject: kind.subject(written_in, &product.name, &words.title),
                title: words.title,
                entry: words.entry,
                reason,
                fallback: words.fallback,
            });
        }
        let story_ref = StoryRef { id: story.id, number: story.number.clone(), title: story.title.clone() };
        shown.push(StoryPreview {
            story: story_ref,
            stage: story.stage,
            texts,
            quotes: clearance.quotes,
            told,
            not_told,
        });
    }
    Ok(shown)
}

/// The number of customers who are told, by channel, and of those who are not, by reason.
fn counts<'a>(entries: impl Iterator<Item = &'a PreviewEntry>) -> (ToldCounts, Vec<NotToldCount>) {
    let mut told = ToldCounts::default();
    let mut not_told: BTreeMap<NotTold, u64> = BTreeMap::new();
    for entry in entries {
        match entry.outcome.as_ref().map(|way| way.channel) {
            Ok(Channel::Email) => told.email += 1,
            Ok(Channel::Desk) => told.desk += 1,
            Ok(Channel::Agent) => told.agent += 1,
            Err(why) => *not_told.entry(*why).or_default() += 1,
        }
    }
    (told, not_told.into_iter().map(|(why, customers)| NotToldCount { why, customers }).collect())
}

/// The late joiners of a story's round, for the response.
pub(in crate::usecase) fn late(conn: &mut Conn, story: &Story, joined: LateJoiners) -> Result<Late> {
    let entry = |person: Person| PreviewEntry {
        story: story.id,
        customer: person.customer,
        outcome: person.outcome,
        choice: person.choice,
        said: person.said,
        language: person.language,
    };
    let mut entries: Vec<PreviewEntry> = joined.people.into_iter().map(entry).collect();
    let (told, not_told) = counts(entries.iter());
    entries.truncate(MOST_LATE);
    Ok(Late {
        kind: joined.kind,
        round: story.round,
        send_at: joined.send_at,
        told,
        not_told,
        said_since: joined.said_since,
        data: recipients(conn, entries)?,
    })
}

fn recipients(conn: &mut Conn, entries: Vec<PreviewEntry>) -> Result<Vec<Recipient>> {
    let accounts: Vec<Id> = entries.iter().filter_map(|entry| entry.customer.account_id).collect();
    let accounts: HashMap<Id, Account> =
        customers::accounts_by_id(conn, &accounts)?.into_iter().map(|row| (row.id, row)).collect();
    let recipient = |entry: PreviewEntry| {
        let account = entry.customer.account_id.and_then(|id| accounts.get(&id)).map(AccountRef::from);
        let (way, why_not) = match entry.outcome {
            Ok(way) => (Some(way), None),
            Err(why) => (None, Some(why)),
        };
        let by_agent = way.as_ref().filter(|way| way.channel == Channel::Agent);
        Recipient {
            story_id: entry.story,
            customer: entry.customer.mention(account),
            told: way.is_some(),
            why_not,
            channel: way.as_ref().map(|way| way.channel),
            why_not_mailed: way.as_ref().and_then(|way| way.why_not_mailed),
            language: entry.language.unwrap_or_else(|| Language::English.code().to_owned()),
            assignee_id: by_agent.and_then(|way| way.assignee),
            choice: entry.choice,
            said_ids: entry.said.into_iter().take(LISTED).collect(),
        }
    };
    Ok(entries.into_iter().map(recipient).collect())
}

/// Records decisions about customers of a story before they are told. They apply to every round opened from now on.
///
/// # Errors
/// 404, 422 for unknown customers.
pub fn choose(tx: &mut Tx<'_>, id: Id, input: &NewTellChoices) -> Result<Vec<TellChosen>> {
    let story = stories::rows::lock(tx, &[id])?
        .pop()
        .ok_or_else(|| Error::new(Code::NotFound, "There is no story with this id."))?;
    let known = customers::by_id(tx.conn, &input.customer_ids)?;
    let known: HashMap<Id, CustomerRecord> = known.into_iter().map(|row| (row.id, row)).collect();
    let is_known = |id: &Id| known.get(id).is_some_and(|row| row.erased_at.is_none());
    let unknown = input.customer_ids.iter().enumerate().filter(|(_, id)| !is_known(id));
    let wrong: Vec<FieldError> =
        unknown.map(|(n, _)| Reference::Customer.unknown(format!("/customer_ids/{n}"))).collect();
    if !wrong.is_empty() {
        return Err(Error::invalid(wrong));
    }
    let person = |id: &Id| known.get(id).map_or(*id, CustomerRecord::person);
    let people: BTreeSet<Id> = input.customer_ids.iter().map(person).collect();
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let mut chosen = Vec::new();
    for customer_id in people {
        let one = TellChosen {
            customer_id,
            choice: input.choice,
            reason: reason.map(str::to_owned),
            decided_by: tx.actor.id,
            decided_at: tx.now,
        };
        tell_choices::put(tx, story.id, &one)?;
        let data = json!({ "customer_id": customer_id, "choice": input.choice });
        tx.event("story.tell_choice", story.id, Some(story.product_id), data);
        chosen.push(one);
    }
    Ok(chosen)
}
