//! Property tests: in any order of arrivals, refinements and corrections, the engine never changes what a person decided,
//! and corrections are undone in reverse.

use std::collections::BTreeSet;

use hearback::domain::{base::Id, stories::stage::Stage, themes::ProposalState};
use hearback::engine::Kind;
use hearback::error::Code;
use hearback::store::themes::{assignments, proposals};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;

use super::engine::{Instance, sample};
use super::start::on_each_database;
use crate::support::World;
use crate::support::{Database, Kind as Databases, Tally};

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
        3 => n().prop_map(Act::Reject),
        1 => n().prop_map(Act::Dismiss),
    ];
    // Whether a person takes it back at once.
    (act, any::<bool>())
}

struct Run<'a> {
    world: World,
    instance: Instance,
    rows: &'a [Value],
    items: Vec<Id>,
    tally: &'a Tally,
}

impl Run<'_> {
    fn arrive(&mut self, many: usize) {
        let next: Vec<Value> = self.rows.iter().cycle().skip(self.items.len()).take(many).cloned().collect();
        let filed = self.world.file_all(&next);
        self.items.extend(filed);
        self.instance.job.run_until_idle().unwrap();
    }

    fn theme_of(&self, item: usize) -> Option<Id> {
        let item = self.items[item % self.items.len()];
        self.world.places(&[item]).get(&item).map(|place| place.0)
    }

    /// Performs an action of a person; returns its correction if there is one.
    fn person(&self, act: Act) -> Result<Option<Id>, TestCaseError> {
        let (world, tally) = (&self.world, self.tally);
        let item = |n: usize| self.items[n % self.items.len()];
        let open = |n: usize| {
            let open = world.proposals(Some(ProposalState::Open));
            (!open.is_empty()).then(|| open[n % open.len()].id)
        };
        // A refusal changes nothing. Dismissed items can't be moved, and an item without a theme names no target.
        let refused = &[Code::Conflict, Code::Invalid][..];
        let correction = match act {
            Act::Move(a, b) => tally.result("move", refused, world.move_feedback(item(a), self.theme_of(b)))?,
            Act::MoveOut(a) => tally.result("move out", &[Code::Conflict], world.move_feedback(item(a), None))?,
            Act::Merge(a, b) => match (self.theme_of(a), self.theme_of(b)) {
                (Some(into), Some(from)) => tally.result("merge", &[Code::Invalid], world.merge(into, from))?,
                _ => None,
            },
            Act::Split(a) => match self.theme_of(a) {
                Some(theme) => {
                    let members = world.members(theme);
                    let half = &members[..members.len().div_ceil(2)];
                    // A theme of one item can't be split.
                    let split = tally.result("split", &[Code::Invalid], world.split(theme, half, None))?;
                    split.map(|(_, correction)| correction)
                }
                None => None,
            },
            Act::Rename(a) => match self.theme_of(a) {
                Some(theme) => tally.result("rename", &[], world.rename(theme, "Named by a person"))?,
                None => None,
            },
            Act::Dismiss(a) => tally.result("dismiss", &[Code::Conflict], world.dismiss(item(a)))?,
            Act::Accept(n) => match open(n) {
                // It may fit no longer.
                Some(proposal) => tally
                    .result("accept", &[Code::Conflict], world.accept(proposal))?
                    .map(|accepted| accepted.correction_id),
                None => None,
            },
            Act::Reject(n) => {
                if let Some(proposal) = open(n) {
                    tally.result("reject", &[], world.reject(proposal))?;
                }
                None
            }
            Act::TakeUp(a) => {
                if let Some(theme) = self.theme_of(a).filter(|theme| self.has_only_a_draft(*theme)) {
                    world.take_up(theme);
                    tally.succeeded("take up");
                }
                None
            }
            Act::Arrive | Act::Refine(_) | Act::Misplace(..) => None,
        };
        Ok(correction.flatten())
    }

    /// Whether nobody works on the story of a theme.
    fn has_only_a_draft(&self, theme: Id) -> bool {
        self.world.stored_theme(theme).story_id.is_none_or(|id| self.world.stage(id) == Stage::Draft)
    }

    /// The themes that people have decided about.
    fn protected(&self) -> BTreeSet<Id> {
        self.world.store().read_now(|conn| proposals::protected(conn, self.world.product.id)).unwrap()
    }

    fn step(&mut self, act: Act, taken_back: bool) -> Result<(), TestCaseError> {
        let before = self.world.places(&self.items);
        let protected = self.protected();
        let all: BTreeSet<Id> = before.values().map(|(theme, _)| *theme).collect();
        let held: Vec<(Id, Vec<Id>)> =
            protected.intersection(&all).map(|theme| (*theme, self.world.members(*theme))).collect();
        match act {
            Act::Arrive => {
                self.arrive(4);
                self.tally.succeeded("arrive");
            }
            Act::Refine(kind) => {
                self.instance.job.refine_now(self.world.product.id, kind).unwrap();
                self.tally.succeeded("refine");
                for (theme, members) in held {
                    let now = self.world.members(theme);
                    prop_assert!(members.iter().all(|item| now.contains(item)), "a protected theme lost feedback");
                    // Feedback without a theme may join any, as it might have on arrival.
                    let joined = now.iter().filter(|item| !members.contains(item));
                    for item in joined {
                        prop_assert!(!before.contains_key(item), "a protected theme took feedback of another");
                    }
                }
                let open = self.world.proposals(Some(ProposalState::Open));
                for p in &open {
                    let touched = [Some(p.theme_id), p.other_theme_id];
                    let decided = touched.iter().flatten().any(|theme| protected.contains(theme));
                    // Themes that say the same are proposed too, though people touched neither.
                    let alike = p.because.alike.is_some();
                    prop_assert!(kind == Kind::Warm || decided || alike, "{:?} was free to be done", p);
                }
            }
            Act::Misplace(a, b) => {
                if let Some(theme) = self.theme_of(b) {
                    let many: Vec<Id> = (a..a + 3).map(|n| self.items[n % self.items.len()]).collect();
                    self.world.misplace(&many, theme);
                    self.tally.succeeded("misplace");
                }
            }
            _ => {
                let correction = self.person(act)?;
                if let (Some(correction), true) = (correction, taken_back) {
                    self.tally.result("undo", &[], self.world.undo(correction))?;
                    prop_assert_eq!(&self.world.places(&self.items), &before, "not as it was after an undo");
                }
                self.instance.job.run_until_idle().unwrap();
            }
        }
        if matches!(act, Act::Arrive | Act::Refine(_) | Act::Misplace(..)) {
            let now = self.world.places(&self.items);
            for (item, place) in before.iter().filter(|(_, (_, pinned))| *pinned) {
                prop_assert_eq!(now.get(item), Some(place), "the engine moved what a person placed");
            }
        }
        self.instance.job.run_until_idle().unwrap();
        self.engine_agrees()
    }

    /// Checks that the engine's state equals the database.
    fn engine_agrees(&self) -> Result<(), TestCaseError> {
        let group = self.instance.groups.of(self.world.product.id);
        let grouper = group.read();
        for (item, (theme, pinned)) in self.world.places(&self.items) {
            prop_assert_eq!(grouper.theme_of(item.0), Some((theme.0, pinned)));
        }
        Ok(())
    }
}

