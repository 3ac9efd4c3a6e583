//! Cursor pagination of lists.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::decode::json_size;
use crate::refusal::{Refusal, Result};

/// The largest size of a page's rows in bytes, written as JSON.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub data: Vec<T>,
    /// Send this as `cursor` to get the next page. `null` on the last page.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page with each row converted.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

/// The start and the length of a page.
#[derive(Clone, Debug)]
pub struct Paging {
    /// Rows per page, 1 to 200.
    pub limit: usize,
    /// The sort keys of the last row of the previous page: the page begins after it.
    pub after: Option<Cursor>,
    /// Identifies the list with its filters and its sort. A cursor of another list is refused.
    pub list: String,
}

/// A position in a list: the sort keys of a row, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Vec<String>);

impl Paging {
    /// The paging of a request. `cursor` is the `next_cursor` of an earlier page; `list` identifies the list with its
    /// filters and its sort.
    ///
    /// # Errors
    /// [`crate::refusal::Code::Invalid`] for a cursor of another list. A limit out of range is brought into it.
    pub fn new(limit: Option<i64>, cursor: Option<&str>, list: String) -> Result<Self> {
        let after = cursor.map(|text| unseal(text, &list)).transpose()?;
        Ok(Self { limit: limit.unwrap_or(50).clamp(1, 200) as usize, after, list })
    }

    /// The paging of a list query: its `limit` and `cursor`. All other parameters identify the list.
    ///
    /// # Errors
    /// As for [`Paging::new`].
    pub fn of<Q: Serialize>(list: &str, query: &Q) -> Result<Self> {
        let mut fields = serde_json::to_value(query).unwrap_or_default();
        let limit = fields["limit"].take();
        let cursor = fields["cursor"].take();
        Self::new(limit.as_i64(), cursor.as_str(), format!("{list} {fields}"))
    }

    /// Makes the page from up to `limit + 1` rows; the extra row only shows that another page follows. The page ends
    /// earlier where it would exceed [`PAGE_BYTES`], but it has at least one row.
    pub fn page<T: Serialize>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Vec<String>) -> Page<T> {
        let mut left = PAGE_BYTES;
        let fits = |row: &T| {
            let size = json_size(row, left);
            let fits = size <= left;
            left = left.saturating_sub(size);
            fits
        };
        let fitting = rows.iter().take(self.limit).map(fits).take_while(|fits| *fits).count();
        let count = fitting.max(1).min(self.limit);
        let more = rows.len() > count;
        rows.truncate(count);
        let next_cursor = rows.last().filter(|_| more).map(|last| seal(&Cursor(key(last)), &self.list));
        Page { data: rows, next_cursor }
    }

    /// Sort key `n` of the cursor.
    ///
    /// # Errors
    /// [`crate::refusal::Code::Invalid`] where it can't be read as a `K`.
    pub fn key<K: std::str::FromStr>(&self, n: usize) -> Result<Option<K>> {
        let Some(cursor) = &self.after else { return Ok(None) };
        let key = cursor.0.get(n).and_then(|text| text.parse().ok());
        key.map(Some).ok_or_else(refused)
    }
}

fn refused() -> Refusal {
    Refusal::field("/cursor", "cursor", "is not a cursor of this list with these filters; start again without it")
}

fn seal(cursor: &Cursor, list: &str) -> String {
    let keys = cursor.0.join("\n");
    let mut bytes = checksum(&keys, list).to_vec();
    bytes.extend_from_slice(keys.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unseal(text: &str, list: &str) -> Result<Cursor> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    let (sum, keys) = bytes.split_at_checked(8).ok_or_else(refused)?;
    let keys = std::str::from_utf8(keys).map_err(|_| refused())?;
    if sum != checksum(keys, list) || keys.contains('\0') {
        return Err(refused());
    }
    Ok(Cursor(keys.split('\n').map(str::to_owned).collect()))
}

/// A checksum against mistakes, such as the cursor of another list or a truncated one. It need not be secret: a forged
/// position gives no access to anything.
fn checksum(keys: &str, list: &str) -> [u8; 8] {
    let digest = Sha256::new().chain_update(list).chain_update([0]).chain_update(keys).finalize();
    digest[..8].try_into().unwrap_or_default()
}
