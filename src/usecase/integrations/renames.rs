//! Renamed or transferred repositories: their links, and the issues that became feedback, follow the new name.

use serde_json::json;

use crate::domain::integrations::Repository;
use crate::domain::stories::{Link, LinkProvider};
use crate::domain::team::{Product, Tracker};
use crate::error::Result;
use crate::store::Tx;
use crate::store::stories::links;
use crate::store::team::products;

/// Stores the current name of a repository, and updates the data that has its earlier name.
pub(in crate::usecase) fn follow(tx: &mut Tx<'_>, seen: &Repository) -> Result<()> {
    let known = links::seen_repository(tx, seen)?;
    let before = [known, seen.before.clone()].into_iter().flatten().find(|before| *before != seen.name);
    let Some(before) = before else { return Ok(()) };
    for link in links::of_repository(tx.conn, seen.provider, &before)? {
        rename(tx, link, &before, &seen.name)?;
    }
    let origin = seen.provider.as_str();
    links::rename_issues(tx, origin, &before, &seen.name)?;
    for product in products::all(tx.conn)? {
        follow_tracker(tx, &product, seen, &before)?;
    }
    Ok(())
}

fn rename(tx: &mut Tx<'_>, link: Link, before: &str, name: &str) -> Result<()> {
    let renamed = Link {
        repository: name.to_owned(),
        url: link.url.as_deref().map(|url| url.replacen(&format!("/{before}/"), &format!("/{name}/"), 1)),
        updated_at: tx.now,
        ..link
    };
    // A hook with the new name may have created this link already.
    let twin = links::to(tx.conn, &renamed.target())?.into_iter().any(|other| other.story_id == renamed.story_id);
    if twin { links::remove(tx, renamed.id) } else { links::set_repository(tx, &renamed) }
}

/// Updates the repository in a product's tracker settings.
fn follow_tracker(tx: &mut Tx<'_>, product: &Product, seen: &Repository, before: &str) -> Result<()> {
    let is_it =
        |tracker: &Tracker| LinkProvider::from(tracker.provider) == seen.provider && tracker.repository == before;
    if !product.settings.tracker.as_ref().is_some_and(is_it) {
        return Ok(());
    }
    let mut product = products::lock(tx, product.id)?;
    if let Some(tracker) = product.settings.tracker.as_mut().filter(|tracker| is_it(tracker)) {
        tracker.repository = seen.name.clone();
        (product.version, product.updated_at) = (product.version + 1, tx.now);
        products::update(tx, &product)?;
        tx.event("product.updated", product.id, Some(product.id), json!({ "fields": ["settings"] }));
    }
    Ok(())
}
