//! One refinement of a product: computed on a copy and written in several transactions; changes that people must decide
//! become proposals.

use std::collections::HashMap;
use std::time::Instant;

use uuid::Uuid;

use crate::domain::base::{Actor, Id, Time};
use crate::domain::themes::{Refinement, RefinementKind};
use crate::engine::{self, Kind};
use crate::error::Result;
use crate::jobs::base::pace::Pace;
use crate::store::base::leases::Lease;
use crate::store::team::products;
use crate::store::themes::proposals as stored_proposals;
use crate::store::{Store, Tx};
use crate::usecase::stories::draft_subjects;
use crate::usecase::themes::assignments::{self, Done};
use crate::usecase::themes::granularity;
use crate::usecase::themes::groupers::Groups;
use crate::usecase::themes::proposals;

/// Most moves of a refinement written in one transaction.
const MOVES: usize = 200;

/// The environment of a refinement: the store, the groupers and the lease of the product.
pub(in crate::jobs) struct Refining<'a> {
    pub store: &'a Store,
    pub groups: &'a Groups,
    pub lease: &'a Lease,
    /// The embedder whose vectors are compared.
    pub embedder: &'a str,
}

impl Refining<'_> {
    /// Refines a product: moves the items that no person decided about. A cold refinement also opens proposals for the
    /// others.
    ///
    /// # Errors
    /// If the lease is lost, and those of the database; what was written until then is in the event log.
    pub fn run(&self, id: Id, kind: Kind) -> Result<()> {
        let started = Instant::now();
        let asked = self.store.read_now(|conn| products::refinement(conn, id))?.asked;
        // Read after the request, so the settings are at least as new as the request.
        let product = self.store.read_now(|conn| products::get(conn, id))?;
        let protected = self.store.read_now(|conn| stored_proposals::protected(conn, id))?;
        let group = self.groups.of(id);
        let (snapshot, sizes) = {
            group.write().set_granularity(engine::Granularity::of(product.settings.granularity));
            let grouper = group.read();
            (grouper.snapshot(), grouper.theme_sizes().collect::<HashMap<Uuid, usize>>())
        };
        let found = snapshot.refine(kind, || Id::next().0);
        let (free, held_back) = proposals::divide(&found.moves, &protected);
        let made = self.write(id, &free)?;
        let refinement = engine::Refinement { moves: made, ..found };
        // Items that a person moved meanwhile stay: the engine skips them, as the database did.
        group.write().apply(&refinement);

        let (after, proposals) = {
            let grouper = group.read();
            let proposals = || proposals::drawn_up(&grouper, &held_back, &protected);
            (grouper.theme_sizes().count(), (kind == Kind::Cold).then(proposals))
        };
        let moved = refinement.moves.len();
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let agreement = engine::agreement(&sizes, &refinement.moves);
        let run = Refinement {
            id: Id::next(),
            product_id: id,
            kind: if kind == Kind::Cold { RefinementKind::Cold } else { RefinementKind::Warm },
            items: count(refinement.items),
            themes_before: count(sizes.len()),
            themes_after: count(after),
            moved: count(moved),
            held_back: count(held_back.len()),
            granularity: granularity::rounded(refinement.granularity),
            agreement: (agreement * 10_000.0).round() / 10_000.0,
            // Use the time of the transaction.
            created_at: Time::default(),
        };
        let choice = refinement.choice.as_ref().map(|choice| granularity::kept(choice, refinement.items));
        let parted = draft_subjects::parted(&sizes, &refinement.moves);
        let done = Done { run, asked, parted, embedder: self.embedder.to_owned(), choice, proposals };
        let lease = self.lease.clone();
        self.store.write_now(Actor::ENGINE, move |tx| assignments::refined(tx, &lease, &done))?;
        let (items, held_back) = (refinement.items, held_back.len());
        let seconds = started.elapsed().as_secs_f64();
        tracing::info!(product = product.key, ?kind, items, moved, held_back, seconds, "refined");
        Ok(())
    }

    /// Written in several transactions, so that no request waits long. The themes are consistent after each. Returns
    /// the moves that were made.
    fn write(&self, product: Id, moves: &[engine::Move]) -> Result<Vec<engine::Move>> {
        let mut made = Vec::with_capacity(moves.len());
        let (mut pace, mut rest) = (Pace::new(MOVES), moves);
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.len().min(pace.rows(self.store)));
            let (lease, by) = (self.lease.clone(), (Actor::ENGINE, piece.len()));
            let piece = piece.to_vec();
            let write = move |tx: &mut Tx<'_>| assignments::apply_moves(tx, &lease, product, &piece);
            made.extend(pace.write(self.store, by, write)?);
            rest = later;
        }
        Ok(made)
    }
}
