//! An instance with data of every kind: every exported table has rows.

use hearback::domain::{
    base::{Actor, Id, decode::decode},
    closure::{TellChoice, TellChosen},
    feedback::NewFeedback,
    integrations::NewWebhook,
    measures::{metric::NewMetric, sampling::samples::Sample, selector::Labels},
    operations::{
        alert::{AlertBatch, AlertState, ReportedAlert},
        hand_off::NewHandOff,
        incident::{IncidentSource, NewIncident},
        link::NewIncidentLink,
        postmortem::action::NewPostmortemAction,
        rota::{NewRota, NewRotaOverride},
        telling::NewTelling,
        timeline::NewTimelineEntry,
    },
    releases::{
        NewDeployment, NewRelease, NewReleaseStories, Section,
        ledger::{Commit, PullRequest},
    },
    stories::{AttachFeedback, Decision, LinkProvider, NewLink, NewStory, NewTrial, Signoff, Story, Transition},
    team::{
        Caller, DEFAULT_PRODUCT, NewMember, Role,
        note::{NewNote, NoteSubject},
        view::{ListFilters, NewSavedView},
    },
    themes::{GranularityChoice, ProposalKind, ProposalNumbers, ProposalState, Proposed, Refinement, RefinementKind},
};
use hearback::error::Result;
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::{
    Store, Tx,
    closure::tell_choices,
    feedback,
    operations::proposals::ThemeCounts,
    releases::{
        ledger,
        left_behind::{self, Left},
    },
    stories::{self, frozen_evidence, gates},
    team::{note_mentions, products},
    themes::{assignments, proposals, refinements},
};
use hearback::usecase::{
    feedback::{customers, filing},
    integrations::webhooks,
    measures::{
        definitions as metric_definitions,
        intake::{self, Incoming},
        rolling,
    },
    operations::{
        alerts, escalations, hand_offs, incident_links, incidents, overrides, paging,
        postmortem::{actions, repeats, writing},
        proposals::{self as bursts, Burst},
        rotas,
        telling::{answers as telling_answers, sending},
        timeline,
    },
    privacy::erasure,
    releases::{deployments, planning as release_planning},
    stories::{attachments, links, planning, transitions, trials},
    team::{access, members, notes, views},
    themes::corrections,
};
use serde_json::{Value, json};

/// Fills an empty instance.
pub fn lived_in(store: &Store) {
    store
        .write_now(Actor::COMMAND, |tx| {
            let (theme, said) = say(tx)?;
            let released = release(tx, theme, &said)?;
            plan(tx, theme)?;
            refine(tx, theme, &said)?;
            let (_, ann) = file_as(tx, "ann@example.com", theme)?;
            let (_, also_ann) = file_as(tx, "ann@elsewhere.example", theme)?;
            note(tx, NoteSubject::Customer, also_ann)?;
            note(tx, NoteSubject::Story, released.id)?;
            customers::merge(tx, ann, None, also_ann)?;
            incident(tx, theme)?;
            let late = self::theme(tx, "Late refunds")?;
            let (later, gone) = file_as(tx, "gone@example.com", late)?;
            frozen_evidence::recur(tx, &released, &[later])?;
            erasure::customer(tx, gone, None)?;
            save_view(tx)?;
            measure(tx)?;
            deliver(tx)?;
            take_turns(tx)?;
            page_somebody(tx)?;
            look_back(tx)?;
            super::decided::all(tx, released.id)?;
            let webhook: NewWebhook =
                input(json!({ "url": "https://example.com/hook", "events": ["story.*"], "desk_origin": "crm" }));
            webhooks::create(tx, &webhook, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=", &|_| Ok(()))?;
            products::next_story_number(tx, DEFAULT_PRODUCT).map(drop)
        })
        .unwrap();
}

pub fn input<T: serde::de::DeserializeOwned + utoipa::ToSchema + 'static>(value: Value) -> T {
    decode(value).unwrap()
}

