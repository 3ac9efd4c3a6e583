//! A private product with a word of its own in every field, and something of every kind in it.

use std::collections::BTreeMap;

use hearback::domain::base::Id;
use hearback::domain::team::Role;
use hearback::domain::themes::{ProposalKind, ProposalNumbers, Proposed, Refinement, RefinementKind};
use hearback::store::themes::{proposals, refinements};
use serde_json::{Value, json};

use crate::support::World;

/// The word that stands in every text of the private product, and nowhere else.
pub const CANARY: &str = "Zanzibarquux";
/// The key of the private product; it stands in the numbers of its stories.
pub const KEY: &str = "ZNZBRQX";
/// The e-mail address of a customer of the private product only.
pub const EMAIL: &str = "zanzibarquux@secret.example";

/// What was made in the private product, by the collection of the API that it is in.
pub struct Secret {
    pub product: String,
    pub ids: BTreeMap<&'static str, String>,
    pub number: String,
    /// A customer who is known in both products.
    pub shared: String,
}

impl Secret {
    /// Every id that nobody outside may see.
    pub fn every_id(&self) -> impl Iterator<Item = &str> {
        self.ids.values().map(String::as_str)
    }
}

fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

/// Makes the product in a world, and makes it private.
pub fn build(world: &World) -> Secret {
    let made = world.with_new_product(Some(KEY));
    let product = made.product.id.to_string();
    let named = json!({ "name": CANARY, "settings": { "gates": [{ "key": "zanzibarquux", "title": CANARY, "stage": "ready" }] } });
    assert_eq!(world.patch(&format!("/v1/products/{product}"), named).status, 200);
    let mut ids = BTreeMap::from([("products", product.clone())]);

    let theme = made.new_theme(CANARY);
    let feedback = say(world, &mut ids);
    let item: Id = feedback.parse().expect("an id");
    made.move_feedback(item, Some(theme)).expect("a move");
    ids.insert("themes", theme.to_string());
    ids.insert("corrections", id(&world.read(&format!("/v1/corrections?product={KEY}"))["data"][0]));

    let shared = share(world);
    let story = plan(world, &mut ids, theme, &feedback);
    release(world, &mut ids, &story);
    tell(world, &mut ids, &feedback);
    propose(&made, &mut ids, theme, item);
    upload(world, &mut ids);
    take_turns(world, &mut ids);
    look_back(world, &mut ids);
    decide(world, &story, &mut ids);
    let number = world.read(&format!("/v1/stories/{story}"))["number"].as_str().expect("a number").to_owned();

    // The engine compares all of it.
    world.step_until_idle("grouping");
    let private = json!({ "visibility": "private" });
    assert_eq!(world.patch(&format!("/v1/products/{product}"), private).status, 200);
    Secret { product, ids, number, shared }
}

/// Feedback of a customer whom only this product knows.
fn say(world: &World, ids: &mut BTreeMap<&'static str, String>) -> String {
    let filed = world.done(
        "/v1/feedback",
        json!({ "product": KEY, "text": format!("{CANARY} fails: the {CANARY} refund has not arrived"), "title": CANARY,
            "tags": [CANARY], "fields": { "area": CANARY }, "origin": CANARY, "external_id": CANARY,
            "url": "https://zanzibarquux.example/1", "language": "en", "severity": "high",
            "customer": { "external_id": CANARY, "email": EMAIL, "name": CANARY, "account": { "name": CANARY } } }),
    );
    ids.insert("customers", filed["customer"]["id"].as_str().expect("a customer").to_owned());
    ids.insert("accounts", filed["customer"]["account"]["id"].as_str().expect("an account").to_owned());
    let note = world.done(&format!("/v1/feedback/{}/notes", id(&filed)), json!({ "text": CANARY }));
    ids.insert("notes", id(&note));
    let note = json!({ "text": CANARY });
    world.done(&format!("/v1/customers/{}/notes", ids["customers"]), note);
    ids.insert("feedback", id(&filed));
    id(&filed)
}

/// A rota with an override.
fn take_turns(world: &World, ids: &mut BTreeMap<&'static str, String>) {
    let member = world.person("Turns", "turns@example.com", Role::Admin, "en").id;
    let rota = json!({ "product": KEY, "name": CANARY, "time_zone": "UTC", "start": "2026-01-01", "every": "week",
        "hand_over": "09:00", "members": [member] });
    let rota = id(&world.done("/v1/rotas", rota));
    let taken = json!({ "member_id": member, "starts_at": world.now(), "ends_at": world.now().plus(3_600_000_000),
        "note": CANARY });
    ids.insert("overrides", id(&world.done(&format!("/v1/rotas/{rota}/overrides"), taken)));
    ids.insert("rotas", rota);
}

/// A customer who said something in both products.
fn share(world: &World) -> String {
    let customer = json!({ "email": "both@example.com", "name": "Known to both" });
    let open = world.done("/v1/feedback", json!({ "text": "The invoice is late", "customer": customer }));
    world.done("/v1/feedback", json!({ "product": KEY, "text": format!("{CANARY} again"), "customer": customer }));
    open["customer"]["id"].as_str().expect("a customer").to_owned()
}

