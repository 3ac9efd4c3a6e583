//! What each row of a file asks for: defaults filled in, checked, and known by its content where it has no id.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::connectors::{Preset, Row};
use crate::domain::{DEFAULT_PRODUCT, Fields, Id, ImportError, ImportJob, NewFeedback, Product, decode};
use crate::error::{Code, Error, Result};
use crate::store::export::ExportRow;
use crate::usecase::exporting;
use crate::usecase::importing::{Wanted, rejection};

/// Turns the rows of one file into what they ask for, from the first row on: how often a content has come is counted.
pub struct Rows {
    job: ImportJob,
    preset: Preset,
    /// By key and by id.
    products: HashMap<String, Product>,
    occurrences: Occurrences,
    /// The products of the rows seen.
    pub touched: HashSet<Id>,
}

impl Rows {
    /// For a file of this preset; `products` are all there are.
    pub fn new(job: ImportJob, preset: Preset, products: Vec<Product>) -> Self {
        let both = |p: Product| [(p.key.clone(), p.clone()), (p.id.to_string(), p)];
        let products = products.into_iter().flat_map(both).collect();
        Self { job, preset, products, occurrences: Occurrences::default(), touched: HashSet::new() }
    }

    /// What a row asks for; `None` for the line that heads an export.
    ///
    /// # Errors
    /// 422 where the file as a whole can't be taken: an export of another form, or by someone who may not restore.
    pub fn want(&mut self, row: Row) -> Result<Option<Wanted>> {
        let number = row.number as i64;
        let content = match row.content {
            Ok(content) => content,
            Err(e) => {
                let (code, detail) = (e.code.to_owned(), e.detail);
                return Ok(Some(Wanted::Reject(ImportError { row: number, code, detail })));
            }
        };
        if self.preset == Preset::Hearback && content.get("hearback").is_some() {
            return self.check_header(&content).map(|()| None);
        }
        let wanted = match self.preset {
            Preset::Hearback if content.get("type").is_some() => self.restore(content),
            _ => self.file(content),
        };
        Ok(Some(wanted.unwrap_or_else(|e| Wanted::Reject(rejection(number, &e)))))
    }

    fn check_header(&self, header: &Value) -> Result<()> {
        if !self.job.may_restore {
            return Err(Error::new(Code::Forbidden, "Only an admin may import an export of Hearback."));
        }
        if header["version"] != exporting::VERSION {
            return Err(Error::new(Code::Invalid, "The export is of a form that this version does not know."));
        }
        Ok(())
    }

    fn restore(&mut self, mut content: Value) -> Result<Wanted> {
        if !self.job.may_restore {
            return Err(Error::new(Code::Conflict, "Only an admin may restore rows of an export."));
        }
        if has_nul(&content) {
            return Err(Error::field("", "nul_character", "must not contain the NUL character"));
        }
        let kind = content.as_object_mut().and_then(|row| row.remove("type"));
        let kind = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
        self.touched.extend(content["product_id"].as_str().and_then(|id| id.parse::<Id>().ok()));
        let row = ExportRow::read(kind, content);
        let unknown = || Error::field("", "unknown_row", "is not a row as `hearback export` writes it");
        row.map(Box::new).map(Wanted::Restore).ok_or_else(unknown)
    }

    fn file(&mut self, content: Value) -> Result<Wanted> {
        let Value::Object(mut row) = content else {
            return Err(Error::field("", "type", "must be an object"));
        };
        // An id in a file is theirs; ours come with an export only.
        if let Some(id) = row.remove("id") {
            row.entry("external_id").or_insert(id);
        }
        let options = &self.job.options;
        let content_id = row.get("external_id").is_none_or(Value::is_null).then(|| {
            // For another product than the first it is another content: two products' surveys may say the same.
            let product = options.product.as_ref().filter(|key| self.product(Some(key)) != Some(DEFAULT_PRODUCT));
            Sha256::new()
                .chain_update(product.map_or("", String::as_str))
                .chain_update(canonical(&Value::Object(row.clone())))
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
        self.read_money(product.as_deref(), &mut row);
        if let Some(Value::Object(fields)) = row.get_mut("fields") {
            // What a customer said is not lost for the size of what stands beside it.
            Fields::shorten(fields);
        }
        decode::decode::<NewFeedback>(Value::Object(row)).map(Box::new).map(Wanted::File)
    }

    /// The product a row names; the default one where it names none.
    fn product(&self, name: Option<&str>) -> Option<Id> {
        match name {
            Some(name) => self.find(name).map(|product| product.id),
            None => Some(DEFAULT_PRODUCT),
        }
    }

    fn find(&self, name: &str) -> Option<&Product> {
        self.products.get(name).or_else(|| self.products.get(&name.to_uppercase()))
    }

    /// A bare number is an amount in whole units of the product's currency.
    fn read_money(&self, product: Option<&str>, row: &mut Map<String, Value>) {
        let default = DEFAULT_PRODUCT.to_string();
        let Some(product) = self.find(product.unwrap_or(&default)) else { return };
        let account = row.get_mut("customer").and_then(|customer| customer.get_mut("account"));
        let Some(value) = account.and_then(|account| account.get_mut("annual_value")) else { return };
        if let Some(amount) = value.as_f64() {
            let units = if matches!(product.currency.as_str(), "KRW" | "JPY" | "VND" | "CLP") { 1.0 } else { 100.0 };
            *value = json!({ "amount_minor": (amount * units).round() as i64, "currency": product.currency });
        }
    }
}

/// How often each content has come. Contents are told apart by 64 bits of their hash, so that a row without an id costs
/// some ten bytes: should two ever fall together, their numbers are others but still the same at every reading.
#[derive(Default)]
struct Occurrences {
    once: HashSet<u64>,
    again: HashMap<u64, u32>,
}

impl Occurrences {
    /// 1 for the first time.
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

/// JSON with the names of its objects in order, so that the same content is the same text.
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