/// Many feedback items in a theme into which another was merged.
fn say(tx: &mut Tx<'_>) -> Result<(Id, Vec<Id>)> {
    let inputs: Vec<NewFeedback> = (0..700)
        .map(|n| {
            input(json!({
                "text": format!("환불 {n} isn't \"here\" yet \\u0000"), "title": "t", "rating": n % 5 + 1, "votes": n % 3,
                "tags": ["a", "b"], "fields": {"plan": {"b": [1.5, null], "a": "x"}}, "external_id": n.to_string(), "origin": "crm",
                "customer": {"external_id": (n % 90).to_string(), "email": format!("c{}@example.com", n % 90),
                    "account": {"name": format!("Account {}", n % 7), "annual_value": {"amount_minor": 5, "currency": "USD"}}},
            }))
        })
        .collect();
    let filed: Result<Vec<Id>> = filing::file(tx, &inputs)?.into_iter().map(|filed| Ok(filed?.feedback.id)).collect();
    let ids = filed?;
    let [theme, other] = [theme(tx, "Refunds")?, theme(tx, "Money back")?];
    let place = |(n, item): (usize, &Id)| (*item, if n < 9 { other } else { theme }, (n as f64).sqrt() / 27.0);
    let placed: Vec<(Id, Id, f64)> = ids.iter().enumerate().map(place).collect();
    assignments::place(tx, &placed)?;
    corrections::merge(tx, theme, None, other)?;
    Ok((theme, ids))
}

fn theme(tx: &mut Tx<'_>, label: &str) -> Result<Id> {
    let theme = NewTheme { id: Id::next(), product: DEFAULT_PRODUCT, label: label.to_owned() };
    themes::rows::insert(tx, std::slice::from_ref(&theme))?;
    Ok(theme.id)
}

/// One more feedback item, with its customer.
fn file_as(tx: &mut Tx<'_>, email: &str, theme: Id) -> Result<(Id, Id)> {
    let said: NewFeedback = input(
        json!({ "text": "Still no refund", "external_id": email, "origin": "crm", "customer": {"email": email} }),
    );
    let filed = filing::file(tx, &[said])?.remove(0)?.feedback;
    assignments::place(tx, &[(filed.id, theme, 0.5)])?;
    Ok((filed.id, filed.customer.unwrap().id))
}

/// Commits and a pull request that hooks reported, and a deployment whose reporter named its changes.
fn deliver(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now;
    let commit = Commit {
        repository: "acme/app".to_owned(),
        branch: "topic".to_owned(),
        sha: "9f1b2c4".to_owned(),
        committed_at: now,
        pushed_at: now,
        position: 0,
        author: Some("0123456789abcdef".to_owned()),
        request: None,
    };
    ledger::add_commit(tx, DEFAULT_PRODUCT, LinkProvider::Github, &commit)?;
    let request = PullRequest {
        repository: "acme/app".to_owned(),
        number: "12".to_owned(),
        head: "topic".to_owned(),
        base: "main".to_owned(),
        opened_at: Some(now),
        merged_at: Some(now),
        merge_sha: Some("8e0a1b3".to_owned()),
    };
    ledger::put_request(tx, DEFAULT_PRODUCT, LinkProvider::Github, &request)?;
    let change = json!({ "sha": "9f1b2c4", "committed_at": now });
    let deployment = input(json!({ "environment": "staging", "changes": [change] }));
    deployments::record(tx, "api", &deployment).map(drop)
}

/// A shared view that its owner's list opens with.
fn save_view(tx: &mut Tx<'_>) -> Result<()> {
    let member: NewMember = input(json!({ "name": "Ana", "email": "ana@example.com", "role": "support" }));
    let member = members::create(tx, &member)?.id;
    let facts = hearback::store::team::access::facts(tx.conn, Some((member, Role::Support)), None)?;
    let access = std::sync::Arc::new(hearback::domain::team::access::ProductAccess::of(&facts));
    let caller = Caller { token_id: Id::next(), member_id: Some(member), role: Role::Support, access };
    let new: NewSavedView =
        input(json!({ "page": "backlog", "name": "초안 \"A\"", "query": "q=환불", "shared": true }));
    let view = views::create(tx, &caller, &new, |_, query| Ok(ListFilters(vec![("q".to_owned(), query.to_owned())])))?;
    views::open_with(tx, view.id, &caller, true).map(drop)
}

