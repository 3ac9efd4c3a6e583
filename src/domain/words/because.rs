//! The explanations of a story's factors in Korean.
//!
//! They are stored as English sentences (`domain/stories/priority`). A part that this file does not know stays as it is:
//! readers then see the numbers all the same.

/// Beginnings and ends of sentences, and how Korean puts what stands between them: `{}`.
const FRAMES: [(&str, &str, &str); 12] = [
    ("", " in the last 90 days", "최근 90일: {}"),
    ("None of ", " gave an NPS or a rating: it changes nothing", "{} 중 NPS나 별점을 준 고객이 없어 영향이 없습니다"),
    (
        "No account that said something has an annual value in ",
        ": it changes nothing",
        "의견을 낸 거래처 중 {}로 된 연간 금액이 없어 영향이 없습니다",
    ),
    ("Nobody has estimated it yet: 1 person-month is assumed", "", "아직 추정하지 않아 1인월로 계산합니다{}"),
    ("Not counted: ", "", "제외: {}"),
    ("", " in another currency", "다른 통화 {}곳"),
    ("", " without an annual value", "연간 금액 없음 {}곳"),
    ("", " without a customer", "고객 미상 {}"),
    ("", " customer", "고객 {}명"),
    ("", " customers", "고객 {}명"),
    ("", " further vote", "추가 투표 {}표"),
    ("", " further votes", "추가 투표 {}표"),
];

/// A sentence of several parts in Korean.
pub(super) fn in_korean(because: &str) -> String {
    if let Some(rest) = because.strip_prefix("Set by a person; otherwise ")
        && let Some((value, derived)) = rest.split_once(": ")
    {
        return format!("직접 정한 값입니다. 자동 계산은 {value}: {}", in_korean(derived));
    }
    let sentences = because.trim_end_matches('.').split(". ").map(sentence);
    sentences.collect::<Vec<_>>().join(". ") + "."
}

fn sentence(text: &str) -> String {
    if text == "No severity and no rating: medium is assumed" {
        return "심각도와 별점이 없어 보통으로 계산합니다".to_owned();
    }
    let between = |start: &str, end: &str| text.strip_prefix(start)?.strip_suffix(end).map(str::to_owned);
    if let Some((said, day)) = text.split_once(" in the 90 days up to ") {
        return format!("{day}까지 90일: {}", list(said));
    }
    if let Some((count, level)) = text.split_once(" items with a severity are ")
        && let Some((some, all)) = count.split_once(" of ")
    {
        let level = level_in_korean(level);
        return format!("심각도가 있는 {all}건 중 {some}건이 {level}");
    }
    if let Some(said) = between("By their words ", "; as nobody set it, this counts one step less")
        && let Some((count, level)) = said.split_once(" problems are ")
        && let Some((some, all)) = count.split_once(" of ")
    {
        let level = level_in_korean(level);
        return format!("고객의 말로 보아 문제 {all}건 중 {some}건이 {level}. 직접 정한 값이 없어 한 단계 낮춰 계산");
    }
    if let Some(rating) = between("The mean of ", " of 5 stars")
        && let Some((count, mean)) = rating.split_once(" is ")
    {
        let count = count.split(' ').next().unwrap_or_default();
        return format!("별점 {count}개의 평균은 5점 만점에 {mean}점");
    }
    if let Some((customers, cohesion)) = text.split_once(" independently; cohesion ") {
        let cohesion = cohesion.trim_end_matches(" of 1");
        return format!("서로 다른 {}, 응집도 {cohesion}/1", list(customers));
    }
    if let Some((known, rest)) = text.split_once(" gave an NPS or a rating; ")
        && let Some((some, all)) = known.split_once(" of ")
        && let Some(detractors) = rest.split(" of these ").next()
    {
        return format!("{} 중 {some}명이 NPS나 별점을 주었고, 그중 {detractors}명이 불만 고객입니다", list(all));
    }
    if let Some((accounts, rest)) = text.split_once(" behind it: ")
        && let Some((own, all)) = rest.split_once(" a year, of ")
    {
        let (accounts, all) =
            (accounts.split(' ').next().unwrap_or_default(), all.split(" of all ").next().unwrap_or_default());
        return format!("거래처 {accounts}곳, 연간 {own}(의견을 낸 전체 {all} 중)");
    }
    list(text)
}

