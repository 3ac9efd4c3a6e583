//! The chart of a metric: lines over time with what happened drawn in. The picture stretches to the width of the page, so
//! its words stand beside it, in HTML; a table has its numbers.

use crate::domain::base::Time;
use crate::domain::measures::annotation::Annotation;
use crate::domain::measures::comparing::chance::median;
use crate::domain::measures::series::{MetricSeries, Point};

/// The size of the picture, in its own units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 240.0;
/// Lines that are told apart by their look.
pub const LINES: usize = 6;

/// A chart.
pub struct LineChart {
    pub lines: Vec<ChartLine>,
    pub marks: Vec<ChartMark>,
    /// The place of the target's line.
    pub target: Option<String>,
    pub low: f64,
    pub high: f64,
    pub from: Time,
    pub to: Time,
    /// Series that have no line, because there are too many.
    pub left_out: usize,
}

/// A line: its pieces between gaps, and its name.
pub struct ChartLine {
    pub name: String,
    /// The class of its look.
    pub class: String,
    /// The points of each piece, for a `polyline`.
    pub pieces: Vec<String>,
}

/// Something that happened.
pub struct ChartMark {
    pub x: String,
    pub kind: &'static str,
    pub title: String,
    pub text: String,
    pub at: Time,
}

/// What is drawn of a point: of a counter how much it grew, otherwise the mean.
pub fn drawn(point: &Point, counter: bool) -> f64 {
    if counter { point.sum } else { point.mean }
}

impl LineChart {
    /// The chart of series, with annotations and a target.
    pub fn of(series: &MetricSeries, counter: bool, target: Option<f64>, happened: &[Annotation]) -> Self {
        let shown = &series.series[..series.series.len().min(LINES)];
        let values = shown.iter().flat_map(|one| one.points.iter().map(|point| drawn(point, counter))).chain(target);
        let (low, high) = bounds(values);
        let (from, to) = (series.from, series.to);
        let x = move |at: Time| WIDTH * (at.0 - from.0) as f64 / (to.0 - from.0).max(1) as f64;
        let y = move |value: f64| HEIGHT * (1.0 - (value - low) / (high - low));
        let step = seconds_of(&series.step) * 1_000_000;
        let lines = shown.iter().enumerate().map(|(n, one)| ChartLine {
            name: named(&one.labels),
            class: format!("l{n}"),
            pieces: pieces(&one.points, step, |point| {
                // A point stands in the middle of its while.
                (x(point.at.plus(step / 2)).clamp(0.0, WIDTH), y(drawn(point, counter)))
            }),
        });
        let inside = happened.iter().filter(|mark| (from..to).contains(&mark.at));
        let marks = inside.map(|mark| ChartMark {
            x: format!("{:.1}", x(mark.at)),
            kind: mark.kind.as_str(),
            title: mark.title.clone(),
            text: mark.text.clone(),
            at: mark.at,
        });
        Self {
            lines: lines.collect(),
            marks: marks.collect(),
            target: target.map(|target| format!("{:.1}", y(target))),
            low,
            high,
            from,
            to,
            left_out: series.series.len() - shown.len(),
        }
    }

    /// Whether there is anything to draw.
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.pieces.is_empty())
    }
}

/// The ends of the scale: from 0 where that is near, and never both the same.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return (0.0, 1.0);
    }
    let low = if low > 0.0 && low < 0.6 * high { 0.0 } else { low };
    let high = if high < 0.0 && high > 0.6 * low { 0.0 } else { high };
    let room = 0.05 * (high - low).max(high.abs().max(1e-9) * 0.02);
    (if low == 0.0 { low } else { low - room }, if high == 0.0 && low < 0.0 { high } else { high + room })
}

fn seconds_of(step: &str) -> i64 {
    crate::domain::measures::series::SeriesStep::parse(step).map_or(86_400, |step| step.seconds())
}

/// Runs of points without a gap. A single point is drawn as a short stroke.
fn pieces(points: &[Point], step: i64, place: impl Fn(&Point) -> (f64, f64)) -> Vec<String> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut before: Option<Time> = None;
    // Samples may come more seldom than points are long, and a day may have 25 hours.
    let mut between: Vec<f64> = points.windows(2).map(|pair| (pair[1].at.0 - pair[0].at.0) as f64).collect();
    let usual = median(&mut between).unwrap_or_default().max(step as f64);
    for point in points {
        let goes_on = before.is_some_and(|before| (point.at.0 - before.0) as f64 <= 2.5 * usual);
        if !goes_on {
            pieces.push(Vec::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(place(point));
        }
        before = Some(point.at);
    }
    let written = |piece: Vec<(f64, f64)>| {
        let alone = piece.len() == 1;
        let ends =
            piece.iter().flat_map(|(x, y)| if alone { vec![(x - 2.0, *y), (x + 2.0, *y)] } else { vec![(*x, *y)] });
        ends.map(|(x, y)| format!("{x:.1},{y:.1}")).collect::<Vec<_>>().join(" ")
    };
    pieces.into_iter().map(written).collect()
}

/// The name of a series by its labels; empty for one without.
pub fn named(labels: &crate::domain::measures::selector::Labels) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: i64, mean: f64) -> Point {
        Point { at: Time(at * 1_000_000), count: 1, sum: mean, min: mean, max: mean, last: mean, mean }
    }

    #[test]
    fn a_gap_ends_a_piece() {
        let points = [0, 1, 2, 6].map(|hour| point(hour * 3600, hour as f64));
        let of = |points: &[Point]| pieces(points, 3600 * 1_000_000, |point| (point.at.0 as f64 / 3.6e9, point.mean));
        assert_eq!(of(&points), ["0.0,0.0 1.0,1.0 2.0,2.0", "4.0,6.0 8.0,6.0"]);
        let seldom = [0, 12, 24].map(|hour| point(hour * 3600, 1.0));
        assert_eq!(of(&seldom).len(), 1, "a sample each half a day has no gaps");
        assert!(pieces(&[], 1, |_| (0.0, 0.0)).is_empty());
    }

    #[test]
    fn the_scale_has_two_ends_and_begins_at_zero_where_that_is_near() {
        assert_eq!(bounds([].into_iter()), (0.0, 1.0));
        let (low, high) = bounds([5.0, 5.0].into_iter());
        assert!(low < 5.0 && high > 5.0);
        assert_eq!(bounds([1.0, 10.0].into_iter()).0, 0.0);
        let (low, _) = bounds([95.0, 100.0].into_iter());
        assert!(low > 90.0);
    }
}
