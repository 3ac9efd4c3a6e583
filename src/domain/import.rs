//! Files of feedback, taken in row by row beside the requests.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{FilingRights, Id, Source, Time};

super::names! {
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
    /// The file's size, uncompressed.
    pub bytes: i64,
    /// Why the file as a whole could not be read; the rows counted before are filed all the same.
    #[schema(example = "no column is known to hold the text; map `text` to one of: Body, Subject")]
    pub problem: Option<String>,
    pub created_at: Time,
    pub finished_at: Option<Time>,
}

/// What became of the rows read so far: `read` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportCounts {
    pub read: i64,
    pub created: i64,
    pub updated: i64,
    /// There already, the same.
    pub unchanged: i64,
    pub rejected: i64,
}

impl std::ops::AddAssign for ImportCounts {
    fn add_assign(&mut self, more: Self) {
        self.read += more.read;
        self.created += more.created;
        self.updated += more.updated;
        self.unchanged += more.unchanged;
        self.rejected += more.rejected;
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

/// Which rejected rows a list shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportErrorQuery {
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}
