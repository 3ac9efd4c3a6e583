//! Circles: stories that would wait for each other. They are refused when a dependency is added and when a story is marked
//! as a duplicate.

use crate::domain::base::Id;
use crate::domain::stories::network;
use crate::error::{Error, Result};
use crate::store::Tx;
use crate::store::stories::depending::edges;

/// What stands in place of the number of a story that the caller may not see.
const HIDDEN: &str = "(a story of another product)";

/// Refuses that a story needs another one, or is a duplicate of it, where that one already needs the first. Others who add
/// dependencies or merge stories wait until the commit.
///
/// # Errors
/// 422 that names the circle.
pub(in crate::usecase) fn refuse(tx: &mut Tx<'_>, story: Id, needs: Id, pointer: &str) -> Result<()> {
    match circle(tx, story, needs)? {
        None => Ok(()),
        Some(numbers) => {
            let detail = format!("would make stories wait for each other: {}", numbers.join(" -> "));
            Err(Error::field(pointer, "cycle", detail))
        }
    }
}

/// The numbers on the circle that this edge would close, from the story and back to it; `None` where there is none.
pub(in crate::usecase) fn circle(tx: &mut Tx<'_>, story: Id, needs: Id) -> Result<Option<Vec<String>>> {
    edges::lock_all(tx)?;
    let ways = edges::all_ways(tx.conn)?;
    let Some(way) = network::path(&ways, needs, story) else { return Ok(None) };
    let known = edges::briefs(tx.conn, &way)?;
    let number = |id: &Id| match known.get(id).filter(|brief| tx.scope.shows(brief.product_id)) {
        Some(brief) => brief.number.clone(),
        None => HIDDEN.to_owned(),
    };
    Ok(Some(std::iter::once(&story).chain(&way).map(number).collect()))
}
