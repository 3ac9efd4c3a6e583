//! Networks of tasks that need each other: paths, circles, and the critical path.
//!
//! Links are finish to start with a lag: a task begins at the earliest when the other is done and the lag is over. Times are
//! offsets in working days from the start of the plan; a task from 0 to 3 takes the first three days.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::domain::base::Id;

/// The shortest way along these edges from one story to another, both included; `None` where there is none.
pub fn path(edges: &[(Id, Id)], from: Id, to: Id) -> Option<Vec<Id>> {
    let mut next: HashMap<Id, Vec<Id>> = HashMap::new();
    for (one, other) in edges {
        next.entry(*one).or_default().push(*other);
    }
    let mut came_from: HashMap<Id, Id> = HashMap::new();
    let (mut seen, mut queue) = (HashSet::from([from]), VecDeque::from([from]));
    while let Some(at) = queue.pop_front() {
        if at == to {
            let mut way = vec![at];
            while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                way.push(*before);
            }
            way.reverse();
            return Some(way);
        }
        for other in next.get(&at).into_iter().flatten() {
            if seen.insert(*other) {
                came_from.insert(*other, at);
                queue.push_back(*other);
            }
        }
    }
    None
}

/// A task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// How long it takes.
    pub days: i64,
    /// It does not begin before.
    pub not_before: i64,
}

/// A link: the second task begins when the first is done and the lag is over. Tasks are named by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLink {
    pub first: usize,
    pub then: usize,
    pub lag: i64,
}

/// When a task can and must happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    pub earliest_start: i64,
    pub earliest_finish: i64,
    pub latest_start: i64,
    pub latest_finish: i64,
}

impl Placed {
    /// How many days it can be late without moving the end of the plan.
    pub fn slack(&self) -> i64 {
        self.latest_start - self.earliest_start
    }

    /// Whether a day later here is a day later for all.
    pub fn is_critical(&self) -> bool {
        self.slack() == 0
    }
}

/// The critical path method: when each task can and must happen, and when all are done. `None` where the links form a
/// circle.
pub fn schedule(tasks: &[Task], links: &[TaskLink]) -> Option<(Vec<Placed>, i64)> {
    let order = ordered(tasks.len(), links)?;
    let mut placed = vec![Placed::default(); tasks.len()];
    let (mut before, mut after) = (vec![Vec::new(); tasks.len()], vec![Vec::new(); tasks.len()]);
    for link in links {
        before.get_mut(link.then)?.push(*link);
        after.get_mut(link.first)?.push(*link);
    }
    for at in &order {
        let ready = before[*at].iter().map(|link| placed[link.first].earliest_finish + link.lag).max();
        let start = ready.unwrap_or(0).max(tasks[*at].not_before).max(0);
        placed[*at].earliest_start = start;
        placed[*at].earliest_finish = start + tasks[*at].days;
    }
    let end = placed.iter().map(|one| one.earliest_finish).max().unwrap_or(0);
    for at in order.iter().rev() {
        let latest = after[*at].iter().map(|link| placed[link.then].latest_start - link.lag).min();
        placed[*at].latest_finish = latest.unwrap_or(end).min(end);
        placed[*at].latest_start = placed[*at].latest_finish - tasks[*at].days;
    }
    Some((placed, end))
}

