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
    /// Where the middle of the label's line stands; `None` where it has no room.
    pub label: Option<(f64, f64)>,
    /// The label has room in small letters only, so that a small screen does without it.
    pub is_minor: bool,
}

/// A box: left, top, right, bottom.
type Area = [f64; 4];

/// The width of a label, about, in units of the picture.
fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if c.is_ascii() { 0.55 * size } else { size }).sum()
}

/// Places circles on a square of this side, with labels that cover neither each other nor a circle. The earlier ones,
/// which are the larger, come first; those that have no room in large letters are tried in small ones.
pub fn circles(points: &[([f64; 2], f64, &str)], side: f64, [large, small]: [f64; 2]) -> Vec<Circle> {
    let most = points.iter().map(|(_, weight, _)| *weight).fold(1.0, f64::max);
    let margin = side * 0.09;
    let place = |value: f64| margin + (value + 1.0) / 2.0 * (side - 2.0 * margin);
    let circle = |([x, y], weight, _): &([f64; 2], f64, &str)| {
        let radius = side * (0.006 + 0.034 * (weight / most).sqrt());
        Circle { x: place(*x), y: place(-*y), radius, label: None, is_minor: false }
    };
    let mut placed: Vec<Circle> = points.iter().map(circle).collect();
    let mut taken: Vec<Area> = placed.iter().map(core).collect();
    for size in [large, small] {
        for (at, (_, _, text)) in points.iter().enumerate() {
            if placed[at].label.is_some() {
                continue;
            }
            let own = core(&placed[at]);
            let is_free = |area: &Area| {
                let inside = area[0] >= 0.0 && area[1] >= 0.0 && area[2] <= side && area[3] <= side;
                inside && taken.iter().all(|other| *other == own || !meet(area, other))
            };
            let found = around(&placed[at], width(text, size), size).into_iter().find(is_free);
            if let Some(area) = found {
                taken.push(area);
                placed[at].label = Some(((area[0] + area[2]) / 2.0, area[1] + size));
                placed[at].is_minor = size < large;
            }
        }
    }
    placed
}

/// The part of a circle that no label may cover.
fn core(circle: &Circle) -> Area {
    let reach = 0.8 * circle.radius;
    [circle.x - reach, circle.y - reach, circle.x + reach, circle.y + reach]
}

/// Where the label of a circle can stand: below, above, to the right, to the left.
fn around(circle: &Circle, width: f64, size: f64) -> [Area; 4] {
    let (height, gap) = (1.3 * size, 0.15 * size);
    let (left, middle) = (circle.x - width / 2.0, circle.y - height / 2.0);
    let beside = circle.radius + 0.3 * size;
    let area = |left: f64, top: f64| [left, top, left + width, top + height];
    [
        area(left, circle.y + circle.radius + gap),
        area(left, circle.y - circle.radius - gap - height),
        area(circle.x + beside, middle),
        area(circle.x - beside - width, middle),
    ]
}

/// Whether two boxes have a point in common.
fn meet(a: &Area, b: &Area) -> bool {
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
    fn labels_cover_neither_each_other_nor_a_circle() {
        let points: Vec<([f64; 2], f64, &str)> = (0..9)
            .map(|n| ([f64::from(n % 3) / 20.0, f64::from(n / 3) / 30.0], f64::from(9 - n), "A label of some length"))
            .collect();
        let placed = circles(&points, 700.0, [20.0, 14.0]);
        assert!(placed[0].label.is_some() && placed[0].radius > placed[8].radius, "{placed:?}");
        assert!(placed.iter().any(|circle| circle.label.is_none()), "no room for all: {placed:?}");
        let area = |circle: &Circle| {
            let (x, y) = circle.label?;
            let (size, half) = if circle.is_minor { (14.0, 22.0 * 0.55 * 7.0) } else { (20.0, 22.0 * 0.55 * 10.0) };
            Some([x - half, y - size, x + half, y + 0.3 * size])
        };
        let areas: Vec<Area> = placed.iter().filter_map(area).collect();
        for (at, one) in areas.iter().enumerate() {
            assert!(areas[at + 1..].iter().all(|other| !meet(one, other)), "{placed:?}");
        }
    }

    #[test]
    fn circles_stay_in_the_picture() {
        let corners = [[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|place| (place, 3.0, "환불이 늦어요"));
        let placed = circles(&corners, 700.0, [20.0, 14.0]);
        assert!(placed.iter().all(|circle| (0.0..=700.0).contains(&circle.x) && circle.label.is_some()), "{placed:?}");
        assert!(circles(&[], 700.0, [20.0, 14.0]).is_empty());
    }
}
