//! The part of [`super::lived_in`] that the law asks for: each of its exported tables has rows.

use hearback::domain::base::decode::decode;
use hearback::domain::feedback::NewFeedback;
use hearback::domain::privacy::person_request::NewPersonRequest;
use hearback::domain::team::DEFAULT_PRODUCT;
use hearback::error::Result;
use hearback::store::Tx;
use hearback::store::privacy::retention::rules as counted;
use hearback::usecase::feedback::filing;
use hearback::usecase::privacy::retention::{holds, rules as retention_rules};
use hearback::usecase::privacy::{breaches, checklists, consents, person_requests};
use serde_json::{Value, json};

fn input<T: serde::de::DeserializeOwned + utoipa::ToSchema + 'static>(value: Value) -> T {
    decode(value).unwrap()
}

/// Requests of persons, retention, a legal hold, a breach, a consent, and an adopted checklist.
pub fn keep_the_law(tx: &mut Tx<'_>) -> Result<()> {
    let said: NewFeedback = input(json!({ "text": "Law", "customer": { "email": "law@example.com" } }));
    let filed = filing::file(tx, std::slice::from_ref(&said))?.remove(0)?.feedback;
    let customer = filed.customer.map(|customer| customer.id);
    let new: NewPersonRequest =
        input(json!({ "kind": "erasure", "country": "KR", "customer_id": customer, "note": "\"급함\"" }));
    let request = person_requests::create(tx, &new)?.id;
    person_requests::check_identity(tx, request, None, &input(json!({ "how": "전화" })))?;
    holds::place(tx, &input(json!({ "case": "1", "reason": "\"소송\"", "customer_id": customer })))?;
    person_requests::answer(tx, request, None, &input(json!({})))?;
    let refused: NewPersonRequest = input(json!({ "kind": "access", "country": "EU", "contact": "x@example.com" }));
    let refused = person_requests::create(tx, &refused)?.id;
    person_requests::refuse(tx, refused, None, "Nobody knows them")?;
    let rule = retention_rules::create(tx, &input(json!({ "kind": "imports", "days": 30 })))?;
    counted::count(tx, &rule, 3)?;
    let breach = breaches::create(tx, &input(json!({ "title": "유출", "countries": ["KR"] })))?.id;
    let notice = json!({ "country": "KR", "audience": "persons", "how": "메일", "language": "ko" });
    breaches::notify(tx, breach, None, &input(notice))?;
    if let Some(customer) = customer {
        let given = json!({ "purpose": "survey", "basis": "consent", "source": "박람회" });
        consents::record(tx, customer, &input(given))?;
    }
    checklists::adopt(tx, DEFAULT_PRODUCT, &input(json!({ "law": "kr_pipa" }))).map(drop)
}
