//! Feedback that has some of the words of a text: candidates for a comparison, and no complete search.

use diesel::dsl::sql;
use diesel::sql_types::{Bool, Text};

use crate::domain::base::Id;
use crate::domain::feedback::{ERASED, State};
use crate::domain::search::terms::{self, Clause};
use crate::error::Result;
use crate::store::base::conn::Conn;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::schema::feedback;

/// Words of the text that are looked for; the longest ones say most.
const WORDS: usize = 8;
/// The number of search words that a better candidate must contain, all of them.
const TOGETHER: usize = 3;
/// The number of newest matches in the index that are compared; older matches are left out.
const NEWEST: i64 = 1_000;
/// The number of newest rows in which PostgreSQL looks for frequent words, because it has no index by word and time.
const SCANNED: i64 = 20_000;

/// Feedback of a product with words of a text, newest first: at most `limit` with its longest words, and at most `limit` with
/// any of its longer ones.
pub fn like(conn: &mut Conn, product: Id, text: &str, limit: i64) -> Result<Vec<Id>> {
    let words = telling(text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let together = &words[..words.len().min(TOGETHER)];
    let mut found = match conn {
        Conn::Sqlite(_) => matching(conn, product, &fts5(&terms::fts5_query(together)), limit)?,
        Conn::Postgres(_) => matching(conn, product, &gin(&terms::tsquery_literal(together)), limit)?,
    };
    let each = words.iter().map(std::slice::from_ref);
    let any = match conn {
        Conn::Sqlite(_) => {
            let any: Vec<String> = each.map(terms::fts5_query).collect();
            matching(conn, product, &fts5(&any.join(" OR ")), limit)?
        }
        Conn::Postgres(_) => {
            let any: Vec<String> = each.map(terms::tsquery_literal).collect();
            matching(conn, product, &newest(&any.join(" | ")), limit)?
        }
    };
    found.extend(any);
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    Ok(found)
}

/// The longest words of a text, each as a condition of its own. Of a word in a script without spaces its beginning counts,
/// since its end changes.
fn telling(text: &str) -> Vec<Clause> {
    let first = |clause: Clause| match clause {
        Clause::Phrase(terms) | Clause::Prefix(terms) => terms.into_iter().next(),
    };
    let mut words: Vec<String> = terms::query_terms(text).into_iter().filter_map(first).collect();
    words.retain(|word| word.chars().count() > 1);
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(WORDS);
    words.into_iter().map(|word| Clause::Phrase(vec![word])).collect()
}

/// A condition on feedback, in two parts around the query of the index.
struct Matching {
    before: String,
    query: String,
    after: String,
}

/// SQLite reads its index backwards, so it stops after the newest matches.
fn fts5(query: &str) -> Matching {
    Matching {
        before: "feedback.seq IN (SELECT rowid FROM feedback_search WHERE terms MATCH ".to_owned(),
        query: query.to_owned(),
        after: format!(" ORDER BY rowid DESC LIMIT {NEWEST})"),
    }
}

/// Words that occur together, by the index.
fn gin(query: &str) -> Matching {
    Matching {
        before: "feedback.id IN (SELECT feedback_id FROM feedback_search WHERE terms @@ ".to_owned(),
        query: query.to_owned(),
        after: format!("::tsquery LIMIT {NEWEST})"),
    }
}

/// Words that may be frequent, among the newest rows.
fn newest(query: &str) -> Matching {
    let rows = format!("SELECT feedback_id, terms FROM feedback_search ORDER BY feedback_id DESC LIMIT {SCANNED}");
    Matching {
        before: format!("feedback.id IN (SELECT feedback_id FROM ({rows}) AS newest WHERE terms @@ "),
        query: query.to_owned(),
        after: format!("::tsquery LIMIT {NEWEST})"),
    }
}

fn matching(conn: &mut Conn, product: Id, by: &Matching, limit: i64) -> Result<Vec<Id>> {
    let matching = sql::<Bool>(&by.before).bind::<Text, _>(&by.query).sql(&by.after);
    let unseen = [State::Dismissed, State::SetAside].map(State::as_str);
    let ids: Vec<DbId> = feedback::table
        .filter(feedback::product_id.eq(DbId(product)))
        .filter(feedback::state.ne_all(unseen))
        .filter(feedback::text.ne(ERASED))
        .filter(matching)
        .select(feedback::id)
        .order(feedback::id.desc())
        .limit(limit)
        .load(conn)?;
    Ok(ids.into_iter().map(Id::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_words_are_looked_for_and_korean_words_by_their_beginning() {
        let words = |text: &str| {
            let first = |clause: Clause| match clause {
                Clause::Phrase(terms) | Clause::Prefix(terms) => terms.join(" "),
            };
            telling(text).into_iter().map(first).collect::<Vec<_>>()
        };
        assert_eq!(words("my refund never arrived"), ["arrived", "refund", "never", "my"]);
        assert_eq!(words("환불이 안 들어왔어요"), ["환불", "들어"]);
        assert!(words("!? a").is_empty());
        assert_eq!(telling("word1 word2 word3 word4 word5 word6 word7 word8 word9").len(), WORDS);
    }
}
