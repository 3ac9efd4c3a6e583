//! The engine on the product of a world.

use std::collections::BTreeMap;

use hearback::domain::{
    base::{Id, Paging},
    stories::{Transition, stage::Stage},
    team::Role,
    themes::{Proposal, ProposalDetail, ProposalQuery, ProposalState, Refinement, RefinementQuery},
};
use hearback::engine::Kind;
use hearback::error::Result;
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::themes::{self};
use hearback::store::{
    feedback,
    themes::{assignments, proposals as stored_proposals, refinements, vectors},
};
use hearback::usecase::themes::groupers::Groups;
use hearback::usecase::{stories::transitions, themes::proposals};
use serde_json::{Value, json};

use crate::support::World;

/// The texts of the sample, in the order of its file.
pub fn sample() -> Vec<Value> {
    let options = hearback::outside::import::ReadOptions::default();
    let rows =
        hearback::outside::import::read(include_str!("../../examples/feedback.csv").as_bytes(), &options).unwrap();
    rows.map(|row| row.unwrap().content.unwrap()).map(|row| json!({ "text": row["text"] })).collect()
}

/// One instance that groups.
pub struct Instance {
    pub job: Grouping,
    pub groups: Groups,
}

impl World {
    /// Files these texts, each from a different customer.
    pub fn file_all(&self, rows: &[Value]) -> Vec<Id> {
        let file = |(n, row): (usize, &Value)| {
            let name = format!("{}-{}-{n}", self.product.key, Id::next());
            self.file_in_product(json!({ "text": row["text"], "customer": { "external_id": name } }))
        };
        rows.iter().enumerate().map(file).collect()
    }

    /// A new instance; the lease of the previous one has expired.
    pub fn instance(&self) -> Instance {
        self.store().clock.advance(16 * hearback::domain::base::Time::SECOND);
        let groups = Groups::default();
        let mut job = Grouping::new(self.store().clone(), groups.clone());
        job.load().unwrap();
        Instance { job, groups }
    }

    /// Refines on a new instance, which has read all corrections: on PostgreSQL an old one may read them later.
    pub fn refine(&self, kind: Kind) -> Refinement {
        self.instance().job.refine_now(self.product.id, kind).unwrap();
        self.refinements().remove(0)
    }

    pub fn refinements(&self) -> Vec<Refinement> {
        let paging = Paging::of("refinements", &RefinementQuery::default()).unwrap();
        self.store().read_now(|conn| refinements::of_product(conn, self.product.id, &paging)).unwrap().data
    }

    /// The themes of these items, and whether a person placed them there.
    pub fn places(&self, items: &[Id]) -> BTreeMap<Id, (Id, bool)> {
        let rows = self.store().read_now(|conn| feedback::rows::rows(conn, items)).unwrap();
        rows.into_iter().filter_map(|row| Some((row.id, (row.theme_id?, row.pinned)))).collect()
    }

    pub fn members(&self, theme: Id) -> Vec<Id> {
        let found = self.store().read_now(|conn| vectors::members(conn, &[theme])).unwrap();
        let mut found: Vec<Id> = found.into_iter().map(|(item, ..)| item).collect();
        found.sort();
        found
    }

    /// Assigns items to a theme as the engine could have done on their arrival.
    pub fn misplace(&self, items: &[Id], to: Id) {
        let (items, places, product) = (items.to_vec(), self.places(items), self.product.id);
        let work = move |tx: &mut hearback::store::Tx<'_>| {
            for item in &items {
                if let Some((from, false)) = places.get(item)
                    && !assignments::regroup(tx, &[(*item, Some(*from), Some(to))])?.is_empty()
                {
                    tx.event("feedback.grouped", *item, Some(product), json!({ "from": from, "theme": to }));
                    themes::rows::refresh_counts(tx, &[*from, to])?;
                }
            }
            Ok(())
        };
        self.write(work).unwrap();
    }

    /// The proposals of the product in this state, newest first.
    pub fn proposals(&self, state: Option<ProposalState>) -> Vec<Proposal> {
        let query = ProposalQuery { product: Some(self.product.key.clone()), state, ..ProposalQuery::default() };
        let paging = Paging::of("proposals", &query).unwrap();
        self.store().read_now(|conn| stored_proposals::list(conn, &query, &paging)).unwrap().data
    }

    pub fn proposal(&self, id: Id) -> ProposalDetail {
        self.store().read_now(|conn| stored_proposals::detail(conn, id)).unwrap()
    }

    pub fn accept(&self, id: Id) -> Result<Proposal> {
        self.write(move |tx| proposals::accept(tx, id))
    }

    pub fn reject(&self, id: Id) -> Result<Proposal> {
        let rejection = hearback::domain::themes::Rejection { reason: Some("Two promises".to_owned()) };
        self.write(move |tx| proposals::reject(tx, id, &rejection))
    }

    /// Lets a person work on the story of a theme.
    pub fn take_up(&self, theme: Id) {
        let story = self.stored_theme(theme).story_id.unwrap_or_else(|| self.draft_about(theme));
        let accepted = Transition {
            to: Stage::Accepted,
            reason: None,
            duplicate_of: None,
            override_gates: false,
            unreachable_reason: None,
            tell_customers: None,
        };
        self.write(move |tx| transitions::transition(tx, story, None, Role::Product, &accepted).map(drop)).unwrap();
    }
}
