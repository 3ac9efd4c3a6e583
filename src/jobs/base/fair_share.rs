//! How many products each instance groups, and which it takes or gives back. Each instance computes this by itself from the
//! same leases, so nobody needs to be asked.

use std::collections::BTreeSet;

/// What an instance should change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T> {
    /// Parts that nobody has and that it should take.
    pub take: Vec<T>,
    /// Parts that it has and that others should have.
    pub give: Vec<T>,
}

/// What an instance knows of the others.
#[derive(Clone, Debug)]
pub struct View<T> {
    /// How many instances there are, this one included; at least 1.
    pub instances: usize,
    /// How many of them have been there for longer than this one.
    pub rank: usize,
    /// All parts of the work, in an order that all instances share.
    pub parts: Vec<T>,
    /// The parts that this instance has.
    pub ours: BTreeSet<T>,
    /// The parts that another instance has.
    pub others: BTreeSet<T>,
}

/// How many of `parts` the instance of this rank has when all is divided: the same for all, and one more for those that have
/// been there longest, where it does not come out even.
pub fn share(parts: usize, instances: usize, rank: usize) -> usize {
    let instances = instances.max(1);
    parts / instances + usize::from(rank < parts % instances)
}

/// What brings an instance to its share. It never takes what another one has, so it may take several rounds until all have
/// theirs: those with too much give it back first.
pub fn change<T: Ord + Copy>(view: &View<T>) -> Change<T> {
    let share = share(view.parts.len(), view.instances, view.rank);
    let ours: Vec<T> = view.parts.iter().filter(|part| view.ours.contains(*part)).copied().collect();
    if ours.len() >= share {
        // The first ones stay, so that an instance that comes and goes moves few of them.
        return Change { take: Vec::new(), give: ours[share..].to_vec() };
    }
    let free = |part: &&T| !view.ours.contains(*part) && !view.others.contains(*part);
    let mut free: Vec<T> = view.parts.iter().filter(free).copied().collect();
    // Instances that start at once begin at different places, so that they do not all want the same.
    let start = free.len() * view.rank / view.instances.max(1);
    free.rotate_left(start);
    free.truncate(share - ours.len());
    Change { take: free, give: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds of instances that look one after the other, until nothing changes any more.
    fn settle(parts: &[u32], held: &mut [BTreeSet<u32>]) -> usize {
        for rounds in 0..10 {
            let mut changed = false;
            for rank in 0..held.len() {
                let others = held.iter().enumerate().filter(|(n, _)| *n != rank).flat_map(|(_, has)| has).copied();
                let (ours, others) = (held[rank].clone(), others.collect());
                let view = View { instances: held.len(), rank, parts: parts.to_vec(), ours, others };
                let change = change(&view);
                assert!(change.take.iter().all(|part| !view.others.contains(part)), "takes what another one has");
                changed |= !(change.take.is_empty() && change.give.is_empty());
                held[rank].extend(change.take);
                held[rank].retain(|part| !change.give.contains(part));
            }
            if !changed {
                return rounds;
            }
        }
        panic!("it never ends: {held:?}");
    }

    fn sizes(held: &[BTreeSet<u32>]) -> Vec<usize> {
        held.iter().map(BTreeSet::len).collect()
    }

    #[test]
    fn shares_differ_by_one_at_the_most_and_are_everything_together() {
        for parts in 0..40 {
            for instances in 1..12 {
                let all: Vec<usize> = (0..instances).map(|rank| share(parts, instances, rank)).collect();
                assert_eq!(all.iter().sum::<usize>(), parts, "{parts} over {instances}");
                assert!(all[0] - all[instances - 1] <= 1 && all.is_sorted_by(|a, b| a >= b), "{all:?}");
            }
        }
        assert_eq!(share(7, 0, 0), 7, "an instance that knows of nobody, not even of itself");
    }

    #[test]
    fn one_instance_has_everything_and_a_newcomer_gets_its_share() {
        let parts: Vec<u32> = (0..8).collect();
        let mut held = vec![BTreeSet::new()];
        settle(&parts, &mut held);
        assert_eq!(sizes(&held), [8]);
        for expected in [vec![4, 4], vec![3, 3, 2], vec![2, 2, 2, 2]] {
            held.push(BTreeSet::new());
            let before = held.clone();
            assert!(settle(&parts, &mut held) <= 3);
            assert_eq!(sizes(&held), expected);
            let stayed: usize = before.iter().zip(&held).map(|(was, is)| was.intersection(is).count()).sum();
            let wanted: usize = before.iter().zip(&expected).map(|(was, share)| was.len().min(*share)).sum();
            assert_eq!(stayed, wanted, "nothing moves that need not");
        }
    }

    #[test]
    fn what_a_gone_instance_had_is_divided_among_the_others() {
        let parts: Vec<u32> = (0..9).collect();
        let mut held = vec![BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        settle(&parts, &mut held);
        for gone in 0..3 {
            let mut left = held.clone();
            left.remove(gone);
            settle(&parts, &mut left);
            let all: BTreeSet<u32> = left.iter().flatten().copied().collect();
            assert_eq!((sizes(&left), all.len()), (vec![5, 4], 9), "without {gone}");
        }
    }

    #[test]
    fn fewer_parts_than_instances_leave_some_without() {
        let mut held = vec![BTreeSet::new(); 4];
        settle(&[1], &mut held);
        assert_eq!(sizes(&held), [1, 0, 0, 0]);
        settle(&[1, 2, 3], &mut held);
        assert_eq!(sizes(&held), [1, 1, 1, 0]);
        // Parts that no longer exist are forgotten: they are neither kept nor given back.
        let mut held = vec![BTreeSet::from([7]), BTreeSet::new()];
        settle(&[1, 2], &mut held);
        assert!(held[0].contains(&1) || held[1].contains(&1));
    }
}
