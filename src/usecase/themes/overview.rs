//! Overviews of the themes of a product: a map by meaning, and the themes nearest to one.

use std::collections::HashMap;

use super::groupers::Groups;
use crate::domain::base::{Id, Paging};
use crate::domain::themes::{FoundInState, NearTheme, Theme, ThemeMap, ThemePoint, ThemeQuery, ThemeSort};
use crate::error::Result;
use crate::store::team::products;
use crate::store::{Conn, themes};

/// The most themes on a map. More could not be told apart.
const MAPPED: i64 = 150;
/// Themes looked up beside those wanted, in place of muted ones.
const SPARE: usize = 2;
/// The most near themes of an answer of the API.
pub const NEAR: usize = 12;

/// The map of a product's largest themes.
///
/// # Errors
/// 404.
pub fn map(conn: &mut Conn, groups: &Groups, product: Id) -> Result<ThemeMap> {
    let product = products::get(conn, product)?;
    let complete = groups.is_complete(product.id);
    let query = ThemeQuery { product: Some(product.key.clone()), sort: Some(ThemeSort::Size), ..ThemeQuery::default() };
    let largest = themes::list::list(conn, &query, &Paging::new(Some(MAPPED), None, String::new())?)?.data;
    let ids: Vec<uuid::Uuid> = largest.iter().map(|theme| theme.id.0).collect();
    let places: HashMap<uuid::Uuid, [f32; 2]> = match groups.get(product.id) {
        Some(group) => group.read().theme_map(&ids).into_iter().collect(),
        None => HashMap::new(),
    };
    let point = |theme: Theme| {
        let [x, y] = places.get(&theme.id.0)?.map(|value| (f64::from(value) * 10_000.0).round() / 10_000.0);
        Some(ThemePoint { theme, x, y })
    };
    Ok(ThemeMap { product_id: product.id, data: largest.into_iter().filter_map(point).collect(), complete })
}

/// The themes nearest to a theme, nearest first and at most `most`, without muted and merged ones.
///
/// # Errors
/// 404.
pub fn near(conn: &mut Conn, groups: &Groups, theme: Id, most: usize) -> Result<FoundInState<NearTheme>> {
    let row = themes::rows::row(conn, theme)?;
    let complete = groups.is_complete(row.product_id);
    let found = groups.get(row.product_id).map(|group| group.read().near_themes(theme.0, most + SPARE));
    let shares: HashMap<Id, f32> = found.iter().flatten().map(|(id, share)| (Id(*id), *share)).collect();
    let ids: Vec<Id> = found.iter().flatten().map(|(id, _)| Id(*id)).collect();
    let themes = themes::list::get_many(conn, &ids)?.into_iter();
    let near = themes.filter(|theme| !theme.muted && theme.merged_into.is_none() && theme.size > 0).map(|theme| {
        let share = shares.get(&theme.id).copied().unwrap_or_default();
        NearTheme { theme, share: (f64::from(share) * 10_000.0).round() / 10_000.0 }
    });
    Ok(FoundInState { data: near.take(most).collect(), next_cursor: None, complete })
}
