//! Texts that look like advertising. In Korea (Network Act, article 50) advertising needs consent and a label; a message that
//! tells customers what became of their request must carry none.

/// Signs of advertising, in lower case.
const SIGNS: [&str; 30] = [
    "% off",
    "discount",
    "promo code",
    "coupon",
    "special offer",
    "limited offer",
    "limited time",
    "for free today",
    "buy now",
    "order now",
    "upgrade now",
    "save up to",
    "black friday",
    "sale ends",
    "free trial",
    "refer a friend",
    "할인",
    "쿠폰",
    "특가",
    "이벤트 참여",
    "무료 체험",
    "지금 구매",
    "구매하세요",
    "경품",
    "사은품",
    "적립금",
    "프로모션",
    "한정 판매",
    "추천인 코드",
    "최저가",
];

/// The signs of advertising in a text, each once, in the order of their place.
pub fn signs_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let mut found: Vec<(usize, &'static str)> =
        SIGNS.iter().filter_map(|sign| Some((text.find(sign)?, *sign))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, sign)| sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advertising_is_recognised_in_both_languages_and_plain_news_is_not() {
        assert_eq!(signs_in("It is fixed. Get 20% OFF with this coupon!"), ["% off", "coupon"]);
        assert_eq!(signs_in("고쳤습니다. 지금 구매하시면 쿠폰을 드립니다."), ["지금 구매", "쿠폰"]);
        for plain in [
            "Refunds now arrive within two days.",
            "환불이 이틀 안에 들어옵니다.",
            "The invoice shows 0% of the tax off the list.",
            "We sell nothing here.",
        ] {
            assert_eq!(signs_in(plain), Vec::<&str>::new(), "{plain}");
        }
    }
}
