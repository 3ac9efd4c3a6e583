//! Amounts of money, as `{amount_minor, currency}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount in the currency's smallest unit: cents, won.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_000_i64, example = 1_200_000)]
    pub amount_minor: i64,
    /// ISO 4217 code.
    #[schema(pattern = "^[A-Z]{3}$", example = "USD")]
    pub currency: String,
}

/// The largest amount that is accepted, in smallest units.
const MOST: i128 = 1_000_000_000_000_000;

/// The currencies of ISO 4217, by the number of decimals of their amounts.
const CURRENCIES: [(u32, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF \
         CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK \
         HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
         MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
         SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER \
         ZAR ZMW ZWG ZWL",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// The number of decimals of a currency's amounts; `None` where ISO 4217 does not list the currency.
pub fn exponent(currency: &str) -> Option<u32> {
    let is_one = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let lists = |codes: &str| is_one && codes.split_ascii_whitespace().any(|code| code == currency);
    CURRENCIES.iter().find(|(_, codes)| lists(codes)).map(|(decimals, _)| *decimals)
}

impl Money {
    /// Parses a decimal amount in whole units, such as `1200.50`, without floating point. Decimals beyond those of the
    /// currency are rounded half up. `None` where the currency is unknown, the text is not a number, or the amount is
    /// too large.
    pub fn from_decimal(amount: &str, currency: &str) -> Option<Self> {
        let decimals = exponent(currency)? as usize;
        let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
        let is_number =
            !whole.is_empty() && whole.len() <= 20 && whole.bytes().chain(rest.bytes()).all(|b| b.is_ascii_digit());
        let coins = format!("{rest:0<decimals$}");
        let minor: i128 = is_number.then(|| format!("{whole}{}", &coins[..decimals]).parse().ok())??;
        let up = coins[decimals..].starts_with(['5', '6', '7', '8', '9']);
        let minor = minor + i128::from(up);
        (minor <= MOST).then(|| Self { amount_minor: minor as i64, currency: currency.to_owned() })
    }
}

/// An amount in whole units for use in a sentence, such as `120,000 EUR`. A currency that ISO 4217 does not list has
/// two decimals.
pub fn whole_units(minor: f64, currency: &str) -> String {
    let units = (minor / 10_f64.powi(exponent(currency).unwrap_or(2) as i32)).round();
    let digits = format!("{units:.0}");
    let mut grouped = String::with_capacity(digits.len() * 4 / 3 + currency.len() + 1);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped} {currency}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_in_the_coins_their_currency_has() {
        let minor = |amount, currency| Money::from_decimal(amount, currency).map(|money| money.amount_minor);
        assert_eq!(minor("1200.50", "EUR"), Some(120_050));
        assert_eq!(minor("5000000", "KRW"), Some(5_000_000));
        assert_eq!(minor("12.5", "KWD"), Some(12_500));
        assert_eq!(minor("12.5", "HUF"), Some(1_250));
        assert_eq!(minor("0.005", "USD"), Some(1));
        assert_eq!(minor("99.4", "JPY"), Some(99));
        assert_eq!(minor("10000000000000", "USD"), Some(1_000_000_000_000_000));
        assert_eq!(minor("10000000000001", "USD"), None);
        assert_eq!(minor("5", "XYZ"), None);
        assert_eq!(minor("5e3", "USD"), None);
        assert_eq!(exponent("usd"), None);
    }

    #[test]
    fn an_amount_is_shown_in_whole_units() {
        assert_eq!(whole_units(0.0, "USD"), "0 USD");
        assert_eq!(whole_units(99_999.0, "USD"), "1,000 USD");
        assert_eq!(whole_units(123_456.0, "KRW"), "123,456 KRW");
        assert_eq!(whole_units(1_234_567_890.0, "KWD"), "1,234,568 KWD");
        assert_eq!(whole_units(99_900.0, "EUR"), "999 EUR");
    }
}
