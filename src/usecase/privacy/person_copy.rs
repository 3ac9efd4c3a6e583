//! Gathering one person's data for a copy. Nothing of others gets in: no notes, members, themes or texts of stories.

use std::collections::HashMap;

use crate::domain::base::{Id, Time};
use crate::domain::privacy::consent::ConsentLine;
use crate::domain::privacy::person_request::PersonRequestKind;
use crate::domain::privacy::person_request::copy::{MessageLine, PersonCopy, PersonLine, RequestLine, SaidLine};
use crate::error::{Code, Result};
use crate::store::Conn;
use crate::store::closure::closures;
use crate::store::feedback::{customers, rows};
use crate::store::operations::{incidents, tellings};
use crate::store::privacy::person_requests;
use crate::store::team::products;
use crate::usecase::privacy::consents;

/// The version of the format of copies.
const FORMAT: &str = "hearback-person-1";
const LEFT_OUT: &str = "Internal notes, and texts that the team wrote about stories and incidents: they may hold data of \
                        others. The logs of access are kept separately. Ask the team for them.";

/// The copy of a customer's data, for a request of this kind. Customers who were merged into them are the same person.
///
/// # Errors
/// 404, 410 once they are erased.
pub fn of(conn: &mut Conn, id: Id, kind: PersonRequestKind, now: Time) -> Result<PersonCopy> {
    let person = customers::row(conn, id)?.person();
    let main = customers::get(conn, person)?;
    if main.erased_at.is_some() {
        return Err(Code::Gone.into());
    }
    let merged = customers::merged_into(conn, person)?;
    let ids: Vec<Id> = [person].into_iter().chain(merged.iter().map(|row| row.id)).collect();
    let all = |own: Option<String>, others: Vec<Option<String>>| -> Vec<String> {
        let mut found: Vec<String> = [own].into_iter().chain(others).flatten().collect();
        found.dedup();
        found
    };
    let names = all(main.name, merged.iter().map(|row| row.name.clone()).collect());
    let addresses = merged.iter().map(|row| row.email.as_ref().map(|email| email.text.clone())).collect();
    let is_access = kind != PersonRequestKind::Portability;
    Ok(PersonCopy {
        format: FORMAT,
        made_at: now,
        person: PersonLine {
            ids: ids.clone(),
            names,
            emails: all(main.email, addresses),
            account: main.account.map(|account| account.name),
            identities: main.identities,
            known_since: main.created_at,
            unsubscribed_at: main.unsubscribed_at,
        },
        feedback: said(conn, person)?,
        messages: if is_access { Some(messages(conn, person)?) } else { None },
        purposes: purposes(conn, person)?,
        requests: if is_access { Some(requests(conn, &ids, now)?) } else { None },
        left_out: LEFT_OUT,
    })
}

fn purposes(conn: &mut Conn, person: Id) -> Result<Vec<ConsentLine>> {
    Ok(consents::of(conn, person)?.data)
}

fn said(conn: &mut Conn, person: Id) -> Result<Vec<SaidLine>> {
    let keys: HashMap<Id, String> = products::all(conn)?.into_iter().map(|product| (product.id, product.key)).collect();
    let ids = rows::ids_of_customer(conn, person)?;
    let mut found = rows::rows(conn, &ids)?;
    found.sort_by_key(|row| (row.occurred_at, row.id));
    let line = |row: crate::domain::feedback::FeedbackRecord| SaidLine {
        id: row.id,
        product: keys.get(&row.product_id).cloned().unwrap_or_default(),
        said_at: row.occurred_at,
        stored_at: row.created_at,
        source: row.source,
        origin: row.origin,
        external_id: row.external_id,
        url: row.url,
        title: row.title,
        text: row.text,
        tags: row.tags,
        fields: serde_json::to_value(row.fields.read()).unwrap_or_default(),
        rating: row.rating,
        nps: row.nps,
        language: row.language,
    };
    Ok(found.into_iter().map(line).collect())
}

fn messages(conn: &mut Conn, person: Id) -> Result<Vec<MessageLine>> {
    let cases = closures::of_customer(conn, person)?;
    let stories: Vec<Id> = cases.iter().map(|row| row.story_id).collect();
    let numbers = closures::mentions(conn, &stories)?;
    let mut found: Vec<MessageLine> = cases
        .into_iter()
        .map(|row| MessageLine {
            about: numbers.get(&row.story_id).map(|story| story.number.clone()).unwrap_or_default(),
            channel: row.channel.as_str(),
            state: row.state.as_str(),
            told_at: row.told_at,
            answered_at: row.answered_at,
            text: None,
        })
        .collect();
    for telling in tellings::of_customer(conn, person)? {
        found.push(MessageLine {
            about: incidents::get(conn, telling.incident_id)?.number,
            channel: telling.channel.as_str(),
            state: telling.state.as_str(),
            told_at: telling.told_at,
            answered_at: telling.answered_at,
            text: Some(telling.text),
        });
    }
    Ok(found)
}

fn requests(conn: &mut Conn, people: &[Id], now: Time) -> Result<Vec<RequestLine>> {
    let line = |one: crate::domain::privacy::person_request::PersonRequest| RequestLine {
        kind: one.kind.as_str(),
        state: one.state.as_str(),
        received_at: one.received_at,
        ended_at: one.ended_at,
    };
    Ok(person_requests::of_customers(conn, people, now)?.into_iter().map(line).collect())
}
