//! A look-up by words, for while the engine's state does not hold all feedback of a product: the search index of the database
//! gives candidates, and the built-in embedder compares them with the text.

use crate::domain::base::Id;
use crate::domain::feedback::FeedbackRecord;
use crate::domain::feedback::own_words::own_words;
use crate::engine::{Grouper, LookUp, Settings};
use crate::error::Result;
use crate::store::feedback::any_words;
use crate::store::{Conn, feedback, themes};

/// The most candidates of each kind. Each is embedded, which takes a fraction of a millisecond.
const CANDIDATES: i64 = 100;

/// What is near a text among the feedback that has its words.
///
/// # Errors
/// Those of the database.
pub fn look_up(conn: &mut Conn, product: Id, text: &str, limit: usize) -> Result<LookUp> {
    let ids = any_words::like(conn, product, text, CANDIDATES)?;
    let mut rows: Vec<FeedbackRecord> = feedback::rows::rows(conn, &ids)?;
    rows.sort_by_key(|row| row.id);
    let mut grouper = Grouper::new(Settings::default());
    for row in &rows {
        let placement = grouper.place(&own_words(row.title.as_deref(), &row.text));
        grouper.adopt(row.id.0, placement, row.theme_id.map(|theme| theme.0), false);
    }
    let mut themes: Vec<Id> = rows.iter().filter_map(|row| row.theme_id).collect();
    themes.sort_unstable();
    themes.dedup();
    for theme in themes::rows::rows(conn, &themes)?.into_iter().filter(|theme| theme.muted) {
        grouper.mute(theme.id.0, true);
    }
    Ok(grouper.look_up(text, limit))
}

/// Both results together, best first.
pub fn together(one: LookUp, other: LookUp, limit: usize) -> LookUp {
    let LookUp { mut items, mut themes } = one;
    for item in other.items {
        match items.iter_mut().find(|known| known.id == item.id) {
            Some(known) => known.similarity = known.similarity.max(item.similarity),
            None => items.push(item),
        }
    }
    for (theme, cosine) in other.themes {
        match themes.iter_mut().find(|(known, _)| *known == theme) {
            Some((_, best)) => *best = best.max(cosine),
            None => themes.push((theme, cosine)),
        }
    }
    items.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then(a.id.cmp(&b.id)));
    themes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    items.truncate(limit);
    themes.truncate(limit);
    LookUp { items, themes }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::engine::Neighbour;

    #[test]
    fn two_results_together_have_each_item_and_theme_once_with_the_better_cosine() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let item = |id, similarity| Neighbour { id, theme: None, similarity };
        let one = LookUp { items: vec![item(a, 0.9), item(b, 0.3)], themes: vec![(a, 0.9)] };
        let other = LookUp { items: vec![item(b, 0.95), item(c, 0.2)], themes: vec![(b, 0.95), (a, 0.1)] };
        let both = together(one.clone(), other.clone(), 5);
        assert_eq!(both.items, [item(b, 0.95), item(a, 0.9), item(c, 0.2)]);
        assert_eq!(both.themes, [(b, 0.95), (a, 0.9)]);
        assert_eq!(together(one, other, 1).items, [item(b, 0.95)]);
    }
}
