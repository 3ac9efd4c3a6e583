//! Validation of the options of an import, with the parsers that read the file later.

use serde_json::Value;

use crate::domain::base::money;
use crate::domain::base::{Reference, Time};
use crate::domain::feedback::{ImportJob, ImportOptions};
use crate::domain::team::{DEFAULT_PRODUCT, Product};
use crate::error::{Error, FieldError, Result};
use crate::outside::import;
use crate::outside::import::{Mapping, MappingError, ReadOptions};
use crate::store::Conn;
use crate::store::team::products;

/// Parses the options of an import.
///
/// # Errors
/// 422 with every wrong option.
pub fn read_options(options: &ImportOptions) -> Result<ReadOptions> {
    let mut errors = Vec::new();
    let read = ReadOptions {
        format: named(options.format.as_deref(), "/format", "is not a format", &mut errors),
        preset: named(options.preset.as_deref(), "/preset", "is not a preset", &mut errors),
        encoding: named(options.encoding.as_deref(), "/encoding", "is not the name of an encoding", &mut errors),
        date_order: named(
            options.date_order.as_deref(),
            "/date_order",
            "must be day_first, month_first or year_first",
            &mut errors,
        ),
        decimal_mark: named(options.decimal_mark.as_deref(), "/decimal_mark", "must be point or comma", &mut errors),
        mapping: mapping(options.mapping.as_ref(), &mut errors),
        time_zone: options.time_zone.as_deref().and_then(import::time_zone),
        rating_scale: options.rating_scale,
        currency: options.currency.as_deref().map(str::to_uppercase),
        ..ReadOptions::default()
    };
    let mut check = |good: bool, pointer: &str, detail: &str| {
        if !good {
            errors.push(FieldError::new(pointer, "not_one_of", detail));
        }
    };
    let zone = "must be an offset from UTC, such as +09:00, or a region of the tz database, such as Europe/Berlin";
    check(options.time_zone.is_none() || read.time_zone.is_some(), "/time_zone", zone);
    check(
        read.rating_scale.is_none_or(|best| (2..=1_000).contains(&best)),
        "/rating_scale",
        "must be a number from 2 to 1000",
    );
    let is_known = read.currency.as_deref().is_none_or(|code| money::exponent(code).is_some());
    check(is_known, "/currency", "is not a currency code of ISO 4217");
    if errors.is_empty() { Ok(read) } else { Err(Error::invalid(errors)) }
}

fn named<T: std::str::FromStr>(
    name: Option<&str>,
    pointer: &str,
    detail: &str,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    let parsed = name?.parse().ok();
    if parsed.is_none() {
        errors.push(FieldError::new(pointer, "not_one_of", detail));
    }
    parsed
}

fn mapping(given: Option<&Value>, errors: &mut Vec<FieldError>) -> Option<Mapping> {
    let error = |e: MappingError| {
        let pointer = if e.field.is_empty() { "/mapping".to_owned() } else { format!("/mapping/{}", e.field) };
        FieldError::new(pointer, "mapping", e.detail)
    };
    Mapping::parse(given?).map_err(|wrong| errors.extend(wrong.into_iter().map(error))).ok()
}

/// The options for reading an import's file, completed with the products, the time and the size limit.
///
/// # Errors
/// 422 with every wrong option.
pub fn for_file(job: &ImportJob, products: &[Product], now: Time, limit: Option<u64>) -> Result<ReadOptions> {
    let own = job.options.product.as_deref().map_or_else(|| DEFAULT_PRODUCT.to_string(), str::to_owned);
    let product = products.iter().find(|product| product.key == own || product.id.to_string() == own);
    let names = products.iter().flat_map(|product| [product.key.clone(), product.id.to_string()]);
    Ok(ReadOptions {
        charset: job.charset.as_deref().and_then(|name| name.parse().ok()),
        products: Some(names.collect()),
        now: chrono::DateTime::from_timestamp_micros(now.0),
        limit,
        usual_currency: product.map(|product| product.currency.clone()),
        ..read_options(&job.options)?
    })
}

/// Checks options against the database and replaces the product by its key.
///
/// # Errors
/// 422 with every wrong option.
pub fn check(conn: &mut Conn, mut options: ImportOptions) -> Result<ImportOptions> {
    let mut errors = read_options(&options).err().map(|e| e.fields).unwrap_or_default();
    if let Some(name) = &options.product {
        match products::find(conn, name)? {
            Some(product) => options.product = Some(product.key),
            None => errors.push(Reference::Product.unknown("/product")),
        }
    }
    if errors.is_empty() { Ok(options) } else { Err(Error::invalid(errors)) }
}

/// Parses the JSON of a mapping in a query or on a command line.
///
/// # Errors
/// 422 if it is not JSON.
pub fn mapping_from(text: &str) -> Result<Value> {
    serde_json::from_str(text)
        .map_err(|_| Error::field("/mapping", "malformed", "must be a JSON object from our field to the file's column"))
}
