//! The types of an export's lines, in the order in which each finds what it refers to.

use std::sync::LazyLock;

use crate::store::schema::declare::{Column, Export, Table};
use crate::store::schema::tables;

/// A type of lines: the rows of a table, or what rows of a table name of the same table.
#[derive(Debug)]
pub struct Line {
    /// Its `type` in an export.
    pub name: &'static str,
    /// Its table.
    pub table: &'static Table,
    /// What it holds, in this order.
    pub columns: Vec<&'static Column>,
    /// Whether it is a line of [`Export::OwnLine`]: it completes rows that are there already.
    pub completes: bool,
}

impl Line {
    /// Where a column stands among its columns.
    pub fn place_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The columns that it completes, where it does.
    pub fn completed(&self) -> impl Iterator<Item = (usize, &'static Column)> {
        let columns = self.columns.iter().copied().enumerate();
        columns.filter(|(_, column)| self.completes && matches!(column.export, Export::OwnLine(_)))
    }
}

static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| in_order().into_iter().flat_map(lines_of).collect());

/// All types of lines, in order.
pub fn lines() -> &'static [Line] {
    &LINES
}

/// The type of lines with this name.
pub fn line(name: &str) -> Option<&'static Line> {
    LINES.iter().find(|line| line.name == name)
}

/// The types of lines of a table: its rows first, then a type for references to other rows of the same table. References
/// follow all rows, so that a line only refers to rows in earlier lines.
fn lines_of(table: &'static Table) -> Vec<Line> {
    let Ok(name) = table.line else { return Vec::new() };
    let whole = table.columns.iter().filter(|column| column.export == Export::Line);
    let mut lines = vec![Line { name, table, columns: whole.collect(), completes: false }];
    for column in table.columns {
        let Export::OwnLine(name) = column.export else { continue };
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.columns.push(column),
            None => {
                let key = table.order().iter().filter_map(|key| table.column(key));
                lines.push(Line { name, table, columns: key.chain([column]).collect(), completes: true });
            }
        }
    }
    lines
}

/// All tables, each after those that it refers to, and otherwise as they are declared.
fn in_order() -> Vec<&'static Table> {
    let mut ordered = Vec::new();
    for table in tables() {
        take(table, &mut ordered, &mut Vec::new());
    }
    ordered
}

/// Adds a table after those that it refers to. `above` are the tables that wait for it: a circle has no order, so it ends
/// there.
fn take(table: &'static Table, ordered: &mut Vec<&'static Table>, above: &mut Vec<&'static str>) {
    if ordered.iter().any(|earlier| earlier.name == table.name) || above.contains(&table.name) {
        return;
    }
    above.push(table.name);
    for name in before(table) {
        if let Some(earlier) = tables().find(|earlier| earlier.name == name) {
            take(earlier, ordered, above);
        }
    }
    above.pop();
    ordered.push(table);
}

/// The tables whose rows come before its own.
fn before(table: &'static Table) -> impl Iterator<Item = &'static str> {
    table.columns.iter().filter_map(|column| column.refers).chain(table.after.iter().copied())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{before, in_order, lines};

    #[test]
    fn each_table_comes_after_those_it_refers_to() {
        let mut seen = BTreeSet::new();
        for table in in_order() {
            let missing: Vec<&str> = before(table).filter(|name| !seen.contains(name)).collect();
            assert!(missing.is_empty(), "{} refers to these, which come later: {missing:?}", table.name);
            seen.insert(table.name);
        }
    }

    #[test]
    fn no_two_types_of_lines_have_one_name() {
        let names: BTreeSet<&str> = lines().iter().map(|line| line.name).collect();
        assert_eq!(names.len(), lines().len());
    }

    #[test]
    fn what_names_its_own_table_comes_right_after_it_with_its_key() {
        let at = lines().iter().position(|line| line.name == "story_duplicate").expect("a line");
        let columns: Vec<&str> = lines()[at].columns.iter().map(|column| column.name).collect();
        assert_eq!(columns, ["id", "duplicate_of", "proposed_duplicate_of"]);
        assert_eq!((lines()[at - 1].name, lines()[at].completes), ("story", true));
    }
}