fn plan(world: &World, ids: &mut BTreeMap<&'static str, String>, theme: Id, feedback: &str) -> String {
    let story = world.done(
        "/v1/stories",
        json!({ "product": KEY, "title": CANARY, "as_a": CANARY, "i_want": CANARY, "so_that": CANARY,
            "theme_id": theme, "in_scope": [CANARY], "out_of_scope": [CANARY],
            "acceptance_criteria": [{ "text": CANARY, "feedback_ids": [feedback] }] }),
    );
    let story = id(&story);
    world.done(&format!("/v1/stories/{story}/notes"), json!({ "text": CANARY }));
    let trial = json!({ "kind": "demo", "tried_by": CANARY, "verdict": "passed", "note": CANARY });
    world.done(&format!("/v1/stories/{story}/trials"), trial);
    let link = json!({ "provider": "github", "kind": "pull_request", "repository": "zanzibarquux/app", "reference": "17",
        "url": "https://github.com/zanzibarquux/app/pull/17" });
    world.done(&format!("/v1/stories/{story}/links"), link);
    world.to(&story, "accepted");
    let signed = json!({ "evidence": CANARY });
    let signer = world.person("Signs", "signs@example.com", Role::Admin, "en").token;
    let gate = format!("/v1/stories/{story}/gates/zanzibarquux/sign");
    let gate = world.send("POST", &gate, &signer, Some(&signed));
    assert!(gate.status < 300, "{gate:?}");
    world.to(&story, "testing");
    ids.insert("stories", story.clone());
    story
}

fn release(world: &World, ids: &mut BTreeMap<&'static str, String>, story: &str) {
    let release = id(&world.done("/v1/releases", json!({ "product": KEY, "name": CANARY, "notes": CANARY })));
    world.done(&format!("/v1/releases/{release}/stories"), json!({ "story_ids": [story] }));
    let deployment = json!({ "product": KEY, "release": CANARY, "environment": CANARY, "service": CANARY,
        "revision": CANARY, "external_id": CANARY, "state": "succeeded" });
    let deployment = world.post("/v1/deployments", deployment);
    assert!(deployment.status < 300, "{deployment:?}");
    ids.insert("deployments", id(&deployment.json()));
    ids.insert("releases", release);
}

/// A second story, declined: its customer is to be told.
fn tell(world: &World, ids: &mut BTreeMap<&'static str, String>, feedback: &str) {
    let story = id(&world.done("/v1/stories", json!({ "product": KEY, "title": CANARY })));
    world.done(&format!("/v1/stories/{story}/feedback"), json!({ "feedback_ids": [feedback] }));
    world.done(&format!("/v1/stories/{story}/confirm_quotes"), json!({}));
    let declined = world.moving(&story, json!({ "to": "declined", "reason": CANARY }));
    assert_eq!(declined.status, 200, "{declined:?}");
    world.pump();
    let closures = world.read(&format!("/v1/stories/{story}/closures"));
    let closure = id(&closures["data"][0]);
    world.done(&format!("/v1/closures/{closure}/notes"), json!({ "text": CANARY }));
    ids.insert("closures", closure);
}

fn propose(made: &World, ids: &mut BTreeMap<&'static str, String>, theme: Id, item: Id) {
    let product = made.product.id;
    let proposal = made.write(move |tx| {
        let done = Refinement {
            id: Id::next(),
            product_id: product,
            kind: RefinementKind::Cold,
            items: 3,
            themes_before: 1,
            themes_after: 2,
            moved: 1,
            held_back: 1,
            granularity: 2.0,
            agreement: 0.5,
            created_at: tx.now,
        };
        refinements::insert(tx, &done, "builtin", None)?;
        let proposed = Proposed { kind: ProposalKind::Split, theme, other: None, items: vec![item] };
        let numbers = ProposalNumbers { moving: 1, theme_size: 2, ..ProposalNumbers::default() };
        proposals::insert(tx, product, done.id, &proposed, &numbers)
    });
    ids.insert("proposals", proposal.expect("a proposal").to_string());
}

/// An incident with its postmortem and an action.
fn look_back(world: &World, ids: &mut BTreeMap<&'static str, String>) {
    world.person("Owns", "owns@example.com", Role::Admin, "en");
    let incident = json!({ "product": KEY, "title": CANARY, "summary": CANARY, "severity": 2, "services": [CANARY] });
    let incident = id(&world.done("/v1/incidents", incident));
    let postmortem = id(&world.done("/v1/postmortems", json!({ "incident": incident })));
    world.done(&format!("/v1/postmortems/{postmortem}/actions"), json!({ "title": CANARY }));
    ids.insert("incidents", incident);
    ids.insert("postmortems", postmortem);
}

/// Dependencies of a story of it, and an evaluation.
fn decide(world: &World, story: &str, ids: &mut BTreeMap<&'static str, String>) {
    let outside = json!({ "kind": "needs", "external": { "title": CANARY, "vendor": CANARY } });
    world.done(&format!("/v1/stories/{story}/dependencies"), outside);
    let evaluation = json!({ "title": CANARY, "story_id": story, "criteria": [{ "name": CANARY, "weight": 1 }],
        "options": [{ "name": CANARY, "kind": "build" }] });
    ids.insert("evaluations", id(&world.done("/v1/evaluations", evaluation)));
}

/// An import of somebody else.
fn upload(world: &World, ids: &mut BTreeMap<&'static str, String>) {
    let file = format!("{{\"text\": \"{CANARY} in a file\"}}\n{{\"nothing\": \"{CANARY}\"}}\n");
    let sent = world
        .request("POST", &format!("/v1/imports?product={KEY}&format=ndjson"))
        .header("Content-Type", "application/x-ndjson")
        .body(file)
        .send();
    assert_eq!(sent.status, 202, "{sent:?}");
    ids.insert("imports", id(&sent.json()));
}

/// A member outside of the product, with a token.
pub fn outsider(world: &World, role: Role) -> String {
    let email = format!("{role}-{}@example.com", Id::next().0.simple());
    world.person("Outside", &email, role, "en").token
}
