//! Masking of personal data in texts before they are stored, where a product asks for it. All ways in go through filing, and
//! so through here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::read_ahead::ReadInput;
use crate::domain::base::Time;
use crate::domain::feedback::NewFeedback;
use crate::domain::privacy::redact::kinds::{MaskCounts, MaskKind, mask};
use crate::domain::team::DEFAULT_PRODUCT;
use crate::error::Result;
use crate::store::Tx;
use crate::store::team::products;

/// How long a thread keeps what a product masks, in microseconds: after this time a change counts in all threads.
const KEPT: i64 = 2_000_000;

struct Kept {
    read_at: Time,
    kinds: Rc<[MaskKind]>,
}

thread_local! {
    /// By the name of the product that feedback gives. A thread that writes belongs to one database.
    static KEPT_KINDS: RefCell<HashMap<String, Kept>> = RefCell::default();
}

/// Inputs as they are stored, and what was masked in each.
pub struct MaskedInputs {
    pub inputs: Vec<ReadInput>,
    pub counts: Vec<MaskCounts>,
}

/// The inputs without the personal data that their products mask; `None` where no product masks anything.
pub fn masked(tx: &mut Tx<'_>, inputs: &[ReadInput]) -> Result<Option<MaskedInputs>> {
    let mut kinds = Vec::with_capacity(inputs.len());
    for ReadInput { input, .. } in inputs {
        kinds.push(kinds_of(tx, input.product.as_deref().unwrap_or_default())?);
    }
    if kinds.iter().all(|kinds| kinds.is_empty()) {
        return Ok(None);
    }
    let without = |(read, kinds): (&ReadInput, Rc<[MaskKind]>)| {
        let (input, counts) = without(&read.input, &kinds);
        // What was derived from words that are masked now is derived again.
        let read = if counts.is_empty() { read.clone() } else { ReadInput::in_tx(tx, input) };
        (read, counts)
    };
    let (inputs, counts) = inputs.iter().zip(kinds).map(without).unzip();
    Ok(Some(MaskedInputs { inputs, counts }))
}

fn kinds_of(tx: &mut Tx<'_>, product: &str) -> Result<Rc<[MaskKind]>> {
    let now = tx.now;
    let is_fresh = |kept: &Kept| (0..KEPT).contains(&(now.0 - kept.read_at.0));
    let kept =
        KEPT_KINDS.with_borrow(|all| all.get(product).filter(|kept| is_fresh(kept)).map(|kept| kept.kinds.clone()));
    if let Some(kinds) = kept {
        return Ok(kinds);
    }
    let found = match product {
        "" => products::find(tx.conn, &DEFAULT_PRODUCT.to_string())?,
        name => products::find(tx.conn, name)?,
    };
    let kinds: Rc<[MaskKind]> = found.map(|product| product.settings.mask_at_intake).unwrap_or_default().into();
    KEPT_KINDS.with_borrow_mut(|all| {
        all.retain(|_, kept| is_fresh(kept));
        all.insert(product.to_owned(), Kept { read_at: now, kinds: kinds.clone() });
    });
    Ok(kinds)
}

/// The input without these kinds of personal data in its texts. The fields of the customer stay: by them they are told.
fn without(input: &NewFeedback, kinds: &[MaskKind]) -> (NewFeedback, MaskCounts) {
    let (mut input, mut counts) = (input.clone(), MaskCounts::new());
    input.text = mask(&input.text, kinds, &mut counts);
    input.title = input.title.map(|title| mask(&title, kinds, &mut counts));
    if let Some(fields) = &mut input.fields {
        fields.0.values_mut().for_each(|value| mask_value(value, kinds, &mut counts));
    }
    (input, counts)
}

fn mask_value(value: &mut Value, kinds: &[MaskKind], counts: &mut MaskCounts) {
    match value {
        Value::String(text) => *text = mask(text, kinds, counts),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_value(item, kinds, counts)),
        Value::Object(fields) => fields.values_mut().for_each(|field| mask_value(field, kinds, counts)),
        _ => {}
    }
}
