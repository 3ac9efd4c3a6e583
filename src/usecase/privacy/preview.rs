//! What the erasure of a person would remove, before anything is removed.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::base::Id;
use crate::domain::closure::ClosureState;
use crate::domain::team::note::NoteSubject;
use crate::error::Result;
use crate::store::Conn;
use crate::store::closure::closures;
use crate::store::feedback::{customers, rows};
use crate::store::stories::story_items;
use crate::store::team::notes;

/// What the erasure of a person would remove.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ErasurePreview {
    pub customer_id: Id,
    /// How many customers were merged into this one, and are erased with it.
    #[schema(example = 0)]
    pub merged: usize,
    /// How many items of feedback lose their text.
    #[schema(example = 12)]
    pub feedback: usize,
    /// How many ids in other systems are deleted.
    #[schema(example = 1)]
    pub identities: usize,
    /// How many internal notes are deleted.
    #[schema(example = 2)]
    pub notes: usize,
    /// How many messages to them are still waiting, and will not be sent.
    #[schema(example = 1)]
    pub waiting: usize,
    /// Numbers of the stories that their feedback stands behind. The stories stay; passages that name or quote the
    /// person are removed from them.
    #[schema(example = json!(["HB-17"]))]
    pub stories: Vec<String>,
}

/// Reads what the erasure of a customer would remove. The id of a merged customer means the one they were merged into.
///
/// # Errors
/// 404.
pub fn of(conn: &mut Conn, id: Id) -> Result<ErasurePreview> {
    let person = customers::row(conn, id)?.person();
    let merged = customers::merged_into(conn, person)?;
    let people: Vec<Id> = merged.iter().map(|row| row.id).chain([person]).collect();
    let items = rows::ids_of_customer(conn, person)?;
    let cases = closures::of_customer(conn, person)?;
    let case_ids: Vec<Id> = cases.iter().map(|row| row.id).collect();
    let mut written = notes::about_any(conn, NoteSubject::Customer, &people)?.len();
    written += notes::about_any(conn, NoteSubject::Feedback, &items)?.len();
    written += notes::about_any(conn, NoteSubject::Closure, &case_ids)?.len();
    let mut stories: Vec<Id> = Vec::new();
    for some in items.chunks(500) {
        stories.extend(story_items::stories_of(conn, some)?.into_iter().map(|(story, _)| story));
    }
    stories.sort();
    stories.dedup();
    let mut numbers: Vec<String> =
        closures::mentions(conn, &stories)?.into_values().map(|story| story.number).collect();
    numbers.sort();
    Ok(ErasurePreview {
        customer_id: person,
        merged: merged.len(),
        feedback: items.len(),
        identities: customers::get(conn, person)?.identities.len(),
        notes: written,
        waiting: cases.iter().filter(|row| row.state == ClosureState::Waiting).count(),
        stories: numbers,
    })
}
