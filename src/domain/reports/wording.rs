//! A report in words: which sections are told, and how, in English and Korean. `wording_operations.rs` has the sections about
//! operations and money.

use super::content::{ReportContent, ReportedEntry, ReportedPromise, ReportedStory};
use super::document::{Block, Document, Item, Part, Row};
use super::report::{ReportKind, ReportSection, ReportedCustomer, StatusReport};
use super::wording_operations;
use super::writer::{Writer, calendar, share, table};
use crate::domain::base::Time;
use crate::domain::base::language::Language;
use crate::domain::base::text::one_line;
use crate::domain::words::console::Words;

/// Customers who are named at an entry.
const NAMED: usize = 10;

/// The document of a report. `customers` are the names of the customers in it, for readers who may see them.
pub fn written(report: &StatusReport, content: &ReportContent, customers: &[ReportedCustomer]) -> Document {
    let words = Words(Language::of(Some(&report.language)));
    Writer { words, report, content, customers, calendar: calendar(content) }.document()
}

impl Writer<'_> {
    fn document(&self) -> Document {
        let mut parts = Vec::new();
        let mut silent = Vec::new();
        for section in &self.report.sections {
            let blocks = self.section(*section);
            let heading = self.words.named("repsection", section.as_str());
            match blocks.is_empty() {
                true => silent.push(heading),
                false => parts.push(Part { key: section.as_str(), heading, blocks }),
            }
        }
        Document {
            language: self.words.0.code(),
            title: self.title(),
            period: self.period(),
            lead: self.lead(),
            introduction: self.report.introduction.clone().filter(|text| !text.trim().is_empty()),
            parts,
            nothing: (!silent.is_empty()).then(|| self.words.rep_nothing_in(silent.join(", "))),
        }
    }

    fn title(&self) -> String {
        let product = one_line(&self.content.product.name);
        let product = match &self.content.account {
            Some(account) => self.words.rep_product_for(product.as_str(), one_line(account)),
            None => product,
        };
        let last = self.day(self.last_moment());
        match (self.report.kind, &self.content.release) {
            (ReportKind::Release, Some(name)) => self.words.rep_title_release(product, one_line(name)),
            (ReportKind::Monthly, _) => self.words.rep_title_monthly(product, last),
            _ => self.words.rep_title_weekly(product, last),
        }
    }

    /// The last moment of the period: its end is the beginning of the day after.
    fn last_moment(&self) -> Time {
        self.report.period_to.plus(-1)
    }

    fn period(&self) -> String {
        let (from, to) = (self.day(self.report.period_from), self.day(self.last_moment()));
        self.words.rep_period(from, to, self.calendar.zone.name())
    }

    /// What changed, in one sentence.
    fn lead(&self) -> String {
        let (words, c) = (self.words, &self.content.changes);
        let mut told = Vec::new();
        if c.feedback > 0 || c.feedback_before > 0 {
            told.push(words.rep_lead_feedback(c.feedback, c.customers, c.feedback_before));
        }
        let mut add = |count: i64, text: &dyn Fn(i64) -> String| {
            if count > 0 {
                told.push(text(count));
            }
        };
        add(c.new_themes, &|count| words.rep_lead_new_themes(count));
        add(c.shipped_stories, &|count| words.rep_lead_shipped(count));
        add(c.told, &|count| words.rep_lead_told(count));
        add(c.solved, &|count| words.rep_lead_solved(count));
        add(c.not_solved, &|count| words.rep_lead_not_solved(count));
        add(c.newly_overdue, &|count| words.rep_lead_newly_overdue(count));
        add(c.incidents, &|count| words.rep_lead_incidents(count));
        let told = told.join(", ");
        // "Since then" holds only where this period begins at the end of the last report's.
        let last = c.last_report_to.filter(|last| *last == self.report.period_from);
        let lead = match (c.is_quiet(), last) {
            (true, Some(last)) => words.rep_quiet_since(self.day(last)),
            (true, None) => words.rep_quiet(),
            (false, Some(last)) => words.rep_lead_since(self.day(last), told),
            (false, None) => words.rep_lead(told),
        };
        match c.overdue - c.newly_overdue {
            still if c.is_quiet() && still > 0 => format!("{lead} {}", words.rep_still_overdue(still)),
            _ => lead,
        }
    }

    fn section(&self, section: ReportSection) -> Vec<Block> {
        match section {
            ReportSection::Themes => self.themes(),
            ReportSection::Shipped => self.shipped(),
            ReportSection::Promises => self.promises(),
            ReportSection::Backlog => self.backlog(),
            ReportSection::Incidents => wording_operations::incidents(self),
            ReportSection::Delivery => wording_operations::delivery(self),
            ReportSection::Metrics => wording_operations::metrics(self),
            ReportSection::Value => wording_operations::value(self),
            ReportSection::Todos => wording_operations::todos(self),
        }
    }

    fn themes(&self) -> Vec<Block> {
        let words = self.words;
        let most = self.content.themes.iter().map(|theme| theme.items.max(theme.items_before)).max().unwrap_or(0);
        let row = |theme: &super::content::ReportedTheme| Row {
            name: theme.label.as_deref().map_or_else(|| words.rep_some_theme(), one_line),
            note: Some(if theme.is_new { words.rep_new() } else { words.rep_rising() }),
            cells: vec![theme.items.to_string(), theme.items_before.to_string(), theme.customers.to_string()],
            bar: Some(share(theme.items, most)),
        };
        let columns = vec![words.rep_theme(), words.rep_feedback(), words.rep_before(), words.rep_customers()];
        let mut blocks = table(columns, self.content.themes.iter().map(row).collect());
        let c = &self.content.changes;
        let shown = |is_new: bool| self.content.themes.iter().filter(|theme| theme.is_new == is_new).count() as i64;
        let more = (c.new_themes - shown(true)).max(0) + (c.rising_themes - shown(false)).max(0);
        if more > 0 {
            blocks.push(Block::Text(words.rep_more_themes(more)));
        }
        blocks
    }

    fn shipped(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for release in &self.content.shipped {
            let shipped = self.words.rep_release_on(one_line(&release.name), self.day(release.shipped_at));
            blocks.push(Block::Heading(shipped));
            let items: Vec<Item> = release.stories.iter().map(|entry| self.entry(entry)).collect();
            if items.is_empty() {
                blocks.push(Block::Text(self.words.rep_no_stories()));
            } else {
                blocks.push(Block::Items(items));
            }
            if release.left_off > 0 {
                blocks.push(Block::Text(self.words.rep_more_stories(release.left_off)));
            }
        }
        blocks
    }

    fn entry(&self, entry: &ReportedEntry) -> Item {
        let words = self.words;
        let all = entry.told + entry.solved + entry.not_solved;
        let mut heard = Vec::new();
        if all > 0 {
            heard.push(words.rep_told(all));
        }
        if entry.solved > 0 {
            heard.push(words.rep_solved(entry.solved));
        }
        if entry.not_solved > 0 {
            heard.push(words.rep_not_solved(entry.not_solved));
        }
        if entry.waiting > 0 {
            heard.push(words.rep_waiting(entry.waiting));
        }
        let names = self.names(entry);
        if !names.is_empty() {
            heard.push(words.rep_heard_back(names.join(", ")));
        }
        let note = if heard.is_empty() { words.rep_nobody_asked() } else { heard.join(" · ") };
        let text = format!("{} {}", entry.number, one_line(&entry.text));
        Item { text, note: Some(note), is_late: entry.waiting > 0 || entry.not_solved > 0 }
    }

    fn names(&self, entry: &ReportedEntry) -> Vec<String> {
        let known = entry.customer_ids.iter().filter_map(|id| self.customers.iter().find(|one| one.id == *id));
        let named = known.filter_map(|one| match (&one.name, &one.account) {
            (Some(name), Some(account)) => Some(format!("{} ({})", one_line(name), one_line(account))),
            (Some(name), None) => Some(one_line(name)),
            (None, Some(account)) => Some(one_line(account)),
            (None, None) => None,
        });
        named.take(NAMED).collect()
    }

    fn promises(&self) -> Vec<Block> {
        let items: Vec<Item> = self.content.promises.iter().map(|promise| self.promise(promise)).collect();
        let more = self.content.changes.overdue - items.len() as i64;
        let mut blocks: Vec<Block> = (!items.is_empty()).then_some(Block::Items(items)).into_iter().collect();
        if more > 0 {
            blocks.push(Block::Text(self.words.rep_more_promises(more)));
        }
        blocks
    }

    fn promise(&self, promise: &ReportedPromise) -> Item {
        let words = self.words;
        let late = (self.calendar.day(self.report.created_at) - self.calendar.day(promise.since)).num_days().max(0);
        let since = self.day(promise.since);
        let mut notes = vec![match promise.promise.as_str() {
            "response" => words.rep_promise_response(since, late),
            _ => words.rep_promise_due(since, late),
        }];
        if promise.customers > 0 {
            notes.push(words.rep_customer_count(promise.customers));
        }
        notes.push(match &promise.owner {
            Some(owner) => words.rep_owner(one_line(owner)),
            None => words.rep_no_owner(),
        });
        let text = format!("{} {}", promise.number, one_line(&promise.title));
        Item { text, note: Some(notes.join(" · ")), is_late: true }
    }

    fn backlog(&self) -> Vec<Block> {
        let words = self.words;
        let row = |story: &ReportedStory| Row {
            name: format!("{}. {} {}", story.rank, story.number, one_line(&story.title)),
            note: Some(self.place(story)),
            cells: vec![
                story.customers.to_string(),
                story.value.as_ref().map_or_else(|| "–".to_owned(), |value| self.amount(value)),
            ],
            bar: None,
        };
        let columns = vec![words.rep_story(), words.rep_customers(), words.rep_value_a_year()];
        table(columns, self.content.backlog.iter().map(row).collect())
    }

    /// The stage of a story and how its rank changed.
    fn place(&self, story: &ReportedStory) -> String {
        let words = self.words;
        let moved = match story.rank_before {
            Some(before) if before > story.rank => Some(words.rep_up_from(before)),
            Some(before) if before < story.rank => Some(words.rep_down_from(before)),
            None if self.content.changes.last_report_to.is_some() => Some(words.rep_new_here()),
            _ => None,
        };
        let due = story.due_at.map(|due| words.rep_due(self.day(due)));
        let all = [Some(words.value(story.stage.as_str())), moved, due];
        all.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
}

/// The local day before the end of a period, as text: for names of files.
pub fn last_day(report: &StatusReport, content: &ReportContent) -> String {
    let calendar = calendar(content);
    let (last, first) = (calendar.day(report.period_to.plus(-1)), calendar.day(report.period_from));
    last.max(first).to_string()
}