/// A rota with a shift that another member is asked to take.
fn take_turns(tx: &mut Tx<'_>) -> Result<()> {
    let member: NewMember = input(json!({ "name": "Ono", "email": "ono@example.com", "role": "developer" }));
    let member = members::create(tx, &member)?.id;
    let new: NewRota = input(json!({
        "product": DEFAULT_PRODUCT, "name": "First line", "time_zone": "Asia/Seoul", "start": "2026-01-05", "every": "week",
        "hand_over": "09:00", "members": [member], "restrictions": [{ "weekdays": ["monday"], "from": "09:00", "to": "18:00" }],
    }));
    let rota = rotas::create(tx, &new)?.id;
    let facts = hearback::store::team::access::facts(tx.conn, Some((member, Role::Developer)), None)?;
    let access = std::sync::Arc::new(hearback::domain::team::access::ProductAccess::of(&facts));
    let caller = Caller { token_id: Id::next(), member_id: Some(member), role: Role::Developer, access };
    let (starts_at, ends_at) = (tx.now, tx.now.plus(3_600_000_000));
    let taken: NewRotaOverride = input(json!({ "starts_at": starts_at, "ends_at": ends_at, "note": "병원" }));
    overrides::create(tx, rota, &caller, &taken).map(drop)
}

/// An incident whose owner is paged by the product's own policy.
fn page_somebody(tx: &mut Tx<'_>) -> Result<()> {
    escalations::edit(tx, DEFAULT_PRODUCT, None, &json!({ "repeats": 1 }))?;
    let new: NewIncident = input(json!({ "title": "결제 \"실패\"", "severity": 2, "services": ["checkout"] }));
    let incident = incidents::open(tx, &new)?.id;
    paging::page_due(tx, incident).map(drop)
}

/// Two incidents with postmortems, the later of which covers an action of the earlier.
fn look_back(tx: &mut Tx<'_>) -> Result<()> {
    let admin: NewMember = input(json!({ "name": "Grace", "email": "grace@example.com", "role": "admin" }));
    members::create(tx, &admin)?;
    let mut covers = Vec::new();
    for title in ["결제 \"실패\"", "결제 또 실패"] {
        let incident: NewIncident = input(json!({ "title": title, "severity": 2, "services": ["checkout"] }));
        let incident = incidents::open(tx, &incident)?.id;
        repeats::check(tx, incident)?;
        let (postmortem, _) = writing::draft(tx, incident, None)?;
        let action: NewPostmortemAction = input(json!({ "title": "연결 수 알림", "covers": covers }));
        covers.push(actions::create(tx, postmortem.id, &action)?.id);
    }
    Ok(())
}

/// A note that mentions a member, who has marked it as read.
fn note(tx: &mut Tx<'_>, kind: NoteSubject, subject: Id) -> Result<()> {
    let new: NewNote = input(json!({ "text": "@Jin 확인 부탁드립니다 \\u0000 \"so\"" }));
    let note = notes::create(tx, kind, subject, &new)?.note;
    note_mentions::read(tx, note.id, note.mentions[0]).map(drop)
}

fn story(tx: &mut Tx<'_>, theme: Id, title: &str) -> Result<Story> {
    let new: NewStory = input(json!({ "theme_id": theme, "title": title }));
    planning::create(tx, &new)
}

fn transition(tx: &mut Tx<'_>, story: Id, to: Value) -> Result<Story> {
    let to: Transition = input(to);
    transitions::transition(tx, story, None, Role::Admin, &to)
}

