//! Texts without company: what is near nothing belongs to no theme.
//!
//! A community takes in whatever has an edge to it, however weak. So after the communities are found, each text is
//! judged by three independent pieces of evidence:
//!
//! - its nearness: the mean cosine to its nearest texts, before other evidence is mixed in;
//! - the words that it shares with its community and that the rest of the stream has less;
//! - how much of what the whole stream speaks about it speaks about: the product of its meaning and the mean meaning.
//!   Where a stream speaks about everything, the mean is near zero and says nothing.
//!
//! Each is compared with the median of the stream, in parts of its own spread (half of the interquartile range), and the
//! sum must not fall below a bar. Korean texts and others are compared with their own kind only: cosines of the two are on
//! different scales. A text that has one text as near as half of all texts have theirs has company and stays.
//!
//! The weights and the bar were chosen on streams of English and Korean with noise of their own and mixed ones
//! (`tools/noise.py`): the bar so that hardly any stream loses more than three in a hundred of its real texts. How
//! much noise that leaves out differs: of a stream about one trade nearly all that is about something else, of a stream about
//! everything less than a tenth. It does not find texts that read like feedback about the product and belong to no matter that
//! somebody labelled: such a text is as near to others as real ones are. A fitted sum of thirteen measures (local outlier factor, agreement of the neighbours, distance
//! to the centre of the theme and others) was no better on a stream that it had not seen.

use super::cooccurrence::{CELLS, Row, Texts};
use crate::engine::search::neighbours::Slot;
use crate::engine::search::script::Script;
use crate::engine::text::vector::{inverse_length, value};

/// The least number of texts of a script that have a spread to judge by.
const LEAST_TEXTS: usize = 100;
/// The weights of the evidence, in spreads; that of nearness is 1.
const SHARED_WEIGHT: f32 = 0.4;
const CENTRAL_WEIGHT: f32 = 0.6;
/// The sum below which a text is left out.
const BAR: f32 = -5.3;
/// The most that one piece of evidence counts, so that none decides alone.
const MOST_NEARNESS: f32 = 6.0;
const MOST_OTHER: f32 = 4.0;
const MOST_CENTRAL: f32 = 2.0;
/// The least spread of each: a stream of hardly varied texts does not make every other text an outlier.
const LEAST_SPREAD: [f32; 3] = [0.12, 0.2, 0.01];
/// Less nearness, and fewer shared words, count as this little.
const LEAST_NEARNESS: f32 = 0.02;
const LEAST_SHARED: f32 = 0.01;
/// At most one in this many texts is left out, whatever the spread.
const MOST_LEFT_OUT: usize = 10;

/// How near other texts are to a text.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Nearness {
    /// The mean cosine to the nearest ten.
    pub usual: f32,
    /// The cosine to the nearest one.
    pub first: f32,
}

/// What is known of the texts of a stream; all lists are by slot.
pub(in crate::engine) struct Stream<'a> {
    pub texts: &'a Texts,
    pub meanings: &'a [Row],
    pub scripts: &'a [Script],
    pub nearness: &'a [Nearness],
}

/// Gives each text without company a community of its own. `slots` are the texts of the nodes, and `may_leave` says which
/// nodes may be left out.
pub(in crate::engine) fn leave_out(
    stream: &Stream<'_>,
    slots: &[Slot],
    may_leave: impl Fn(u32) -> bool,
    communities: &mut [u32],
) {
    let shared = shared(stream.texts, slots, communities);
    let mut lonely: Vec<(f32, u32)> = Vec::new();
    for script in [Script::Korean, Script::Other] {
        let nodes: Vec<u32> =
            (0..slots.len() as u32).filter(|node| stream.scripts[slots[*node as usize] as usize] == script).collect();
        if nodes.len() >= LEAST_TEXTS {
            lonely.extend(judged(stream, slots, &nodes, &shared).into_iter().filter(|(_, node)| may_leave(*node)));
        }
    }
    lonely.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    lonely.truncate(slots.len() / MOST_LEFT_OUT);
    let first = communities.iter().max().map_or(0, |max| max + 1);
    for ((_, node), community) in lonely.into_iter().zip(first..) {
        communities[node as usize] = community;
    }
}

