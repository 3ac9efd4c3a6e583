//! The data map: what each column of the database holds, why, on which basis and for how long.

use std::fmt::Write as _;

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::Time;
use crate::domain::words::console::Words;

crate::domain::names! {
    /// What a column holds.
    pub enum DataKind {
        Person "person",
        Account "account",
        Words "words",
        Secret "secret",
        None "none",
    }
}

crate::domain::names! {
    /// What says what a column holds.
    pub enum ColumnRule {
        Tag "tag",
        Text "text",
        Reference "reference",
        Key "key",
        Actor "actor",
        Time "time",
        Version "version",
    }
}

crate::domain::names! {
    /// Why data is handled, and so on which basis.
    pub enum Purpose {
        Listening "listening",
        Planning "planning",
        Closing "closing",
        Operating "operating",
        Access "access",
        Privacy "privacy",
        Running "running",
    }
}

crate::domain::names! {
    /// The legal basis, as in GDPR 6(1) and PIPA 15.
    pub enum Basis {
        Contract "contract",
        LegitimateInterest "legitimate_interest",
        LegalObligation "legal_obligation",
    }
}

crate::domain::names! {
    /// For how long data is kept.
    pub enum KeptFor {
        UntilErased "until_erased",
        WhileUsed "while_used",
        AuditDays "audit_days",
        AccessDays "access_days",
        LedgerDays "ledger_days",
        Short "short",
    }
}

/// The purpose of the tables of an area, with its basis and retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handling {
    pub purpose: Purpose,
    pub basis: Basis,
    pub kept: KeptFor,
}

/// A column of the data map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MappedColumn {
    #[schema(example = "email")]
    pub name: String,
    /// What it holds: data of a `person`, of an `account` (a business), `words` that customers wrote or that people wrote
    /// of them, a `secret`, or nothing personal (`none`).
    pub holds: DataKind,
    /// What says so: a `tag` of the column itself, or the rule for columns of its kind: `text` (by what erasing a person does
    /// to it), `reference` (the id of a row of another table: a person's where that is a customer or a member), `key` (the
    /// row's own id), `actor` (who did something), `time` (when something happened to the row) or `version` (of the row).
    pub rule: ColumnRule,
    /// What erasing a person does to it: `replaced` where it names or quotes them, `row_by_row`, or `nothing`.
    #[schema(example = "row_by_row")]
    pub erasure: String,
    /// Why erasing a person does nothing to a text.
    pub because: Option<String>,
    /// Whether an export has it.
    pub exported: bool,
}

/// How many columns a rule covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleCount {
    pub rule: ColumnRule,
    /// Columns with personal data, or data of a business, or secrets.
    pub personal: usize,
    /// Columns with nothing personal.
    pub impersonal: usize,
}

/// A table of the data map.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MappedTable {
    #[schema(example = "customers")]
    pub name: String,
    pub purpose: Purpose,
    pub basis: Basis,
    pub kept: KeptFor,
    /// The days of `kept`, where it is a setting.
    pub kept_days: Option<u32>,
    pub columns: Vec<MappedColumn>,
}

/// The data map, and the record of processing (GDPR 30) with it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataMap {
    pub made_at: Time,
    pub version: String,
    /// The controller and its contacts, processors and recipients.
    pub parties: Vec<super::data_party::DataParty>,
    /// Systems outside that the settings name, to which data goes.
    pub systems: Vec<OutsideSystem>,
    pub tables: Vec<MappedTable>,
}

impl DataMap {
    /// How many columns each rule covers.
    pub fn rules(&self) -> Vec<RuleCount> {
        let columns = || self.tables.iter().flat_map(|table| &table.columns);
        let count = |rule: ColumnRule| {
            let personal = columns().filter(|one| one.rule == rule && one.holds != DataKind::None).count();
            let all = columns().filter(|one| one.rule == rule).count();
            RuleCount { rule, personal, impersonal: all - personal }
        };
        ColumnRule::ALL.iter().map(|rule| count(*rule)).collect()
    }
}

/// A system outside, by the settings.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutsideSystem {
    /// `mail_server`, `embedder`, `language_model`, `github`, `gitlab`, `prometheus` or `identity_provider`.
    #[schema(example = "mail_server")]
    pub name: String,
    /// Its host, without user and path.
    #[schema(example = "smtp.example.com")]
    pub host: String,
    /// Whether personal data is taken out before anything is sent.
    pub redacted: bool,
}

/// The query parameters of the Markdown.
#[derive(Clone, Debug, Default, Serialize, serde::Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DataMapQuery {
    /// `en` or `ko`.
    #[param(pattern = "^(en|ko)$", default = "en", example = "ko")]
    pub language: Option<String>,
}

/// The words of the record in a language.
pub trait MapWords {
    /// The word for a name of the API.
    fn word(&self, group: &str, name: &str) -> String;
}

impl MapWords for Words {
    fn word(&self, group: &str, name: &str) -> String {
        self.named(&format!("datamap-{group}"), name)
    }
}

