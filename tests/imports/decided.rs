//! Dependencies and evaluations of an instance with data of every kind.

use hearback::domain::base::Id;
use hearback::domain::evaluations::requests::NewEvaluation;
use hearback::domain::stories::NewStory;
use hearback::domain::stories::dependency::NewDependency;
use hearback::error::Result;
use hearback::store::Tx;
use hearback::usecase::evaluations::writing as evaluating;
use hearback::usecase::privacy::records::parties;
use hearback::usecase::stories::{depending::dependencies, planning};
use serde_json::json;

use super::lived_in::input;

/// A story that depends on this one, evaluations for it, and a processor of the record of processing.
pub fn all(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    super::lived_in_law::keep_the_law(tx)?;
    depend(tx, story)?;
    parties::create(tx, &input(json!({ "role": "processor", "name": "메일 발송", "since": "2026-01-01" })))?;
    evaluate(tx, story)
}

/// A story that needs another one and something outside, and takes some days.
fn depend(tx: &mut Tx<'_>, needed: Id) -> Result<()> {
    let new: NewStory = input(json!({ "title": "정산 \"자동화\"", "days": 3 }));
    let waits = planning::create(tx, &new)?.id;
    let on: NewDependency =
        input(json!({ "kind": "needs", "story_id": needed, "lag_days": 2, "satisfied_at": "ready" }));
    dependencies::add(tx, waits, &on)?;
    let outside: NewDependency = input(
        json!({ "kind": "needs", "external": { "title": "단말기 \"새것\"", "vendor": "Acme", "due": "2026-12-24" } }),
    );
    let outside = dependencies::add(tx, waits, &outside)?.0;
    dependencies::close(tx, waits, outside.id, true).map(drop)
}

/// An evaluation that another one superseded.
fn evaluate(tx: &mut Tx<'_>, story: Id) -> Result<()> {
    let new: NewEvaluation = input(json!({
        "title": "누가 \"환불\"을 보내나", "story_id": story, "need": "하루 안에", "consulted": ["법무"], "revisit_date": "2027-01-04",
        "criteria": [{ "name": "가격", "weight": 2.5 }, { "name": "법", "weight": 1, "must": true }],
        "options": [{ "name": "Paylo", "kind": "buy", "licence": "MIT OR Apache-2.0", "scores": { "가격": { "score": 4, "why": "싸다" }, "법": 1 },
            "costs": { "now": { "amount_minor": 5, "currency": "KRW" } } }],
    }));
    let [old, next] = [evaluating::create(tx, &new)?, evaluating::create(tx, &new)?];
    let patch = json!({ "status": "superseded", "superseded_by": next.id, "decision": "Paylo" });
    evaluating::edit(tx, old.id, None, &patch).map(drop)
}
