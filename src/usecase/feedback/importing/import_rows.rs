//! The conversion of a file's rows into items to file: fills in defaults, validates, and derives an id from the content
//! of rows without one.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::domain::base::{Id, Money};
use crate::domain::feedback::{Fields, ImportError, ImportJob, ImportWarning};
use crate::domain::team::{DEFAULT_PRODUCT, Product};
use crate::error::{Code, Error, Result};
use crate::outside::import;
use crate::outside::import::{Preset, Row, RowWarning};
use crate::store::Location;
use crate::store::transfer::exported::Exported;
use crate::usecase::feedback::filing::read_ahead::ReadInput;
use crate::usecase::feedback::import_batch::rejection;
use crate::usecase::feedback::import_wanted::{Ids, RowAction, WantedRow};
use crate::usecase::transfer::export;

/// Converts the rows of one file, beginning with the first, because equal contents are counted.
pub struct Rows {
    job: ImportJob,
    preset: Preset,
    /// The database for which rows are read ahead.
    location: Location,
    /// By key and by id.
    products: HashMap<String, Product>,
    occurrences: Occurrences,
    /// Hashes of the texts of ids that occurred: if an id has two texts, the first one is lost.
    ids: HashMap<u64, u64>,
    /// The products of the rows that were converted.
    pub touched: HashSet<Id>,
}

impl Rows {
    /// A converter for a file of this preset, whose rows go to the database at `location`; `products` are all products.
    pub fn new(job: ImportJob, (preset, location): (Preset, Location), products: Vec<Product>) -> Self {
        let both = |p: Product| [(p.key.clone(), p.clone()), (p.id.to_string(), p)];
        let products = products.into_iter().flat_map(both).collect();
        Self {
            job,
            preset,
            location,
            products,
            occurrences: Occurrences::default(),
            ids: HashMap::new(),
            touched: HashSet::new(),
        }
    }

    /// A new converter for the same file, before its first row.
    pub fn fresh(&self) -> Self {
        Self {
            job: self.job.clone(),
            preset: self.preset,
            location: self.location.clone(),
            products: self.products.clone(),
            occurrences: Occurrences::default(),
            ids: HashMap::new(),
            touched: HashSet::new(),
        }
    }

    /// The item of a row; `None` for the first and last line of an export.
    ///
    /// # Errors
    /// 422 if the file as a whole can't be imported: an export of an unknown version, or a caller who may not restore
    /// exports.
    pub fn want(&mut self, row: Row) -> Result<Option<WantedRow>> {
        let number = row.number as i64;
        let mut warnings = row.warnings;
        let mut ids = None;
        let wanted = match row.content {
            Err(e) if e.on_purpose => {
                warnings.push(RowWarning { field: String::new(), code: e.code, detail: e.detail });
                RowAction::Skip
            }
            Err(e) => RowAction::Reject(ImportError { row: number, code: e.code.to_owned(), detail: e.detail }),
            Ok(content) if self.preset == Preset::Hearback && content.get("hearback").is_some() => {
                return self.check_header(&content).map(|()| None);
            }
            Ok(content) => {
                let wanted = match self.preset {
                    Preset::Hearback if content.get("type").is_some() => {
                        ids = self.job.options.dry_run.then(|| ids_in(&content));
                        self.restore(content)
                    }
                    _ => self.file(content, &mut warnings),
                };
                wanted.unwrap_or_else(|e| RowAction::Reject(rejection(number, &e)))
            }
        };
        // Warnings about a row that is rejected are not needed: its error is reported.
        if matches!(wanted, RowAction::Reject(_)) {
            warnings.clear();
        }
        let warnings = warnings.iter().map(|each| warning(Some(number), each)).collect();
        Ok(Some(WantedRow { row: number, wanted, warnings, ids }))
    }

    fn check_header(&self, header: &Value) -> Result<()> {
        if !self.job.may_restore {
            return Err(Error::new(Code::Forbidden, "Only an admin may import an export of Hearback."));
        }
        if header["hearback"] == "export" && header["version"] != export::VERSION {
            return Err(Error::new(Code::Invalid, "The export has a format that this version does not support."));
        }
        Ok(())
    }

