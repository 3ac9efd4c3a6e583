//! Substring search in names and titles, for tables that are small compared with feedback (which has a full-text index,
//! `index.rs`). It reads all rows that pass the other filters: about 10,000 rows in ten milliseconds.

use crate::domain::base::text::fold;

/// Patterns for `LIKE ... ESCAPE '!'`, one per word of the query, in lower case. A text matches if it matches all of
/// them.
pub(in crate::store) fn patterns(query: &str) -> Vec<String> {
    let escaped = |word: &str| {
        let mut pattern = String::from("%");
        for c in word.chars() {
            if matches!(c, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(c);
        }
        pattern + "%"
    };
    fold(query).split_whitespace().map(escaped).collect()
}

/// Condition: the SQL expression `$text` contains `$pattern`; ASCII letters match in either case.
macro_rules! contains {
    ($text:literal, $pattern:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!("lower(", $text, ") LIKE "))
            .bind::<diesel::sql_types::Text, _>($pattern)
            .sql(" ESCAPE '!'")
    };
}
pub(in crate::store) use contains;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_pattern_and_signs_of_like_stand_for_themselves() {
        assert_eq!(patterns("  Blue  100%_!"), ["%blue%", "%100!%!_!!%"]);
        assert!(patterns(" ").is_empty());
    }
}
