//! Property test: in any order of arrivals, refinements and corrections, the engine never changes what a person
//! decided.

use std::collections::BTreeSet;

use hearback::domain::{base::Id, themes::ProposalState};
use hearback::engine::Kind;
use hearback::store::themes::{assignments, proposals};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::bench::{Bench, new_product};
use super::engine::{Instance, sample};
use crate::support::{Database, Kind as Databases};

/// The possible steps.
#[derive(Clone, Copy, Debug)]
enum Act {
    Arrive,
    Refine(Kind),
    /// Items are assigned to a wrong theme on their arrival.
    Misplace(usize, usize),
    Move(usize, usize),
    MoveOut(usize),
    Merge(usize, usize),
    Split(usize),
    Rename(usize),
    TakeUp(usize),
    Accept(usize),
    Reject(usize),
    Dismiss(usize),
}

fn act() -> impl Strategy<Value = (Act, bool)> {
    let n = || 0..1_000_usize;
    let act = prop_oneof![
        2 => Just(Act::Arrive),
        2 => Just(Act::Refine(Kind::Warm)),
        4 => Just(Act::Refine(Kind::Cold)),
        3 => (n(), n()).prop_map(|(a, b)| Act::Misplace(a, b)),
        3 => (n(), n()).prop_map(|(a, b)| Act::Move(a, b)),
        1 => n().prop_map(Act::MoveOut),
        1 => (n(), n()).prop_map(|(a, b)| Act::Merge(a, b)),
        1 => n().prop_map(Act::Split),
        1 => n().prop_map(Act::Rename),
        2 => n().prop_map(Act::TakeUp),
        4 => n().prop_map(Act::Accept),
        1 => n().prop_map(Act::Reject),
        1 => n().prop_map(Act::Dismiss),
    ];
    // Whether a person takes it back at once.
    (act, any::<bool>())
}

struct Run<'a> {
    bench: Bench,
    instance: Instance,
    rows: &'a [Value],
    items: Vec<Id>,
}

impl Run<'_> {
    fn arrive(&mut self, many: usize) {
        let next: Vec<Value> = self.rows.iter().cycle().skip(self.items.len()).take(many).cloned().collect();
        let filed = self.bench.file_all(&next);
        self.items.extend(filed);
        self.instance.job.run_until_idle().unwrap();
    }

    fn theme_of(&self, item: usize) -> Option<Id> {
        let item = self.items[item % self.items.len()];
        self.bench.places(&[item]).get(&item).map(|place| place.0)
    }

    /// Performs an action of a person; returns its correction if there is one.
    fn person(&self, act: Act) -> Option<Id> {
        let bench = &self.bench;
        let item = |n: usize| self.items[n % self.items.len()];
        let open = |n: usize| {
            let open = bench.proposals(Some(ProposalState::Open));
            (!open.is_empty()).then(|| open[n % open.len()].id)
        };
        // What is refused changes nothing.
        match act {
            Act::Move(a, b) => bench.move_to(item(a), self.theme_of(b)).ok().flatten(),
            Act::MoveOut(a) => bench.move_to(item(a), None).ok().flatten(),
            Act::Merge(a, b) => bench.merge(self.theme_of(a)?, self.theme_of(b)?).ok().flatten(),
            Act::Split(a) => {
                let members = bench.members(self.theme_of(a)?);
                let half = &members[..members.len().div_ceil(2)];
                bench.split(self.theme_of(a)?, half, None).ok()?.1
            }
            Act::Rename(a) => bench.rename(self.theme_of(a)?, "Named by a person").ok().flatten(),
            Act::Dismiss(a) => bench.dismiss(item(a)).ok().flatten(),
            Act::Accept(n) => bench.accept(open(n)?).ok()?.correction_id,
            Act::Reject(n) => bench.reject(open(n)?).map(|_| None).unwrap(),
            Act::TakeUp(a) => {
                let theme = self.theme_of(a)?;
                let drafted = bench
                    .theme(theme)
                    .story_id
                    .is_none_or(|id| bench.story(id).stage == hearback::domain::stories::stage::Stage::Draft);
                if drafted {
                    bench.take_up(theme);
                }
                None
            }
            Act::Arrive | Act::Refine(_) | Act::Misplace(..) => None,
        }
    }

    /// The themes that people have decided about.
    fn protected(&self) -> BTreeSet<Id> {
        self.bench.store.read_now(|conn| proposals::protected(conn, self.bench.product.id)).unwrap()
    }

    fn step(&mut self, act: Act, taken_back: bool) -> Result<(), TestCaseError> {
        let before = self.bench.places(&self.items);
        let protected = self.protected();
        let all: BTreeSet<Id> = before.values().map(|(theme, _)| *theme).collect();
        let held: Vec<(Id, Vec<Id>)> =
            protected.intersection(&all).map(|theme| (*theme, self.bench.members(*theme))).collect();
        match act {
            Act::Arrive => self.arrive(4),
            Act::Refine(kind) => {
                self.instance.job.refine_now(self.bench.product.id, kind).unwrap();
                for (theme, members) in held {
                    prop_assert_eq!(self.bench.members(theme), members, "a protected theme changed");
                }
                let open = self.bench.proposals(Some(ProposalState::Open));
                for p in &open {
                    let touched = [Some(p.theme_id), p.other_theme_id];
                    let decided = touched.iter().flatten().any(|theme| protected.contains(theme));
                    prop_assert!(kind == Kind::Warm || decided, "{:?} was free to be done", p);
                }
            }
            Act::Misplace(a, b) => {
                if let Some(theme) = self.theme_of(b) {
                    let many: Vec<Id> = (a..a + 3).map(|n| self.items[n % self.items.len()]).collect();
                    self.bench.misplace(&many, theme);
                }
            }
            _ => {
                let correction = self.person(act);
                if let (Some(correction), true) = (correction, taken_back) {
                    self.bench.undo(correction).map_err(|e| TestCaseError::fail(e.to_string()))?;
                    prop_assert_eq!(&self.bench.places(&self.items), &before, "not as it was after an undo");
                }
                self.instance.job.run_until_idle().unwrap();
            }
        }
        if matches!(act, Act::Arrive | Act::Refine(_) | Act::Misplace(..)) {
            let now = self.bench.places(&self.items);
            for (item, place) in before.iter().filter(|(_, (_, pinned))| *pinned) {
                prop_assert_eq!(now.get(item), Some(place), "the engine moved what a person placed");
            }
        }
        self.instance.job.run_until_idle().unwrap();
        self.engine_agrees()
    }

    /// Checks that the engine's state equals the database.
    fn engine_agrees(&self) -> Result<(), TestCaseError> {
        let group = self.instance.groups.of(self.bench.product.id);
        let grouper = group.read();
        for (item, (theme, pinned)) in self.bench.places(&self.items) {
            prop_assert_eq!(grouper.theme_of(item.0), Some((theme.0, pinned)));
        }
        Ok(())
    }
}

#[test]
fn the_engine_never_overrules_a_person() {
    let database = Database::new(Databases::Sqlite);
    let store = crate::support::open_store(&database);
    let rows = sample();
    let config = Config { cases: 16, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(act(), 6..24), |acts| {
        let bench = Bench { product: new_product(&store), store: store.clone() };
        let instance = bench.instance();
        let mut run = Run { bench, instance, rows: &rows, items: Vec::new() };
        run.arrive(60);
        for (act, taken_back) in acts {
            run.step(act, taken_back)?;
        }
        prop_assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
        Ok(())
    });
    outcome.unwrap();
    store.close();
}
