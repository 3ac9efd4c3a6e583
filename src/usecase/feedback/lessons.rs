//! What people's corrections of kind, sentiment and severity teach about new texts.
//!
//! The corrections are the feedback itself, so nothing else is stored. Each thread that writes keeps those of a product
//! for a short time, because filing must not read hundreds of texts again for each request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::domain::base::{Id, Time};
use crate::domain::feedback::recognition::Read;
use crate::domain::feedback::{ERASED, FeedbackRecord, KindSource};
use crate::engine::kinds::telling::{Corrected, Lesson, Telling, tell};
use crate::error::Result;
use crate::store::Tx;
use crate::store::feedback::recognised;

/// How many corrections teach; the latest ones. It bounds the time for a text to some 100 us.
const LESSONS: i64 = 500;
/// How long corrections are kept before they are read again, in microseconds. Other threads and instances learn of a
/// correction after this time.
const KEPT: i64 = 5_000_000;

struct Kept {
    read_at: Time,
    lessons: Rc<[Lesson]>,
}

thread_local! {
    /// Of each product. A thread that writes belongs to one database.
    static KEPT_LESSONS: RefCell<HashMap<Id, Kept>> = RefCell::default();
}

/// The corrections of a product.
pub fn of_product(tx: &mut Tx<'_>, product: Id) -> Result<Rc<[Lesson]>> {
    let now = tx.now;
    let kept = KEPT_LESSONS.with_borrow(|kept| {
        let kept = kept.get(&product).filter(|kept| (0..KEPT).contains(&(now.0 - kept.read_at.0)))?;
        Some(Rc::clone(&kept.lessons))
    });
    if let Some(lessons) = kept {
        return Ok(lessons);
    }
    let edited = recognised::edited(tx.conn, product, LESSONS)?;
    let lessons: Rc<[Lesson]> = edited.iter().filter_map(lesson).collect();
    KEPT_LESSONS.with_borrow_mut(|kept| {
        kept.retain(|_, kept| (0..KEPT).contains(&(now.0 - kept.read_at.0)));
        kept.insert(product, Kept { read_at: now, lessons: Rc::clone(&lessons) });
    });
    Ok(lessons)
}

/// Reads the corrections of a product again the next time, after one was made.
pub fn forget(product: Id) {
    KEPT_LESSONS.with_borrow_mut(|kept| kept.remove(&product));
}

/// What the text says by itself.
pub(super) fn told(row: &FeedbackRecord) -> Telling {
    tell(&Read { words: &row.own_words(), rating: row.rating, nps: row.nps })
}

/// What a feedback teaches; `None` where a person corrected nothing that is derived, or the words are gone.
fn lesson(row: &FeedbackRecord) -> Option<Lesson> {
    let corrected = Corrected {
        kind: row.kind.filter(|_| row.kind_source == Some(KindSource::Corrected)),
        sentiment: row.impression.filter(|known| known.source == KindSource::Corrected).map(|known| known.sentiment),
        severity: row.severity.filter(|_| row.is_edited("severity")),
    };
    (row.text != ERASED && corrected != Corrected::default()).then(|| Lesson::new(told(row), corrected))
}
