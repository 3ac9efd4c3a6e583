//! Imports: files of feedback that a background job reads row by row.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::Source;
use crate::domain::base::{Id, Time};
use crate::domain::team::{Caller, FilingRights, Role};

crate::domain::names! {
    /// The state of an import.
    pub enum ImportState { Queued "queued", Running "running", Done "done", Failed "failed" }
}

/// A file, and the result for its rows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Import {
    pub id: Id,
    pub state: ImportState,
    #[serde(flatten)]
    pub counts: ImportCounts,
    pub options: ImportOptions,
    /// How the file was interpreted; `null` until it has been read.
    pub reading: Option<ImportReading>,
    /// Size of the file in bytes, uncompressed.
    pub bytes: i64,
    /// Why the file as a whole could not be read. The rows counted before that are filed.
    #[schema(example = "no column is known to hold the text; map `text` to one of: Body, Subject")]
    pub problem: Option<String>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
}

/// The results of the rows read so far. `read` is the sum of created, updated, unchanged, rejected and skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportCounts {
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    /// Rows that are stored already with the same content.
    pub unchanged: i64,
    pub rejected: i64,
    /// Rows without a customer's words: no text, a pull request, a message that nobody answered.
    pub skipped: i64,
    /// Rows that were accepted without a minor part of their content: `GET /v1/imports/{id}/warnings` lists them.
    pub warned: i64,
    /// The number of all warnings, including those about the whole file.
    pub warnings: i64,
    /// Rows whose customer has no e-mail address and so cannot be told the outcome by mail.
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

/// How to read a file. Absent options are detected from the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportOptions {
    #[schema(example = "csv")]
    pub format: Option<String>,
    #[schema(example = "zendesk")]
    pub preset: Option<String>,
    /// Maps our fields to columns of the file.
    #[schema(value_type = Option<Object>, example = json!({"text": "Body", "customer.email": "Requester email"}))]
    pub mapping: Option<Value>,
    /// Whether rows are only checked and counted, and nothing is filed.
    #[serde(default)]
    pub dry_run: bool,
    /// Key of the product for rows that name none.
    #[schema(example = "HB")]
    pub product: Option<String>,
    /// Source for rows that name none.
    pub source: Option<Source>,
    /// Origin for rows that name none; the preset's origin by default.
    pub origin: Option<String>,
    /// The file's encoding, such as `cp949`; detected from its bytes by default.
    #[schema(example = "cp949")]
    pub encoding: Option<String>,
    /// The order of day, month and year in numeric dates; detected per column by default.
    #[schema(example = "day_first")]
    pub date_order: Option<String>,
    /// The time zone of times without one; UTC by default.
    #[schema(example = "+09:00")]
    pub time_zone: Option<String>,
    /// The decimal mark of amounts; detected per column by default.
    #[schema(example = "comma")]
    pub decimal_mark: Option<String>,
    /// The highest value of the rating scale; detected per column by default.
    #[schema(example = 10)]
    pub rating_scale: Option<u32>,
    /// The currency of amounts without one; the product's currency by default.
    #[schema(example = "EUR")]
    pub currency: Option<String>,
}

/// A stored import job: the caller's options and the caller's rights.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ImportJob {
    /// The caller's options.
    #[serde(flatten)]
    pub options: ImportOptions,
    /// Whether rows of an export may be restored with their ids. Only an admin and the command line may do that.
    pub may_restore: bool,
    /// Whether the command line reads the file itself. The file is not spooled then, so no other process can continue
    /// the import.
    pub by_command: bool,
    /// What its rows may change: nothing, where an older version that did not record this stored the job.
    #[serde(default)]
    pub rights: FilingRights,
    /// The charset of the `Content-Type` header.
    #[serde(default)]
    pub charset: Option<String>,
    /// The products that its rows may change; `None` for all.
    #[serde(default)]
    pub products: Option<Vec<Id>>,
}

impl ImportJob {
    /// A file that a caller sends: its rows may change what the caller may change.
    pub fn of(caller: &Caller, options: ImportOptions) -> Self {
        let (rights, products) = (caller.access.filing_rights(), caller.access.products_for("create_import"));
        let may_restore = caller.role == Role::Admin && products.is_none();
        Self { options, may_restore, by_command: false, rights, charset: None, products }
    }
}

/// A rejected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportError {
    /// Number of the row, from 1. A header row is not counted.
    #[schema(example = 17)]
    pub row: i64,
    /// Stable code of the first error.
    #[schema(example = "required")]
    pub code: String,
    /// All errors of the row, without any of its content.
    #[schema(example = "/text is required")]
    pub detail: String,
}

/// A part of a row that was omitted or changed so that the rest could be accepted, or a remark about the whole file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportWarning {
    /// Number of the row, from 1. A header row is not counted. `null` for the whole file.
    #[schema(example = 17)]
    pub row: Option<i64>,
    /// The field; `null` for the whole row.
    #[schema(example = "customer.email")]
    pub field: Option<String>,
    /// Stable code of the warning.
    #[schema(example = "invalid_email")]
    pub code: String,
    /// What was wrong and how it was handled, without any content of the row.
    #[schema(example = "left out: the column \"Email\" holds no address that mail can be sent to")]
    pub detail: String,
}

/// How a file was interpreted. This is decided from the whole file before the first row is filed. Each part can be set
/// by an option.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReading {
    #[schema(example = "csv")]
    pub format: String,
    #[schema(example = "windows-1252")]
    pub encoding: String,
    /// Whether the file was compressed with gzip.
    pub packed: bool,
    #[schema(example = "zendesk")]
    pub preset: String,
    /// The delimiter between the cells of a table.
    #[schema(example = ";")]
    pub delimiter: Option<String>,
    /// The time zone of times without one.
    #[schema(example = "UTC")]
    pub time_zone: String,
    /// Which columns were mapped to which of our fields.
    pub columns: Vec<ImportColumn>,
    /// Columns that were not used: the first 100.
    pub unused_columns: Vec<String>,
}

/// A column of a file, and the field that it was mapped to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportColumn {
    #[schema(example = "occurred_at")]
    pub field: String,
    #[schema(example = "Created")]
    pub column: String,
    /// How ambiguous values were read: `day_first`, `out of 10`, `decimal comma`.
    #[schema(example = "day_first")]
    pub read_as: Option<String>,
}

/// The query parameters of the list of imports.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    #[param(inline)]
    pub state: Option<ImportState>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

/// The query parameters of the lists of rejected rows and of warnings.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportErrorQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
