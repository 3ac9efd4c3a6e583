//! The members who can be on duty, as forms name them: by their names, so that a page with many forms lists them once.

use std::collections::BTreeMap;

use crate::domain::base::Id;
use crate::error::{Error, Result};
use crate::store::Conn;
use crate::store::team::members;
use crate::usecase::operations::duty;

/// A member who can be chosen.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: Id,
    /// Their name, with the e-mail address where several have it.
    pub name: String,
}

/// The members who can be on duty for a product, by name.
///
/// # Errors
/// Those of the database.
pub fn candidates(conn: &mut Conn, product: Id) -> Result<Vec<Candidate>> {
    let ids = duty::candidates(conn, product)?;
    let names = members::names_of(conn, &ids)?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.values() {
        *counts.entry(name.clone()).or_default() += 1;
    }
    let mut all = Vec::with_capacity(names.len());
    for (id, name) in names {
        let is_shared = counts.get(&name).is_some_and(|count| *count > 1);
        let name = if is_shared { format!("{name} ({})", members::get(conn, id)?.email) } else { name };
        all.push(Candidate { id, name });
    }
    all.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(all)
}

/// The id of the member whom a field of a form names; an id stays as it is.
///
/// # Errors
/// 422 where nobody has the name.
pub fn id_of(people: &[Candidate], text: &str, pointer: &str) -> Result<String> {
    if text.parse::<Id>().is_ok() {
        return Ok(text.to_owned());
    }
    let found = people.iter().find(|one| one.name == text);
    let unknown = || Error::field(pointer, "unknown", "is not the name of a member who can be on duty");
    found.map(|one| one.id.to_string()).ok_or_else(unknown)
}