/// The record of processing as Markdown.
pub fn markdown(map: &DataMap, words: &impl MapWords) -> String {
    let say = |name: &str| words.word("record", name);
    let mut text = format!("# {}\n\n{}: {}  \nHearback {}\n", say("title"), say("made"), map.made_at, map.version);
    parties(&mut text, map, words);
    let _ = writeln!(text, "\n## {}\n", say("purposes"));
    let heads = ["purpose", "basis", "persons", "data", "kept"].map(say).join(" | ");
    let _ = writeln!(text, "| {heads} |\n| --- | --- | --- | --- | --- |");
    for purpose in Purpose::ALL {
        let tables: Vec<&MappedTable> = map.tables.iter().filter(|table| table.purpose == *purpose).collect();
        let Some(first) = tables.first() else { continue };
        let columns = tables.iter().flat_map(|table| &table.columns);
        let mut kinds: Vec<DataKind> =
            columns.map(|column| column.holds).filter(|kind| *kind != DataKind::None).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let kinds: Vec<String> = kinds.into_iter().map(|kind| words.word("holds", kind.as_str())).collect();
        let mut kept: Vec<String> = tables.iter().map(|table| kept_for(table, words)).collect();
        kept.sort_unstable();
        kept.dedup();
        let cells = [
            words.word("purpose", purpose.as_str()),
            words.word("basis", first.basis.as_str()),
            words.word("persons", purpose.as_str()),
            kinds.join(", "),
            kept.join("; "),
        ];
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    let _ = writeln!(text, "\n## {}\n\n{}", say("measures"), say("measures_list"));
    columns(&mut text, map, words);
    other_columns(&mut text, map, words);
    text
}

fn parties(text: &mut String, map: &DataMap, words: &impl MapWords) {
    let say = |name: &str| words.word("record", name);
    let _ = writeln!(text, "\n## {}\n", say("parties"));
    if map.parties.is_empty() {
        let _ = writeln!(text, "{}", say("no_parties"));
    } else {
        let heads = ["role", "name", "contact", "purpose", "data", "country", "transfer"].map(say).join(" | ");
        let _ = writeln!(text, "| {heads} |\n| --- | --- | --- | --- | --- | --- | --- |");
    }
    for party in &map.parties {
        let role = words.word("party", party.role.as_str());
        let cells = [&role, &party.name, &party.contact, &party.purpose, &party.data, &party.country, &party.transfer];
        let _ = writeln!(text, "| {} |", cells.map(|cell| cell_of(cell)).join(" | "));
    }
    if !map.systems.is_empty() {
        let _ = writeln!(text, "\n### {}\n", say("systems"));
    }
    for system in &map.systems {
        let redacted = if system.redacted { format!(" ({})", say("redacted")) } else { String::new() };
        let _ = writeln!(text, "- {}: {}{redacted}", words.word("system", &system.name), cell_of(&system.host));
    }
}

fn columns(text: &mut String, map: &DataMap, words: &impl MapWords) {
    let say = |name: &str| words.word("record", name);
    let _ = writeln!(text, "\n## {}\n", say("columns"));
    let heads = ["table", "column", "holds", "rule", "erasure", "kept"].map(say).join(" | ");
    let _ = writeln!(text, "| {heads} |\n| --- | --- | --- | --- | --- | --- |");
    for table in &map.tables {
        for column in table.columns.iter().filter(|column| column.holds != DataKind::None) {
            let holds = words.word("holds", column.holds.as_str());
            let rule = words.word("rule", column.rule.as_str());
            let erasure = words.word("erasure", &column.erasure);
            let kept = kept_for(table, words);
            let _ = writeln!(text, "| `{}` | `{}` | {holds} | {rule} | {erasure} | {kept} |", table.name, column.name);
        }
    }
}

/// The rules, with how many columns each covers, and the columns with nothing personal by table.
fn other_columns(text: &mut String, map: &DataMap, words: &impl MapWords) {
    let say = |name: &str| words.word("record", name);
    let _ = writeln!(text, "\n## {}\n", say("rules"));
    let heads = ["rule", "personal", "impersonal"].map(say).join(" | ");
    let _ = writeln!(text, "| {heads} |\n| --- | --- | --- |");
    for count in map.rules() {
        let rule = words.word("rule", count.rule.as_str());
        let _ = writeln!(text, "| {rule} | {} | {} |", count.personal, count.impersonal);
    }
    let _ = writeln!(text, "\n### {}\n", say("impersonal"));
    for table in &map.tables {
        let others = table.columns.iter().filter(|column| column.holds == DataKind::None);
        let names: Vec<String> = others.map(|column| format!("`{}`", column.name)).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "- `{}`: {}", table.name, names.join(", "));
        }
    }
}

fn kept_for(table: &MappedTable, words: &impl MapWords) -> String {
    let kept = words.word("kept", table.kept.as_str());
    table.kept_days.map_or_else(|| kept.clone(), |days| format!("{kept} ({days})"))
}

/// A text that keeps the table whole, whatever somebody wrote in it.
fn cell_of(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ").replace('<', "&lt;")
}
