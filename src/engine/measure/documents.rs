//! Measures the search for like documents on postmortems whose repeats are known, beside plain TF-IDF.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::Documents;

/// A postmortem with known repeats. Only earlier ones are searched: they stand before it in the list.
pub struct KnownDocument {
    /// Its passages, the title first.
    pub passages: Vec<String>,
    /// What is known when an incident opens.
    pub query: String,
    /// The places of the earlier ones that it repeats.
    pub repeats: BTreeSet<usize>,
}

/// How well the repeats are found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Found {
    /// The documents that have an earlier one to find.
    pub queries: usize,
    /// The mean share of the repeats that are among the first three, of at most three.
    pub recall: f64,
    /// The share of queries with a repeat among the first three.
    pub hits: f64,
    /// The mean reciprocal rank of the first repeat.
    pub reciprocal_rank: f64,
}

/// The places of the documents in the order of this search, for the query of each.
pub fn score(documents: &[KnownDocument], search: impl Fn(&[KnownDocument], &str) -> Vec<usize>) -> Found {
    let mut found = Found::default();
    for (place, document) in documents.iter().enumerate().filter(|(_, document)| !document.repeats.is_empty()) {
        let order = search(&documents[..place], &document.query);
        let first = order.iter().take(3).filter(|place| document.repeats.contains(place)).count();
        found.queries += 1;
        found.recall += first as f64 / document.repeats.len().min(3) as f64;
        found.hits += f64::from(u8::from(first > 0));
        let rank = order.iter().position(|place| document.repeats.contains(place));
        found.reciprocal_rank += rank.map_or(0.0, |rank| 1.0 / (rank + 1) as f64);
    }
    let queries = found.queries.max(1) as f64;
    Found {
        recall: found.recall / queries,
        hits: found.hits / queries,
        reciprocal_rank: found.reciprocal_rank / queries,
        ..found
    }
}

/// The search of the repeat alarm.
pub fn hybrid(earlier: &[KnownDocument], query: &str) -> Vec<usize> {
    let passages: Vec<Vec<String>> = earlier.iter().map(|document| document.passages.clone()).collect();
    Documents::of(&passages).nearest(query).into_iter().map(|like| like.place).collect()
}

/// The plain reference: the cosine of TF-IDF over whole documents.
pub fn tf_idf(earlier: &[KnownDocument], query: &str) -> Vec<usize> {
    let counts: Vec<BTreeMap<String, f64>> =
        earlier.iter().map(|document| counted(&document.passages.join("\n"))).collect();
    let mut with: BTreeMap<&str, f64> = BTreeMap::new();
    for word in counts.iter().flat_map(|words| words.keys()) {
        *with.entry(word).or_default() += 1.0;
    }
    let rarity = |word: &str| {
        let with = with.get(word).copied().unwrap_or_default();
        ((1.0 + counts.len() as f64) / (1.0 + with)).ln() + 1.0
    };
    let query = counted(query);
    let cosine = |words: &BTreeMap<String, f64>| {
        let length = words.iter().map(|(word, count)| (count * rarity(word)).powi(2)).sum::<f64>().sqrt();
        let shared = query.iter().filter_map(|(word, asked)| Some(asked * words.get(word)? * rarity(word).powi(2)));
        shared.sum::<f64>() / length.max(f64::MIN_POSITIVE)
    };
    let mut order: Vec<(usize, f64)> = counts.iter().map(cosine).enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.into_iter().map(|(place, _)| place).collect()
}

fn counted(text: &str) -> BTreeMap<String, f64> {
    let mut words = BTreeMap::new();
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1) {
        *words.entry(word.to_owned()).or_default() += 1.0;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(title: &str, text: &str, repeats: &[usize]) -> KnownDocument {
        let passages = vec![title.to_owned(), text.to_owned()];
        KnownDocument { passages, query: title.to_owned(), repeats: repeats.iter().copied().collect() }
    }

    #[test]
    fn repeats_are_found_in_english_and_korean() {
        let documents = [
            document("Certificates expired", "Nobody renewed the TLS certificate of the login page.", &[]),
            document("결제 승인 실패", "DB 커넥션 풀이 고갈되어 결제 서버가 응답하지 못했다.", &[]),
            document("Emails sent twice", "Two workers took the same job from the queue.", &[]),
            document("푸시 알림 미발송", "인증서가 만료되어 푸시 발송이 거부되었다.", &[]),
            document("An expired certificate breaks login", "The renewal job had no permission.", &[0]),
            document("DB 커넥션 부족으로 결제 불가", "풀 크기를 늘렸다.", &[1]),
            document("Duplicate emails from the queue", "A worker was killed.", &[2]),
        ];
        let found = score(&documents, hybrid);
        assert_eq!((found.queries, found.recall, found.hits, found.reciprocal_rank), (3, 1.0, 1.0, 1.0));
    }

    #[test]
    fn a_score_counts_repeats_among_the_first_three_and_the_first_rank() {
        let documents = [
            document("a", "", &[]),
            document("b", "", &[]),
            document("c", "", &[]),
            document("d", "", &[]),
            document("e", "", &[0, 3]),
        ];
        let found = score(&documents, |earlier, _| (0..earlier.len()).rev().collect());
        assert_eq!((found.queries, found.recall, found.hits, found.reciprocal_rank), (1, 0.5, 1.0, 1.0));
    }
}
