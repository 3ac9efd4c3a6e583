//! Finding names and titles by parts of their words: for tables that are small beside feedback, which has an index of
//! its own (`index.rs`). All rows that pass the other filters are looked at, some 10,000 in ten milliseconds.

use crate::domain::base::text::fold;

/// Patterns for `LIKE ... ESCAPE '!'` that a text must match all of: one for each word of a query, in lower case.
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

/// A condition: the SQL expression `$text` contains what `$pattern` says, whatever the case of its ASCII letters.
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