#[test]
fn the_engine_never_overrules_a_person() {
    let database = Database::new(Databases::Sqlite);
    let first = World::in_process(database);
    let store = first.store().clone();
    let rows = sample();
    let tally = Tally::of(&[
        "arrive", "refine", "misplace", "move", "move out", "merge", "split", "rename", "take up", "accept", "reject",
        "dismiss", "undo",
    ]);
    let config = Config { cases: 16, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(act(), 6..24), |acts| {
        let world = first.with_new_product(None);
        let instance = world.instance();
        let mut run = Run { world, instance, rows: &rows, items: Vec::new(), tally: &tally };
        run.arrive(60);
        for (act, taken_back) in acts {
            run.step(act, taken_back)?;
        }
        // Proposals come from cold refinements; so each run has its chance to reject one.
        run.step(Act::Refine(Kind::Cold), false)?;
        run.step(Act::Reject(0), false)?;
        prop_assert_eq!(store.read_now(assignments::count_pending).unwrap(), 0);
        Ok(())
    });
    outcome.unwrap();
    tally.each_succeeded();
}

#[test]
fn all_corrections_can_be_undone_in_reverse_order() {
    on_each_database(|world| {
        let tally = Tally::of(&["move", "dismiss", "restore", "rename", "mute", "merge", "split", "undo"]);
        let act = (0..7_u8, 0..13_usize, 0..5_usize, 0..5_usize);
        let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&prop::collection::vec(act, 1..14), |acts| {
            let world = world.with_new_product(None);
            let start = world.start();
            world.draft_about(start.themes[1]);
            world.draft_about(start.themes[0]);
            let before = world.state(&start);
            let mut known = start.themes.clone();
            let (mut done, mut dismissed) = (Vec::new(), Vec::new());
            for (kind, n, a, b) in acts {
                let (item, a, b) = (start.items[n], known[a % known.len()], known[b % known.len()]);
                let correction = match kind {
                    // A dismissed item can't be moved, and a merged theme takes nothing.
                    0 => tally.result("move", &[Code::Conflict, Code::Invalid], world.move_feedback(item, Some(a)))?,
                    1 => {
                        let done = tally.result("dismiss", &[Code::Conflict], world.dismiss(item))?;
                        dismissed.extend(done.map(|_| item));
                        done
                    }
                    2 => {
                        // Half of the time an item that was dismissed, if there is one.
                        let item = dismissed.last().copied().filter(|_| n % 2 == 0).unwrap_or(item);
                        tally.result("restore", &[Code::Conflict], world.restore(item))?
                    }
                    3 => {
                        let label = format!("Named {}", done.len());
                        tally.result("rename", &[Code::Conflict], world.rename(a, &label))?
                    }
                    4 => {
                        let mute = !world.stored_theme(a).muted;
                        tally.result("mute", &[Code::Conflict], world.mute(a, mute))?
                    }
                    // Into itself, or one that was merged already.
                    5 => tally.result("merge", &[Code::Conflict, Code::Invalid], world.merge(a, b))?,
                    _ => match world.stored_feedback(item).theme {
                        None => None,
                        // The last item stays in its theme.
                        Some(theme) => {
                            let split = world.split(theme.id, &[item], None);
                            let split = tally.result("split", &[Code::Invalid], split)?;
                            known.extend(split.iter().map(|(new, _)| new.id));
                            split.map(|(_, correction)| correction)
                        }
                    },
                };
                done.extend(correction.flatten());
            }
            for correction in done.into_iter().rev() {
                tally.result("undo", &[], world.undo(correction))?;
            }
            prop_assert_eq!(world.state(&start), before);
            Ok(())
        });
        outcome.unwrap();
        tally.each_succeeded();
    });
}