    fn restore(&mut self, mut content: Value) -> Result<RowAction> {
        if !self.job.may_restore {
            return Err(Error::new(Code::Conflict, "Only an admin may restore rows of an export."));
        }
        if has_nul(&content) {
            return Err(Error::field("", "nul_character", "must not contain the NUL character"));
        }
        let kind = content.as_object_mut().and_then(|row| row.remove("type"));
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
        self.touched.extend(content["product_id"].as_str().and_then(|id| id.parse::<Id>().ok()));
        let row = Exported::read(kind, content);
        let unknown = || Error::field("", "unknown_row", "is not a row of a file that `hearback export` wrote");
        row.map(Box::new).map(RowAction::Restore).ok_or_else(unknown)
    }

    fn file(&mut self, content: Value, warnings: &mut Vec<RowWarning>) -> Result<RowAction> {
        let Value::Object(mut row) = content else {
            return Err(Error::field("", "type", "must be an object"));
        };
        // Ids in a file are external ids; our own ids occur in exports only.
        if let Some(id) = row.remove("id") {
            row.entry("external_id").or_insert(id);
        }
        let options = &self.job.options;
        let content_id = row.get("external_id").is_none_or(Value::is_null).then(|| {
            // The product is part of the content's identity: surveys of two products may have the same answers.
            let product = options.product.as_ref().filter(|key| self.product(Some(key)) != Some(DEFAULT_PRODUCT));
            // Votes grow over time, so they are not part of the content's identity.
            let mut content = row.clone();
            content.remove("votes");
            Sha256::new()
                .chain_update(product.map_or("", String::as_str))
                .chain_update(canonical(&Value::Object(content)))
                .finalize()
        });
        if let Some(digest) = content_id {
            let occurrence = self.occurrences.next(&digest);
            let hex: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
            row.insert("external_id".to_owned(), json!(format!("sha256:{hex}#{occurrence}")));
        }
        let mut fill = |field: &str, value: Option<&str>| {
            if let (None | Some(Value::Null), Some(value)) = (row.get(field), value) {
                row.insert(field.to_owned(), json!(value));
            }
        };
        fill("product", options.product.as_deref());
        fill("source", options.source.map(|source| source.as_str()));
        fill("origin", Some(options.origin.as_deref().unwrap_or(self.preset.origin())));
        let product = row.get("product").and_then(Value::as_str).map(str::to_owned);
        self.touched.extend(self.product(product.as_deref()));
        warnings.extend(self.read_money(product.as_deref(), &mut row));
        if let Some(Value::Object(fields)) = row.get_mut("fields") {
            // If the `fields` are too large, keep the customer's text and shorten the `fields`.
            warnings.extend(Fields::shorten(fields).iter().map(|name| too_large(name)));
        }
        let (said, left_out) = import::lenient(row)?;
        warnings.extend(left_out);
        warnings.extend(self.said_before(&said));
        Ok(RowAction::File(Box::new(ReadInput::of(said, &self.location))))
    }

    /// If an id occurs in several rows, the last row wins; a warning says that an earlier text is replaced.
    fn said_before(&mut self, said: &crate::domain::feedback::NewFeedback) -> Option<RowWarning> {
        let id = said.external_id.as_ref().filter(|id| !id.starts_with("sha256:"))?;
        let short = |text: &str| {
            Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
        };
        let key = short(&format!("{}\n{id}", said.origin.as_deref().unwrap_or_default()));
        let before = self.ids.insert(key, short(&said.text));
        let other = before.is_some_and(|before| before != short(&said.text));
        other.then(|| {
            let detail = "an earlier row has the same id and another text: this row replaces it";
            RowWarning { field: "external_id".to_owned(), code: "repeated_id", detail: detail.to_owned() }
        })
    }

    /// The product that a row names; the default product if it names none.
    pub fn product(&self, name: Option<&str>) -> Option<Id> {
        match name {
            Some(name) => self.find(name).map(|product| product.id),
            None => Some(DEFAULT_PRODUCT),
        }
    }

    fn find(&self, name: &str) -> Option<&Product> {
        self.products.get(name).or_else(|| self.products.get(&name.to_uppercase()))
    }