/// A story in development with a duplicate.
fn release(tx: &mut Tx<'_>, theme: Id, said: &[Id]) -> Result<Story> {
    let member: NewMember = input(json!({ "name": "Jin", "email": "jin@example.com", "role": "product" }));
    let member = members::create(tx, &member)?.id;
    access::set(tx, member, DEFAULT_PRODUCT, Role::Developer)?;
    let released = story(tx, theme, "Refunds show a date")?;
    let duplicate = story(tx, theme, "Refund dates")?.id;
    transition(tx, duplicate, json!({ "to": "duplicate", "duplicate_of": released.id, "reason": "The same" }))?;
    transition(tx, released.id, json!({ "to": "accepted" }))?;
    let texts = json!({ "texts": { "ko": { "title": "환불 날짜 표시", "entry": "환불 날짜가 보입니다." } } });
    planning::edit(tx, released.id, None, &texts)?;
    let apart: NewFeedback = input(json!({ "text": "A date on the receipt", "customer": { "name": "Bo" } }));
    let apart = filing::file(tx, &[apart])?.remove(0)?.feedback.id;
    attachments::attach_feedback(tx, released.id, None, &AttachFeedback { feedback_ids: vec![apart] })?;
    let link: NewLink = input(json!({
        "provider": "github", "repository": "paylo/app", "kind": "pull_request", "reference": "17", "url": "https://github.com/paylo/app/pull/17",
    }));
    links::add(tx, released.id, &link)?;
    let trial: NewTrial = input(json!({ "kind": "trial", "tried_by": "Min-ji Park", "verdict": "passed" }));
    trials::record(tx, released.id, &trial)?;
    let signed = Signoff {
        id: Id::next(),
        story_id: released.id,
        gate: "security_review".to_owned(),
        decision: Decision::ALL[0],
        member_id: Some(member),
        evidence: Some("https://example.com/review".to_owned()),
        reason: None,
        created_at: tx.now,
    };
    gates::insert(tx, &signed)?;
    transition(tx, released.id, json!({ "to": "ready" }))?;
    let released = transition(tx, released.id, json!({ "to": "released" }))?;
    assert!(said.len() > 600);
    decide(tx, released.id, apart)?;
    Ok(released)
}

/// A person who is not to be told of a story, and a roll-back that its customers may hear of.
fn decide(tx: &mut Tx<'_>, story: Id, said: Id) -> Result<()> {
    let customer_id = feedback::rows::get(tx.conn, said)?.customer.unwrap().id;
    let reason = Some("Told by telephone".to_owned());
    let chosen = TellChosen { customer_id, choice: TellChoice::ALL[0], reason, decided_by: None, decided_at: tx.now };
    tell_choices::put(tx, story, &chosen)?;
    stories::rows::set_roll_back_to_tell(tx, story, Some(1))
}

/// A metric with samples of two hours, of which one is rolled up.
fn measure(tx: &mut Tx<'_>) -> Result<()> {
    let new: NewMetric = input(json!({ "key": "latency", "name": "Latency", "kind": "technical", "unit": "ms",
        "direction": "down", "target": 200.5, "prometheus": { "query": "latency", "every": 60 } }));
    let metric = metric_definitions::create(tx, &new, &|_| Ok(()))?;
    let labels = [("region".to_owned(), "eu".to_owned())].into();
    let now = tx.now.0 / 1000;
    let incoming = [now - 2 * 3_600_000, now].map(|at| Incoming {
        sample: Sample { at, value: 17.5 },
        labels: Labels::clone(&labels),
        place: 0,
    });
    intake::take(tx, metric, incoming.into())?;
    rolling::roll_some(tx).map(drop)
}

/// A planned release, and one deployment.
fn plan(tx: &mut Tx<'_>, theme: Id) -> Result<()> {
    let next = story(tx, theme, "Refunds show a time")?.id;
    let release: NewRelease = input(json!({ "name": "1.4.0", "notes": "Soon" }));
    let release = release_planning::create(tx, &release)?.id;
    let texts = json!({ "texts": { "ko": { "notes": "곧 나옵니다", "reason": "문제가 있었습니다" } } });
    release_planning::edit(tx, release, None, &texts)?;
    let texts = json!({ "texts": { "ko": { "title": "환불 예정일", "entry": "예정일 표시", "reason": "곧" } } });
    planning::edit(tx, next, None, &texts)?;
    transition(tx, next, json!({ "to": "accepted" }))?;
    let stories: NewReleaseStories = input(json!({ "story_ids": [next], "entry": "A refund shows its time." }));
    release_planning::add_stories(tx, release, None, &stories)?;
    let left = Left { release, section: Section::ALL[0], entry: Some("A refund shows its time.".to_owned()) };
    left_behind::put(tx, next, &left)?;
    let deployment: NewDeployment = input(json!({ "environment": "staging", "revision": "abc", "external_id": "d-1" }));
    deployments::record(tx, "api", &deployment).map(drop)
}

