//! A report in words, independent of where it is read: pages, mails, Markdown and plain text show the same document.

/// A report in words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    /// The code of its language.
    pub language: &'static str,
    /// The product, and what the report covers.
    pub title: String,
    /// The days that it covers, and in which time zone.
    pub period: String,
    /// What changed since the last report, in one sentence.
    pub lead: String,
    /// What a person wrote above it.
    pub introduction: Option<String>,
    pub parts: Vec<Part>,
    /// The sections in which there is nothing to tell, as one sentence.
    pub nothing: Option<String>,
}

/// A section.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// A name for links within the page.
    pub key: &'static str,
    pub heading: String,
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A sentence.
    Text(String),
    /// A heading within the section.
    Heading(String),
    Items(Vec<Item>),
    Table(Table),
}

/// A line of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    pub text: String,
    /// What stands below it in small print.
    pub note: Option<String>,
    /// Whether something about it is late or open.
    pub is_late: bool,
}

/// A table. Its first column names the row.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub name: String,
    /// What stands below the name in small print.
    pub note: Option<String>,
    pub cells: Vec<String>,
    /// The length of the row's bar, 0 to 100.
    pub bar: Option<u32>,
}

impl Document {
    /// The document as plain text, for the text part of a mail.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n\n{}\n", self.title, self.period, self.lead);
        if let Some(introduction) = &self.introduction {
            text.push_str(&format!("\n{}\n", introduction.trim()));
        }
        for part in &self.parts {
            text.push_str(&format!("\n\n{}\n{}\n", part.heading, "-".repeat(width(&part.heading))));
            part.blocks.iter().for_each(|block| text.push_str(&block.text()));
        }
        if let Some(nothing) = &self.nothing {
            text.push_str(&format!("\n\n{nothing}\n"));
        }
        text
    }

    /// The document as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("# {}\n\n_{}_\n\n**{}**\n", plain(&self.title), plain(&self.period), plain(&self.lead));
        if let Some(introduction) = &self.introduction {
            let lines: Vec<String> = introduction.trim().lines().map(plain).collect();
            text.push_str(&format!("\n{}\n", lines.join("\n")));
        }
        for part in &self.parts {
            text.push_str(&format!("\n## {}\n", plain(&part.heading)));
            part.blocks.iter().for_each(|block| text.push_str(&block.markdown()));
        }
        if let Some(nothing) = &self.nothing {
            text.push_str(&format!("\n_{}_\n", plain(nothing)));
        }
        text
    }
}

/// How wide a text is in a fixed font: Korean syllables take two places.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// A text of the report in Markdown: characters that would be markup are escaped, and line breaks are spaces.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => escaped.extend(['\\', c]),
            '\n' | '\r' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

impl Block {
    fn text(&self) -> String {
        match self {
            Block::Text(text) => format!("{text}\n"),
            Block::Heading(heading) => format!("\n{heading}:\n"),
            Block::Items(items) => items.iter().map(Item::text).collect(),
            Block::Table(table) => table.text(),
        }
    }

    fn markdown(&self) -> String {
        match self {
            Block::Text(text) => format!("\n{}\n", plain(text)),
            Block::Heading(heading) => format!("\n### {}\n", plain(heading)),
            Block::Items(items) => format!("\n{}", items.iter().map(Item::markdown).collect::<String>()),
            Block::Table(table) => table.markdown(),
        }
    }
}

impl Item {
    fn text(&self) -> String {
        let note = self.note.as_ref().map(|note| format!("\n  {note}")).unwrap_or_default();
        format!("- {}{note}\n", self.text)
    }

    fn markdown(&self) -> String {
        let note = self.note.as_ref().map(|note| format!("  \n  {}", plain(note))).unwrap_or_default();
        format!("- {}{note}\n", plain(&self.text))
    }
}

impl Table {
    fn text(&self) -> String {
        let line = |row: &Row| {
            let cells = self.columns.iter().skip(1).zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
            let cells: Vec<String> = cells.map(|(column, cell)| format!("{column}: {cell}")).collect();
            let note = row.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
            let cells = if cells.is_empty() { String::new() } else { format!("\n  {}", cells.join(", ")) };
            format!("- {}{note}{cells}\n", row.name)
        };
        self.rows.iter().map(line).collect()
    }

    fn markdown(&self) -> String {
        let cells = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let head = cells(self.columns.iter().map(|column| plain(column)).collect());
        let marks = cells(
            self.columns.iter().enumerate().map(|(n, _)| if n == 0 { "---" } else { "---:" }.to_owned()).collect(),
        );
        let row = |row: &Row| {
            let note = row.note.as_ref().map(|note| format!(" ({})", plain(note))).unwrap_or_default();
            let name = format!("{}{note}", plain(&row.name));
            cells(std::iter::once(name).chain(row.cells.iter().map(|cell| plain(cell))).collect())
        };
        format!("\n{head}{marks}{}", self.rows.iter().map(row).collect::<String>())
    }
}
