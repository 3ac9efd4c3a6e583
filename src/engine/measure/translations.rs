//! How well a text finds its own translation.

use uuid::Uuid;

use crate::engine::{Grouper, Settings};

/// How often the translation is the nearest of all other texts, and among the ten nearest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// P@1.
    pub first: f64,
    /// P@10.
    pub in_ten: f64,
}

/// How well texts find their translations among all texts of both languages, by the engine's own search: from the first
/// language to the second, and back.
pub fn translations(pairs: &[(&str, &str)]) -> [Found; 2] {
    let mut grouper = Grouper::new(Settings::default());
    let mut themes = 0;
    let id = |pair: usize, side: usize| Uuid::from_u128((2 * pair + side) as u128);
    for (pair, (one, other)) in pairs.iter().enumerate() {
        for (side, text) in [one, other].into_iter().enumerate() {
            grouper.assign(id(pair, side), text, || {
                themes += 1;
                Uuid::from_u128(1 << 64 | themes)
            });
        }
    }
    [0, 1].map(|side| {
        let (mut first, mut in_ten) = (0, 0);
        for (pair, (one, other)) in pairs.iter().enumerate() {
            // One more than ten, because the text finds itself.
            let near = grouper.nearest(if side == 0 { one } else { other }, 11);
            let others = near.iter().filter(|near| near.id != id(pair, side));
            match others.take(10).position(|near| near.id == id(pair, 1 - side)) {
                Some(0) => (first, in_ten) = (first + 1, in_ten + 1),
                Some(_) => in_ten += 1,
                None => {}
            }
        }
        let share = |count: usize| count as f64 / pairs.len().max(1) as f64;
        Found { first: share(first), in_ten: share(in_ten) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_find_each_other_and_unrelated_texts_do_not() {
        let pairs = [
            ("the card payment was declined", "카드 결제가 거절됐어요"),
            ("my refund has not arrived yet", "환불이 아직 안 들어왔어요"),
            ("please add a dark mode", "다크 모드를 추가해 주세요"),
            ("the app crashes when I open it", "앱을 열면 꺼져요"),
            ("how do I change my password", "비밀번호를 어떻게 바꾸나요"),
            ("the delivery driver was very late", "배송 기사님이 너무 늦게 오셨어요"),
        ];
        for found in translations(&pairs) {
            assert!(found.first >= 0.6 && found.in_ten == 1.0, "{found:?}");
        }
        let swapped: Vec<(&str, &str)> = (0..6).map(|n| (pairs[n].0, pairs[(n + 1) % 6].1)).collect();
        assert!(translations(&swapped)[1].first < 0.4);
        assert_eq!(translations(&[])[0], Found { first: 0.0, in_ten: 0.0 });
    }
}