/// An incident of an alert, merged into another, with a timeline, a link and a hand-off.
fn incident(tx: &mut Tx<'_>, theme: Id) -> Result<()> {
    let admin: NewMember = input(json!({ "name": "Ada", "email": "ada@example.com", "role": "admin" }));
    let (owner, other) =
        (members::create(tx, &admin)?, json!({ "name": "Bo", "email": "bo@example.com", "role": "developer" }));
    let other: NewMember = input(other);
    let other = members::create(tx, &other)?.id;
    let new: NewIncident =
        input(json!({ "title": "결제 실패 \"A\"", "summary": "s", "severity": 2, "services": ["pay"] }));
    let open = incidents::open(tx, &new)?;
    assert_eq!(open.owner_id, owner.id);
    let link: NewIncidentLink = input(json!({ "target_kind": "theme", "target_id": theme }));
    incident_links::add(tx, open.id, &link)?;
    let entry: NewTimelineEntry = input(json!({ "text": "연결이 없습니다", "happened_at": "2026-01-01T00:00:00Z" }));
    timeline::write(tx, open.id, &entry)?;
    let offer: NewHandOff = input(json!({ "member_id": other, "reason": "other", "text": "잘 아는 사람" }));
    hand_offs::offer(tx, open.id, None, &offer)?;
    let tell: NewTelling = input(json!({ "phase": "start", "texts": { "ko": "확인하고 있습니다" } }));
    let member = Actor { kind: "member", id: Some(owner.id) };
    let before = std::mem::replace(&mut tx.actor, member);
    sending::tell(tx, open.id, &tell)?;
    tx.actor = before;
    let counts = ThemeCounts { theme, items: 9, customers: 9, past: vec![0; 8] };
    bursts::propose(tx, DEFAULT_PRODUCT, &[Burst { counts, probability: 1e-9 }])?;
    let firing = ReportedAlert {
        fingerprint: "f".to_owned(),
        title: "Slow".to_owned(),
        severity: Some("critical".to_owned()),
        no_data: false,
        state: AlertState::Firing,
        starts_at: Some(tx.now),
        ends_at: None,
        labels: [("a".to_owned(), "b".to_owned())].into(),
        url: None,
    };
    let batch = AlertBatch {
        product: None,
        source: IncidentSource::Alertmanager,
        join_key: "g".to_owned(),
        title: "Slow".to_owned(),
        summary: None,
        severity: 1,
        services: Vec::new(),
        alerts: vec![firing],
        left_out: 0,
        is_all_over: false,
        acknowledges: false,
        caused_by: None,
    };
    let alerted = alerts::receive(tx, &batch)?.incident_id.unwrap();
    incidents::merge(tx, alerted, None, &input(json!({ "into": open.number }))).map(drop)
}

/// A refinement that proposed a split, which was rejected.
fn refine(tx: &mut Tx<'_>, theme: Id, said: &[Id]) -> Result<()> {
    let done = Refinement {
        id: Id::next(),
        product_id: DEFAULT_PRODUCT,
        kind: RefinementKind::Cold,
        items: 700,
        themes_before: 2,
        themes_after: 1,
        moved: 9,
        held_back: 3,
        granularity: 8.0,
        agreement: 2.0_f64.sqrt() / 2.0,
        created_at: tx.now,
    };
    let choice = GranularityChoice { granularity: 8.0, items: 700, kept: false, candidates: Vec::new() };
    refinements::insert(tx, &done, "builtin", Some(&choice))?;
    let proposed = Proposed { kind: ProposalKind::Split, theme, other: None, items: said[20..23].to_vec() };
    let numbers = ProposalNumbers { moving: 3, theme_size: 700, similarity: 0.1 + 0.2, ..ProposalNumbers::default() };
    let proposal = proposals::insert(tx, DEFAULT_PRODUCT, done.id, &proposed, &numbers)?;
    proposals::decide(tx, proposal, ProposalState::Rejected, Some("It is one thing."), None)
}