/// The nodes of one script that have no company, with how much they lack.
fn judged(stream: &Stream<'_>, slots: &[Slot], nodes: &[u32], shared: &[f32]) -> Vec<(f32, u32)> {
    let slot = |node: &u32| slots[*node as usize] as usize;
    let nearness = |node: &u32| stream.nearness[slot(node)];
    let near: Vec<f32> = nodes.iter().map(|node| nearness(node).usual.max(LEAST_NEARNESS).ln()).collect();
    let words: Vec<f32> = nodes.iter().map(|node| (shared[*node as usize] + LEAST_SHARED).ln()).collect();
    let central = central(&nodes.iter().map(|node| &stream.meanings[slot(node)]).collect::<Vec<_>>());
    let scales: Vec<Scale> = [&near, &words, &central]
        .into_iter()
        .zip(LEAST_SPREAD)
        .map(|(values, least)| Scale::of(values, least))
        .collect();
    let usual_first = quantile(nodes.iter().map(|node| nearness(node).first), 0.5);
    let lacks = |at: usize, node: &u32| {
        let sum = scales[0].of_value(near[at]).max(-MOST_NEARNESS)
            + SHARED_WEIGHT * scales[1].of_value(words[at]).max(-MOST_OTHER)
            + CENTRAL_WEIGHT * scales[2].of_value(central[at]).clamp(-MOST_OTHER, MOST_CENTRAL);
        (sum < BAR && nearness(node).first < usual_first).then_some((sum, *node))
    };
    nodes.iter().enumerate().filter_map(|(at, node)| lacks(at, node)).collect()
}

/// The median and the spread of a measure.
struct Scale {
    median: f32,
    spread: f32,
}

impl Scale {
    fn of(values: &[f32], least: f32) -> Scale {
        let at = |share: f32| quantile(values.iter().copied(), share);
        Scale { median: at(0.5), spread: ((at(0.75) - at(0.25)) / 2.0).max(least) }
    }

    fn of_value(&self, value: f32) -> f32 {
        (value - self.median) / self.spread
    }
}

fn quantile(values: impl Iterator<Item = f32>, share: f32) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let at = (values.len() as f32 * share) as usize;
    if at >= values.len() {
        return 0.0;
    }
    *values.select_nth_unstable_by(at, f32::total_cmp).1
}

/// The product of each text's meaning and the mean meaning of all.
fn central(rows: &[&Row]) -> Vec<f32> {
    let inverse: Vec<f32> = rows.iter().map(|row| inverse_length(*row)).collect();
    let mut mean = [0.0f32; size_of::<Row>()];
    for (row, inverse) in rows.iter().zip(&inverse) {
        mean.iter_mut().zip(*row).for_each(|(sum, byte)| *sum += f32::from(value(*byte)) * inverse);
    }
    let share = 1.0 / rows.len().max(1) as f32;
    let product = |row: &Row| row.iter().zip(&mean).map(|(byte, m)| f32::from(value(*byte)) * m).sum::<f32>();
    rows.iter().zip(&inverse).map(|(row, inverse)| product(row) * inverse * share).collect()
}