fn level_in_korean(level: &str) -> &str {
    match level {
        "critical" => "치명적",
        "high or worse" => "높음 이상",
        "medium or worse" => "보통 이상",
        "low or worse" => "낮음 이상",
        other => other,
    }
}

/// A list of parts, each in Korean.
fn list(text: &str) -> String {
    let parts = text.split(", ").flat_map(|part| part.split(" and "));
    parts.map(part).collect::<Vec<_>>().join(", ")
}

fn part(text: &str) -> String {
    for (start, end, korean) in FRAMES {
        if let Some(inner) = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)) {
            let inner = inner.trim_end_matches(" items").trim_end_matches(" item");
            let inner = if inner == text { inner.to_owned() } else { plain(inner) };
            return korean.replace("{}", &inner);
        }
    }
    text.to_owned()
}

/// What stands in a frame may be in a frame itself.
fn plain(inner: &str) -> String {
    if inner.contains(' ') { list(inner) } else { inner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::in_korean;
    use crate::domain::stories::priority::{
        AccountValue, Evidence, Opinions, ScoreWeights, SetFactors, Severities, rice,
    };

    /// The explanations of all factors, in Korean.
    fn explained(evidence: &Evidence, set: &SetFactors) -> Vec<String> {
        let priority = rice(evidence, set, &ScoreWeights { detractors: 1.0, account_value: 1.0 });
        let factors = &priority.factors;
        let rice =
            [&factors.reach, &factors.impact, &factors.confidence, &factors.effort].map(|factor| &factor.because);
        let more =
            [&factors.detractors, &factors.account_value].map(|factor| &factor.as_ref().expect("weighted").because);
        rice.into_iter().chain(more).map(|because| in_korean(because)).collect()
    }

    #[test]
    fn every_explanation_is_told_in_korean() {
        let evidence = Evidence {
            customers_in_90_days: 12,
            items_without_customer_in_90_days: 3,
            further_votes_in_90_days: 1,
            latest_feedback: Some("2026-11-22".to_owned()),
            severities: Severities { low: 1, medium: 2, high: 3, critical: 0 },
            derived_severities: Severities::default(),
            ratings: 4,
            mean_rating: 2.25,
            independent_customers: 14,
            cohesion: 0.61,
            opinions: Opinions { customers: 12, known: 5, detractors: 2 },
            account_value: AccountValue {
                currency: "USD".to_owned(),
                accounts: 2,
                minor: 500_000.0,
                in_other_currency: 1,
                without_value: 4,
                of_all_minor: 1_000_000.0,
            },
        };
        let said = explained(&evidence, &SetFactors::default());
        assert_eq!(said[0], "2026-11-22까지 90일: 고객 12명, 고객 미상 3, 추가 투표 1표.");
        assert_eq!(said[1], "심각도가 있는 6건 중 3건이 높음 이상. 별점 4개의 평균은 5점 만점에 2.2점.");
        assert_eq!(said[2], "서로 다른 고객 14명, 응집도 0.61/1.");
        assert_eq!(said[3], "아직 추정하지 않아 1인월로 계산합니다.");
        assert_eq!(said[4], "고객 12명 중 5명이 NPS나 별점을 주었고, 그중 2명이 불만 고객입니다.");
        assert!(said[5].starts_with("거래처 2곳, 연간 "), "{}", said[5]);
        assert!(said[5].ends_with("제외: 다른 통화 1곳, 연간 금액 없음 4곳."), "{}", said[5]);
        let bare = explained(&Evidence::default(), &SetFactors { reach: Some(7.0), ..SetFactors::default() });
        assert_eq!(bare[0], "직접 정한 값입니다. 자동 계산은 0: 최근 90일: 고객 0명.");
        let derived = Severities { high: 2, medium: 1, ..Severities::default() };
        let by_words =
            explained(&Evidence { derived_severities: derived, ..Evidence::default() }, &SetFactors::default());
        assert_eq!(by_words[1], "고객의 말로 보아 문제 3건 중 2건이 높음 이상. 직접 정한 값이 없어 한 단계 낮춰 계산.");
        let english = ["customer", "account", "rating", "person", "assumed", "counted", "items", "days"];
        for sentence in said.iter().chain(&bare).chain(&by_words) {
            assert!(english.iter().all(|word| !sentence.contains(word)), "{sentence}");
        }
    }

    #[test]
    fn unknown_words_stay_readable() {
        assert_eq!(in_korean("Something new happened."), "Something new happened.");
    }
}