/// The tasks in an order in which each comes after those that it needs; `None` where there is a circle.
fn ordered(count: usize, links: &[TaskLink]) -> Option<Vec<usize>> {
    let mut waits = vec![0_usize; count];
    for link in links {
        *waits.get_mut(link.then)? += 1;
    }
    let mut order: Vec<usize> = (0..count).filter(|at| waits[*at] == 0).collect();
    let mut done = 0;
    while let Some(at) = order.get(done).copied() {
        done += 1;
        for link in links.iter().filter(|link| link.first == at) {
            waits[link.then] -= 1;
            if waits[link.then] == 0 {
                order.push(link.then);
            }
        }
    }
    (order.len() == count).then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tasks(days: &[i64]) -> Vec<Task> {
        days.iter().map(|days| Task { days: *days, not_before: 0 }).collect()
    }

    fn links(all: &[(usize, usize, i64)]) -> Vec<TaskLink> {
        all.iter().map(|(first, then, lag)| TaskLink { first: *first, then: *then, lag: *lag }).collect()
    }

    fn spans(placed: &[Placed]) -> Vec<(i64, i64, i64, i64)> {
        let span = |one: &Placed| (one.earliest_start, one.earliest_finish, one.latest_start, one.latest_finish);
        placed.iter().map(span).collect()
    }

    /// A 3 days, B 2 after A, C 4 after A, D 1 after B and C.
    fn diamond(lag: i64) -> (Vec<Placed>, i64) {
        schedule(&tasks(&[3, 2, 4, 1]), &links(&[(0, 1, lag), (0, 2, 0), (1, 3, 0), (2, 3, 0)])).unwrap()
    }

    #[test]
    fn the_longest_way_is_critical_and_the_rest_has_slack() {
        let (placed, end) = diamond(0);
        assert_eq!(end, 8);
        assert_eq!(spans(&placed), [(0, 3, 0, 3), (3, 5, 5, 7), (3, 7, 3, 7), (7, 8, 7, 8)]);
        assert_eq!(placed.iter().map(Placed::slack).collect::<Vec<_>>(), [0, 2, 0, 0]);
        assert_eq!(placed.iter().map(Placed::is_critical).collect::<Vec<_>>(), [true, false, true, true]);
    }

    #[test]
    fn a_lag_uses_up_slack_and_then_moves_the_end() {
        let (placed, end) = diamond(2);
        assert_eq!((end, placed[1].slack()), (8, 0), "a lag of two days uses up the slack of B");
        let (placed, end) = diamond(3);
        assert_eq!((end, placed[1].slack(), placed[2].slack()), (9, 0, 1));
    }

    /// The textbook network of eight activities that critical path programs are commonly shown with.
    #[test]
    fn a_network_with_several_starts_and_ends() {
        // A 2, B 3, C 2 after A, D 4 after A and B, E 4 after C, F 3 after C, G 5 after D and E, H 2 after F and G.
        let network =
            [(0, 2, 0), (0, 3, 0), (1, 3, 0), (2, 4, 0), (2, 5, 0), (3, 6, 0), (4, 6, 0), (5, 7, 0), (6, 7, 0)];
        let (placed, end) = schedule(&tasks(&[2, 3, 2, 4, 4, 3, 5, 2]), &links(&network)).unwrap();
        assert_eq!(end, 15);
        assert_eq!(placed.iter().map(Placed::slack).collect::<Vec<_>>(), [0, 1, 0, 1, 0, 6, 0, 0]);
        let starts: Vec<i64> = placed.iter().map(|one| one.earliest_start).collect();
        assert_eq!(starts, [0, 0, 2, 3, 4, 4, 8, 13]);
    }

    #[test]
    fn a_date_outside_moves_what_waits_for_it() {
        let all = [Task { days: 0, not_before: 6 }, Task { days: 2, not_before: 0 }, Task { days: 1, not_before: 0 }];
        let (placed, end) = schedule(&all, &links(&[(0, 1, 1)])).unwrap();
        assert_eq!((end, placed[1].earliest_start, placed[2].slack()), (9, 7, 8));
    }

    #[test]
    fn a_circle_has_no_schedule_and_a_path_names_it() {
        assert_eq!(schedule(&tasks(&[1, 1]), &links(&[(0, 1, 0), (1, 0, 0)])), None);
        let [a, b, c] = [Id::next(), Id::next(), Id::next()];
        assert_eq!(path(&[(a, b), (b, c), (a, c)], a, c), Some(vec![a, c]), "the shortest way");
        assert_eq!(path(&[(a, b), (b, c)], a, c), Some(vec![a, b, c]));
        assert_eq!(path(&[(a, b)], b, a), None);
        assert_eq!(schedule(&[], &[]), Some((Vec::new(), 0)));
    }
}
