//! Check that the ids of a file are not those of other feedback. Two surveys may both number their answers from 1;
//! without an origin, the second would overwrite the first. Decided before anything is written, by comparing the file
//! with what is stored under its ids.

use std::collections::HashMap;

use super::import_rows::Rows;
use crate::domain::base::text::{email_fold, fold};
use crate::domain::feedback::{CustomerRecord, ImportJob, NewCustomer, NewFeedback};
use crate::error::Result;
use crate::outside::import::Reader;
use crate::store::feedback::customers;
use crate::store::{Store, feedback};
use crate::usecase::feedback::import_wanted::RowAction;

/// Rows that are compared,
const ROWS: usize = 20_000;
/// and rows compared in one query.
const AT_ONCE: usize = 500;
/// If one in this many known ids has other content, the file is another one. Single texts may differ, because customers
/// edit them.
const ONE_IN: usize = 4;
/// Two texts that share at least this fraction of their letter pairs are versions of one text.
const ALIKE: f64 = 0.25;

/// Whether the check is needed: if the caller names an origin, the ids belong to it.
pub fn is_asked(job: &ImportJob) -> bool {
    job.options.origin.is_none()
}

/// Returns why the file can't be imported if its ids belong to other feedback.
pub fn check(store: &Store, mut rows: Rows, reader: Reader<'_>) -> Result<Option<String>> {
    let (mut known, mut others, mut batch) = (0, 0, Vec::new());
    for row in reader.take(ROWS) {
        let Ok(row) = row else { break };
        // A row that names its own origin can't collide.
        let says_origin = |content: &serde_json::Value| content.get("origin").is_some_and(|origin| !origin.is_null());
        if row.content.as_ref().is_ok_and(says_origin) {
            continue;
        }
        if let Ok(Some(asked)) = rows.want(row)
            && let RowAction::File(read) = asked.wanted
            && let said = read.input
            && (has_own_id(&said) || said.customer.as_ref().is_some_and(|customer| customer.external_id.is_some()))
        {
            batch.push(said);
        }
        if batch.len() == AT_ONCE {
            look(store, &rows, &std::mem::take(&mut batch), &mut known, &mut others)?;
        }
    }
    look(store, &rows, &batch, &mut known, &mut others)?;
    let problem = format!(
        "{others} of {known} ids of this file are already those of other feedback, which would be overwritten. If the file \
         is another one, give it an origin of its own (`origin`); if it is a newer version of the same, say the origin that \
         the feedback has (it may be empty)."
    );
    Ok((others > 0 && others * ONE_IN >= known).then_some(problem))
}

fn has_own_id(said: &NewFeedback) -> bool {
    said.external_id.as_ref().is_some_and(|id| !id.starts_with("sha256:"))
}

fn look(store: &Store, rows: &Rows, batch: &[NewFeedback], known: &mut usize, others: &mut usize) -> Result<()> {
    let key =
        |said: &NewFeedback| (said.origin.clone().unwrap_or_default(), said.external_id.clone().unwrap_or_default());
    look_at_customers(store, batch, known, others)?;
    let own: Vec<&NewFeedback> = batch.iter().filter(|said| has_own_id(said)).collect();
    let keys: Vec<(String, String)> = own.iter().map(|said| key(said)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let stored = store.read_now(|conn| feedback::rows::by_external(conn, &keys))?;
    // If an id occurs several times in the file, its first row is compared.
    let mut first: HashMap<&(String, String), &NewFeedback> = HashMap::new();
    for (key, said) in keys.iter().zip(own) {
        first.entry(key).or_insert(said);
    }
    for (key, said) in first {
        let Some(row) = stored.get(key) else { continue };
        *known += 1;
        let elsewhere = rows.product(said.product.as_deref()) != Some(row.product_id);
        *others += usize::from(elsewhere || !are_alike(&row.text, &said.text));
    }
    Ok(())
}

/// The same check for ids of customers: another address and another name under the same id mean another person, who
/// would get the mails of this one.
fn look_at_customers(store: &Store, batch: &[NewFeedback], known: &mut usize, others: &mut usize) -> Result<()> {
    let named: Vec<(&NewFeedback, &NewCustomer)> =
        batch.iter().filter_map(|said| Some((said, said.customer.as_ref()?))).collect();
    let key = |said: &NewFeedback, customer: &NewCustomer| {
        Some((said.origin.clone().unwrap_or_default(), customer.external_id.clone()?))
    };
    let keys: Vec<(String, String)> = named.iter().filter_map(|(said, customer)| key(said, customer)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let stored = store.read_now(|conn| customers::by_identity(conn, &keys))?;
    let stored: HashMap<(String, String), CustomerRecord> =
        stored.into_iter().map(|found| (found.identity, found.customer)).collect();
    for (said, customer) in named {
        let Some(row) = key(said, customer).and_then(|key| stored.get(&key)) else { continue };
        let (Some(old), Some(new)) = (&row.email, &customer.email) else { continue };
        let same_name = match (&row.name, &customer.name) {
            (Some(one), Some(other)) => fold(one) == fold(other),
            _ => false,
        };
        *known += 1;
        *others += usize::from(old.folded != email_fold(new) && !same_name);
    }
    Ok(())
}

/// Whether two texts are versions of one text, by the letter pairs they share.
fn are_alike(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let pairs = |text: &str| -> std::collections::HashSet<(char, char)> {
        let letters: Vec<char> =
            text.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()).take(4_000).collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let (one, other) = (pairs(one), pairs(other));
    let common = one.intersection(&other).count() as f64;
    common >= ALIKE * (one.len() + other.len()) as f64 / 2.0 && common > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_a_text_are_alike_and_other_texts_are_not() {
        assert!(are_alike("Refund is late", "Refund is very late"));
        assert!(are_alike("환불이 아직 안 왔어요", "환불이 아직도 안 왔어요. 2주째예요"));
        assert!(!are_alike("May: the refund is late", "June: please add dark mode"));
        assert!(!are_alike("cannot log in", "love it"));
        assert!(!are_alike("환불이 아직 안 왔어요", "다크 모드 추가해 주세요"));
    }
}
