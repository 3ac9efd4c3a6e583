//! Files of feedback, taken in row by row beside the requests.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Source;
use crate::domain::base::{Id, Time};
use crate::domain::team::FilingRights;

crate::domain::names! {
    /// Where an import is on its way.
    pub enum ImportState { Queued "queued", Running "running", Done "done", Failed "failed" }
}

/// A file and what became of its rows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Import {
    pub id: Id,
    pub state: ImportState,
    #[serde(flatten)]
    pub counts: ImportCounts,
    pub options: ImportOptions,
    /// What the file was taken to be; `null` before it is read.
    pub reading: Option<ImportReading>,
    /// The file's size, uncompressed.
    pub bytes: i64,
    /// Why the file as a whole could not be read; the rows counted before are filed all the same.
    #[schema(example = "no column is known to hold the text; map `text` to one of: Body, Subject")]
    pub problem: Option<String>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
}

/// What became of the rows read so far: `read` is the sum of created, updated, unchanged, rejected and skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportCounts {
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    /// There already, the same.
    pub unchanged: i64,
    pub rejected: i64,
    /// Held nothing that a customer said: no words, a pull request, a message nobody answered.
    pub skipped: i64,
    /// Rows that were taken without a side matter: `GET /v1/imports/{id}/warnings` says which.
    pub warned: i64,
    /// Warnings in all, those about the file as a whole included.
    pub warnings: i64,
    /// Rows whose customer has no address: nobody can mail them what became of it.
    pub unreachable: i64,
}

impl std::ops::AddAssign for ImportCounts {
    fn add_assign(&mut self, more: Self) {
        self.read += more.read;
        self.created += more.created;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
        self.rejected += more.rejected;
        self.skipped += more.skipped;
        self.warned += more.warned;
        self.warnings += more.warnings;
        self.unreachable += more.unreachable;
    }
}

/// How to read a file; what is absent is found out from the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportOptions {
    #[schema(example = "csv")]
    pub format: Option<String>,
    #[schema(example = "zendesk")]
    pub preset: Option<String>,
    /// Our field to their column.
    #[schema(value_type = Option<Object>, example = json!({"text": "Body", "customer.email": "Requester email"}))]
    pub mapping: Option<Value>,
    /// Rows are checked and counted, and nothing is filed.
    #[serde(default)]
    pub dry_run: bool,
    /// Key of the product of rows that name none.
    #[schema(example = "HB")]
    pub product: Option<String>,
    /// Source of rows that name none.
    pub source: Option<Source>,
    /// Origin of rows that name none; the preset's where absent.
    pub origin: Option<String>,
    /// The file's encoding, such as `cp949`; told from its bytes where absent.
    #[schema(example = "cp949")]
    pub encoding: Option<String>,
    /// How dates of three numbers are written; told from each column where absent.
    #[schema(example = "day_first")]
    pub date_order: Option<String>,
    /// The zone of times that name none; UTC where absent.
    #[schema(example = "+09:00")]
    pub time_zone: Option<String>,
    /// The mark before the decimals of amounts; told from each column where absent.
    #[schema(example = "comma")]
    pub decimal_mark: Option<String>,
    /// What ratings are out of; told from each column where absent.
    #[schema(example = 10)]
    pub rating_scale: Option<u32>,
    /// The currency of amounts that name none; the product's where absent.
    #[schema(example = "EUR")]
    pub currency: Option<String>,
}

/// An import as it is kept: what the caller said, and what the caller is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImportJob {
    /// What the caller said.
    #[serde(flatten)]
    pub options: ImportOptions,
    /// Whether the rows of an export may be put back with their ids: only an admin's and the command line's.
    pub may_restore: bool,
    /// The command line reads the file itself: nothing is spooled, so nobody else can go on with it.
    pub by_command: bool,
    /// What its rows may change; nothing, where it was stored by a version that did not know.
    #[serde(default)]
    pub rights: FilingRights,
    /// What the `Content-Type` said of the encoding.
    #[serde(default)]
    pub charset: Option<String>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportError {
    /// 1 is the first record; a header is not counted.
    #[schema(example = 17)]
    pub row: i64,
    /// Stable code of what is wrong first.
    #[schema(example = "required")]
    pub code: String,
    /// All that is wrong with it; never what the row says.
    #[schema(example = "/text is required")]
    pub detail: String,
}

/// What was left out of a row, or changed in it, so that the rest could be taken; or what has to be said of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportWarning {
    /// 1 is the first record; a header is not counted. `null` for the file as a whole.
    #[schema(example = 17)]
    pub row: Option<i64>,
    /// Which field; `null` for the row as a whole.
    #[schema(example = "customer.email")]
    pub field: Option<String>,
    /// Stable code of what was wrong.
    #[schema(example = "invalid_email")]
    pub code: String,
    /// What was wrong and what was done; never what the row says.
    #[schema(example = "left out: the column \"Email\" holds no address that mail can be sent to")]
    pub detail: String,
}

/// What a file was taken to be: decided from all of it, before the first row was taken. Each part can be set by an option.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReading {
    #[schema(example = "csv")]
    pub format: String,
    #[schema(example = "windows-1252")]
    pub encoding: String,
    /// Whether it was packed with gzip.
    pub packed: bool,
    #[schema(example = "zendesk")]
    pub preset: String,
    /// The character between the cells of a table.
    #[schema(example = ";")]
    pub delimiter: Option<String>,
    /// The zone of times that name none.
    #[schema(example = "UTC")]
    pub time_zone: String,
    /// Which of their columns became which of our fields.
    pub columns: Vec<ImportColumn>,
    /// Columns that nothing was made of, the first 100.
    pub unused_columns: Vec<String>,
}

/// A column of a file, and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportColumn {
    #[schema(example = "occurred_at")]
    pub field: String,
    #[schema(example = "Created")]
    pub column: String,
    /// How its values were read, where they could be read in several ways: `day_first`, `out of 10`, `decimal comma`.
    #[schema(example = "day_first")]
    pub read_as: Option<String>,
}

/// Which imports a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    #[param(inline)]
    pub state: Option<ImportState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// Which rejected rows, or warnings, a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportErrorQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
