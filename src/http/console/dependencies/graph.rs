//! The graph of a plan: a box for each item, in columns from what comes first to what waits for it.

use crate::domain::stories::plan::{Plan, PlannedItem};

/// The most boxes of a graph; beyond that the table is clearer.
const MOST: usize = 60;
/// The size of a box, and the space around it.
const WIDTH: usize = 150;
const HEIGHT: usize = 44;
const GAP: usize = 50;
const ROW: usize = 14;
/// The most letters of a title in a box.
const LETTERS: usize = 18;

/// A box.
pub struct Node {
    pub x: usize,
    pub y: usize,
    pub critical: bool,
    /// The address of the story's own page of dependencies.
    pub address: Option<String>,
    /// The number; empty for what is outside, and for what is hidden.
    pub number: String,
    pub title: String,
    /// Whether it is the story of the page.
    pub is_here: bool,
}

/// A line from what is needed to what waits for it.
pub struct Edge {
    pub path: String,
    pub critical: bool,
}

/// The graph.
pub struct Graph {
    pub width: usize,
    pub height: usize,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

/// The graph of a plan; `None` where nothing depends on anything, or too much is in it. `hidden` stands for what the member
/// may not see.
pub fn graph(plan: &Plan, here: Option<&str>, hidden: &str) -> Option<Graph> {
    if plan.items.len() > MOST || plan.items.iter().all(|item| item.needs.is_empty()) {
        return None;
    }
    let columns = columns(&plan.items);
    let mut filled: Vec<usize> = Vec::new();
    let mut nodes = Vec::new();
    for (item, column) in plan.items.iter().zip(&columns) {
        filled.resize(filled.len().max(column + 1), 0);
        let row = filled[*column];
        filled[*column] += 1;
        nodes.push(node(item, (*column, row), here, hidden));
    }
    let mut edges = Vec::new();
    for (then, item) in plan.items.iter().enumerate() {
        for first in &item.needs {
            let (Some(from), Some(to)) = (nodes.get(*first), nodes.get(then)) else { continue };
            edges.push(Edge { path: curve(from, to), critical: from.critical && to.critical });
        }
    }
    let rows = filled.iter().copied().max().unwrap_or(1);
    Some(Graph { width: filled.len() * (WIDTH + GAP) - GAP + 2, height: rows * (HEIGHT + ROW) - ROW + 2, nodes, edges })
}

/// The column of each item: one after the last of those that it needs. Items come after what they need.
fn columns(items: &[PlannedItem]) -> Vec<usize> {
    let mut columns = vec![0; items.len()];
    // As many rounds as there are items are always enough.
    for _ in 0..items.len() {
        let mut settled = true;
        for (at, item) in items.iter().enumerate() {
            let column = item.needs.iter().filter_map(|need| columns.get(*need)).map(|column| column + 1).max();
            let column = column.unwrap_or(0);
            settled &= columns[at] == column;
            columns[at] = column;
        }
        if settled {
            break;
        }
    }
    columns
}

fn node(item: &PlannedItem, (column, row): (usize, usize), here: Option<&str>, hidden: &str) -> Node {
    let (number, title) = match (&item.story, &item.external) {
        (Some(story), _) => (story.number.clone(), story.title.clone()),
        (None, Some(title)) => (String::new(), title.clone()),
        (None, None) => (String::new(), hidden.to_owned()),
    };
    Node {
        x: column * (WIDTH + GAP) + 1,
        y: row * (HEIGHT + ROW) + 1,
        critical: item.critical,
        address: item.story.as_ref().map(|story| format!("/console/stories/{}/dependencies", story.number)),
        is_here: here.is_some_and(|here| here == number),
        number,
        title: short(&title),
    }
}

fn short(title: &str) -> String {
    match title.chars().count() > LETTERS {
        true => title.chars().take(LETTERS - 1).chain(['…']).collect(),
        false => title.to_owned(),
    }
}

/// A curve from the end of one box to the start of another.
fn curve(from: &Node, to: &Node) -> String {
    let (x1, y1, x2, y2) = (from.x + WIDTH, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2);
    let middle = (x1 + x2) / 2;
    format!("M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stories::plan::DaysFrom;

    fn item(title: &str, needs: &[usize]) -> PlannedItem {
        PlannedItem {
            story: None,
            external: Some(title.to_owned()),
            hidden: false,
            days: 1,
            days_from: DaysFrom::Set,
            earliest_start: String::new(),
            earliest_finish: String::new(),
            latest_start: String::new(),
            latest_finish: String::new(),
            slack_days: 0,
            critical: true,
            late_days: 0,
            needs: needs.to_vec(),
        }
    }

    fn plan(items: Vec<PlannedItem>) -> Plan {
        Plan {
            starts: String::new(),
            finishes: None,
            working_days: 1,
            items,
            critical_path: Vec::new(),
            doubts: Vec::new(),
        }
    }

    #[test]
    fn what_waits_stands_right_of_all_that_it_needs() {
        let all = plan(vec![item("a", &[]), item("b", &[0]), item("c", &[0]), item("d", &[1, 2])]);
        let graph = graph(&all, None, "").expect("a graph");
        let places: Vec<(usize, usize)> = graph.nodes.iter().map(|node| (node.x, node.y)).collect();
        assert_eq!(places, [(1, 1), (201, 1), (201, 59), (401, 1)]);
        assert_eq!((graph.edges.len(), graph.width, graph.height), (4, 552, 104));
    }

    #[test]
    fn without_needs_there_is_no_graph_and_long_titles_are_cut() {
        assert!(graph(&plan(vec![item("a", &[]), item("b", &[])]), None, "").is_none());
        assert_eq!(short("the refund has not arrived").chars().count(), LETTERS);
    }
}
