//! Geometry of the charts. A chart is drawn as SVG by a template; here is where its marks stand.

use crate::domain::themes::Week;

/// The size of a line of some weeks, in units of its picture.
const STEP: f64 = 6.0;
const HEIGHT: f64 = 18.0;

/// The points of the line of these weeks, for a `polyline`.
pub fn line(weeks: &[Week]) -> String {
    let most = weeks.iter().map(|week| week.items).max().unwrap_or_default().max(1) as f64;
    let point = |(at, week): (usize, &Week)| {
        let (x, y) = (at as f64 * STEP + 1.0, 1.0 + HEIGHT * (1.0 - week.items as f64 / most));
        format!("{x:.0},{y:.1}")
    };
    weeks.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

/// The numbers of these weeks, for those who do not see the line.
pub fn numbers(weeks: &[Week]) -> String {
    weeks.iter().map(|week| week.items.to_string()).collect::<Vec<_>>().join(", ")
}

/// A circle with a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Circle {
    pub x: f64,
    pub y: f64,
    pub radius: f64,
    /// Where the label stands; `None` where it would cover another one.
    pub label: Option<(f64, f64)>,
}

/// The width of a label, about, in units of the picture.
fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.55 * size } else { size }).sum()
}

/// Places circles on a square of this side, with labels below them where they cover no circle's label placed before:
/// the earlier ones, which are the larger, come first.
pub fn circles(points: &[([f64; 2], f64, &str)], side: f64, size: f64) -> Vec<Circle> {
    let most = points.iter().map(|(_, weight, _)| *weight).fold(1.0, f64::max);
    let mut taken: Vec<[f64; 4]> = Vec::new();
    let margin = side * 0.09;
    let place = |value: f64| margin + (value + 1.0) / 2.0 * (side - 2.0 * margin);
    let mut placed = Vec::with_capacity(points.len());
    for ([x, y], weight, label) in points {
        let (x, y) = (place(*x), place(-*y));
        let radius = side * (0.006 + 0.034 * (weight / most).sqrt());
        let half = width(label, size) / 2.0;
        let middle = x.clamp(half + 2.0, (side - half - 2.0).max(half + 2.0));
        let below = [y + radius + size, y - radius - 0.35 * size];
        let free = below
            .into_iter()
            .map(|line| [middle - half, line - size, middle + half, line + 0.3 * size])
            .find(|own| own[3] < side && taken.iter().all(|other| !meet(own, other)));
        if let Some(own) = free {
            taken.push(own);
        }
        placed.push(Circle { x, y, radius, label: free.map(|own| (middle, own[1] + size)) });
    }
    placed
}

/// Whether two boxes have a point in common.
fn meet(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::base::Time;

    #[test]
    fn a_line_has_a_point_for_each_week() {
        let weeks: Vec<Week> = [0, 4, 2].map(|items| Week { starts_at: Time(0), items }).to_vec();
        assert_eq!(line(&weeks), "1,19.0 7,1.0 13,10.0");
        assert_eq!(numbers(&weeks), "0, 4, 2");
        assert_eq!(line(&[]), "");
    }

    #[test]
    fn labels_do_not_cover_each_other() {
        let points =
            [([0.0, 0.0], 9.0, "Refund is late"), ([0.01, 0.0], 4.0, "환불이 늦어요"), ([0.02, 0.01], 1.0, "Third")];
        let placed = circles(&points, 700.0, 14.0);
        assert!(placed[0].label.is_some() && placed[0].radius > placed[2].radius, "{placed:?}");
        assert_eq!(
            placed.iter().filter(|circle| circle.label.is_none()).count(),
            1,
            "no room for the third: {placed:?}"
        );
        assert!(placed.iter().all(|circle| (0.0..=700.0).contains(&circle.x)), "{placed:?}");
    }
}
