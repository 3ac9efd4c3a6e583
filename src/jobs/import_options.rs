//! What a caller may say about a file, checked before it is taken: by those who will read it.

use serde_json::Value;

use crate::connectors::{Mapping, MappingError, ReadOptions};
use crate::domain::ImportOptions;
use crate::error::{Error, FieldError, Result};
use crate::store::{Conn, products};

/// How to read a file, from what the caller said.
///
/// # Errors
/// 422 with every wrong option.
pub fn read_options(options: &ImportOptions) -> Result<ReadOptions> {
    let mut errors = Vec::new();
    let format = options.format.as_deref().map(str::parse).transpose();
    let preset = options.preset.as_deref().map(str::parse).transpose();
    if format.is_err() {
        errors.push(FieldError::new("/format", "not_one_of", "is not a format"));
    }
    if preset.is_err() {
        errors.push(FieldError::new("/preset", "not_one_of", "is not a preset"));
    }
    let mapping = options.mapping.as_ref().map(Mapping::parse).transpose().unwrap_or_else(|wrong| {
        let error = |e: MappingError| {
            let pointer = if e.field.is_empty() { "/mapping".to_owned() } else { format!("/mapping/{}", e.field) };
            FieldError::new(pointer, "mapping", e.detail)
        };
        errors.extend(wrong.into_iter().map(error));
        None
    });
    match (format, preset) {
        (Ok(format), Ok(preset)) if errors.is_empty() => Ok(ReadOptions { format, preset, mapping }),
        _ => Err(Error::invalid(errors)),
    }
}

/// Checks options against the database; the product is named by its key from then on.
///
/// # Errors
/// 422 with every wrong option.
pub fn check(conn: &mut Conn, mut options: ImportOptions) -> Result<ImportOptions> {
    let mut errors = read_options(&options).err().map(|e| e.fields).unwrap_or_default();
    if let Some(name) = &options.product {
        match products::find(conn, name)? {
            Some(product) => options.product = Some(product.key),
            None => errors.push(FieldError::new("/product", "unknown", "is not the key or id of a product")),
        }
    }
    if errors.is_empty() { Ok(options) } else { Err(Error::invalid(errors)) }
}

/// The JSON of a mapping as it stands in a query or on a command line.
///
/// # Errors
/// 422 where it is no JSON.
pub fn mapping_from(text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|_| Error::field("/mapping", "malformed", "must be a JSON object: our field to their column"))
}