    /// An amount with its currency: the currency in the value, or else the product's.
    fn read_money(&self, product: Option<&str>, row: &mut Map<String, Value>) -> Option<RowWarning> {
        let default = DEFAULT_PRODUCT.to_string();
        let product = self.find(product.unwrap_or(&default));
        let account = row.get_mut("customer").and_then(|customer| customer.get_mut("account"))?.as_object_mut()?;
        let value = account.get_mut("annual_value")?;
        if value.get("amount_minor").is_some() {
            return None;
        }
        let own = product.map(|product| product.currency.as_str());
        let fits = |code: &&str| match value["one_of"].as_array() {
            Some(codes) => codes.iter().any(|one| one == code),
            None => true,
        };
        let currency = value["currency"].as_str().or_else(|| own.filter(fits)).map(str::to_owned);
        let amount =
            value["amount"].as_str().map(str::to_owned).or_else(|| value.as_f64().map(|amount| amount.to_string()));
        let money =
            amount.as_ref().zip(currency.as_ref()).and_then(|(amount, currency)| Money::from_decimal(amount, currency));
        if let Some(Ok(money)) = money.map(serde_json::to_value) {
            *value = money;
            return None;
        }
        account.remove("annual_value");
        let detail = match currency {
            None => "left out: several currencies use this sign; set `currency`, or map a column to the currency",
            Some(_) => "left out: it is not a valid amount of money",
        };
        let field = "customer.account.annual_value".to_owned();
        Some(RowWarning { field, code: "unreadable_money", detail: detail.to_owned() })
    }
}

fn too_large(name: &str) -> RowWarning {
    let name: String = name.chars().take(100).collect();
    let detail = "left out: the fields of one feedback item may have at most 16 kB".to_owned();
    RowWarning { field: format!("fields.{name}"), code: "too_large", detail }
}

/// The kind of an export's row, and the other rows it refers to.
fn ids_in(content: &Value) -> Ids {
    fn collect(value: &Value, found: &mut Vec<Id>) {
        match value {
            Value::String(text) if text.len() == 36 => found.extend(text.parse::<Id>()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| collect(field, found)),
            _ => {}
        }
    }
    let own = content["id"].as_str().and_then(|id| id.parse().ok());
    let mut others = Vec::new();
    collect(content, &mut others);
    others.retain(|id| Some(*id) != own);
    Ids { own, others }
}

/// How often each content occurred. Contents are identified by 64 bits of their hash, so a row without an id costs
/// about ten bytes. If two hashes collide, their numbers change but are still the same at every reading.
#[derive(Default)]
struct Occurrences {
    once: HashSet<u64>,
    again: HashMap<u64, u32>,
}

impl Occurrences {
    /// 1 for the first occurrence.
    fn next(&mut self, digest: &[u8]) -> u32 {
        let key = digest.iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte));
        if self.once.insert(key) {
            return 1;
        }
        let count = self.again.entry(key).or_insert(1);
        *count += 1;
        *count
    }
}

/// JSON with sorted object keys, so that equal contents have equal texts.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().filter(|(_, value)| !value.is_null()).collect();
            fields.sort_by_key(|(name, _)| *name);
            let fields: Vec<String> =
                fields.into_iter().map(|(name, value)| format!("{}:{}", json!(name), canonical(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// A warning as it is stored; without a row it is about the file.
pub fn warning(row: Option<i64>, warning: &RowWarning) -> ImportWarning {
    let field = (!warning.field.is_empty()).then(|| warning.field.clone());
    ImportWarning { row, field, code: warning.code.to_owned(), detail: warning.detail.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_columns_does_not_make_another_content() {
        let [one, other] = [r#"{"text":"x","tags":["a"],"title":null}"#, r#"{"tags":["a"],"text":"x"}"#]
            .map(|text| canonical(&serde_json::from_str(text).unwrap()));
        assert_eq!(one, other);
        assert_ne!(canonical(&json!(["a", "b"])), canonical(&json!(["a,b"])));
    }

    #[test]
    fn each_occurrence_of_a_content_has_its_number() {
        let mut occurrences = Occurrences::default();
        let numbers: Vec<u32> = [b"aaaaaaaa", b"bbbbbbbb", b"aaaaaaaa", b"aaaaaaaa", b"bbbbbbbb"]
            .iter()
            .map(|digest| occurrences.next(*digest))
            .collect();
        assert_eq!(numbers, [1, 1, 2, 3, 2]);
    }
}
