//! Who looks at an evaluation again once its day has come.

use crate::domain::base::Id;
use crate::domain::evaluations::evaluation::Evaluation;
use crate::error::Result;
use crate::store::Conn;
use crate::store::team::members;

/// The members whose work it is to look at an evaluation again: its deciders who are active; where there are none, the
/// member who began it.
pub fn people(conn: &mut Conn, of: &Evaluation) -> Result<Vec<Id>> {
    let mut found = Vec::new();
    for id in &of.deciders {
        if members::find_active(conn, *id)?.is_some() && !found.contains(id) {
            found.push(*id);
        }
    }
    if let Some(author) = of.created_by.filter(|_| found.is_empty())
        && members::find_active(conn, author)?.is_some()
    {
        found.push(author);
    }
    Ok(found)
}