/// How many words each text shares with its community. A word counts by the share of the community's other texts that
/// have it, times the logarithm of how much more frequent it is there than elsewhere.
fn shared(texts: &Texts, slots: &[Slot], communities: &[u32]) -> Vec<f32> {
    let cells = |node: u32| texts.of(slots[node as usize] as usize);
    let mut everywhere = vec![0.0f32; CELLS];
    (0..slots.len() as u32).flat_map(cells).for_each(|cell| everywhere[cell] += 1.0);
    let mut sorted: Vec<u32> = (0..slots.len() as u32).collect();
    sorted.sort_by_key(|node| communities[*node as usize]);
    let all = slots.len() as f32;
    let (mut here, mut shared) = (vec![0.0f32; CELLS], vec![0.0f32; slots.len()]);
    for community in sorted.chunk_by(|a, b| communities[*a as usize] == communities[*b as usize]) {
        community.iter().copied().flat_map(cells).for_each(|cell| here[cell] += 1.0);
        let size = community.len() as f32;
        let weight = |cell: usize| {
            let inside = (here[cell] - 1.0) / (size - 1.0).max(1.0);
            let outside = (everywhere[cell] - here[cell]) / (all - size).max(1.0);
            inside * ((inside + 0.5 / all) / (outside + 0.5 / all)).ln().max(0.0)
        };
        for node in community {
            shared[*node as usize] = cells(*node).map(weight).sum();
        }
        community.iter().copied().flat_map(cells).for_each(|cell| here[cell] = 0.0);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::refinement::cooccurrence::Cell;
    use crate::engine::text::likeness::SENSE;
    use crate::engine::text::vector::pack_all;

    /// A stream of two matters, each with words and a direction of its own, and an odd text in the first one.
    struct Sample {
        texts: Texts,
        meanings: Vec<Row>,
        scripts: Vec<Script>,
        nearness: Vec<Nearness>,
        communities: Vec<u32>,
    }

    const ODD: usize = 201;

    fn sample() -> Sample {
        let mut sample = Sample {
            texts: Texts::default(),
            meanings: Vec::new(),
            scripts: vec![Script::Other; ODD + 1],
            nearness: Vec::new(),
            communities: Vec::new(),
        };
        for slot in 0..=ODD {
            let (matter, is_odd) = (slot % 2, slot == ODD);
            // A word of all texts of the matter, a word of some, and a word of its own.
            let own: Cell = 1_000 + slot as Cell;
            let words = [matter as Cell + 1, 10 + (slot % 7) as Cell, own];
            sample.texts.put(slot as Slot, if is_odd { &words[2..] } else { &words });
            let mut meaning = [0.0; SENSE];
            meaning[if is_odd { 9 } else { matter }] = 1.0;
            meaning[2] = if is_odd { -0.5 } else { 1.0 };
            meaning[3] = (slot % 5) as f32 / 10.0;
            sample.meanings.push(pack_all(&meaning));
            let usual = if is_odd { 0.1 } else { 0.5 + (slot % 11) as f32 / 100.0 };
            sample.nearness.push(Nearness { usual, first: usual + 0.1 });
            sample.communities.push(if is_odd { 0 } else { matter as u32 });
        }
        sample
    }

    fn left_out(sample: &Sample, may_leave: impl Fn(u32) -> bool) -> Vec<usize> {
        let slots: Vec<Slot> = (0..sample.communities.len() as Slot).collect();
        let stream = Stream {
            texts: &sample.texts,
            meanings: &sample.meanings,
            scripts: &sample.scripts,
            nearness: &sample.nearness,
        };
        let mut found = sample.communities.clone();
        leave_out(&stream, &slots, may_leave, &mut found);
        (0..found.len()).filter(|at| found[*at] > 1).collect()
    }

    #[test]
    fn what_is_near_nothing_is_left_out_and_nothing_else() {
        let sample = sample();
        assert_eq!(left_out(&sample, |_| true), [ODD]);
        assert!(left_out(&sample, |node| node != ODD as u32).is_empty(), "unless a person put it there");
    }

    #[test]
    fn one_text_as_near_as_others_have_is_company() {
        let mut sample = sample();
        sample.nearness[ODD].first = 0.9;
        assert!(left_out(&sample, |_| true).is_empty());
    }

    #[test]
    fn each_script_is_judged_by_its_own_kind_and_few_texts_not_at_all() {
        let mut sample = sample();
        sample.scripts[ODD] = Script::Korean;
        assert!(left_out(&sample, |_| true).is_empty(), "one Korean text has nothing to be compared with");
        sample.scripts.fill(Script::Korean);
        assert_eq!(left_out(&sample, |_| true), [ODD]);
    }

    #[test]
    fn a_stream_whose_texts_are_hardly_varied_loses_none_of_the_others() {
        let mut sample = sample();
        for (slot, nearness) in sample.nearness.iter_mut().enumerate() {
            let usual = if slot % 4 == 0 { 0.6 } else { 0.8 };
            *nearness = Nearness { usual, first: usual };
        }
        assert!(left_out(&sample, |node| node != ODD as u32).is_empty());
    }

    #[test]
    fn at_most_a_tenth_is_left_out() {
        let mut sample = sample();
        for slot in (0..ODD).step_by(5) {
            sample.nearness[slot] = Nearness { usual: 0.02, first: 0.02 };
            sample.texts.put(slot as Slot, &[5_000 + slot as Cell]);
            sample.meanings[slot] = sample.meanings[ODD];
        }
        assert_eq!(left_out(&sample, |_| true).len(), (ODD + 1) / MOST_LEFT_OUT);
        let none = Stream { texts: &Texts::default(), meanings: &[], scripts: &[], nearness: &[] };
        leave_out(&none, &[], |_| true, &mut []);
    }
}
