//! What a text gives away beside its kind: how the customer feels, and how severe the problem seems.

use std::fmt;
use std::str::FromStr;

use super::{KindSource, Sentiment, Severity};

/// The sentiment with its source, and the severity where it is derived. A severity that was filed or set is a field of
/// its own, so that what is derived never takes its place.
///
/// It is stored as words: `negative derived high`, `positive filed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impression {
    pub sentiment: Sentiment,
    /// Where the sentiment comes from.
    pub source: KindSource,
    /// The derived severity.
    pub severity: Option<Severity>,
}

impl fmt::Display for Impression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sentiment, self.source)?;
        self.severity.map_or(Ok(()), |severity| write!(f, " {severity}"))
    }
}

impl FromStr for Impression {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let (sentiment, source) = (words.next().ok_or(())?.parse()?, words.next().ok_or(())?.parse()?);
        let severity = words.next().map(str::parse).transpose()?;
        if words.next().is_some() { Err(()) } else { Ok(Self { sentiment, source, severity }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_impression_is_read_as_it_was_written() {
        let severities = Severity::ALL.iter().copied().map(Some).chain([None]);
        for severity in severities {
            for (sentiment, source) in Sentiment::ALL.iter().zip(KindSource::ALL) {
                let impression = Impression { sentiment: *sentiment, source: *source, severity };
                assert_eq!(impression.to_string().parse(), Ok(impression));
            }
        }
        for wrong in ["", "negative", "negative derived dire", "derived negative", "negative derived high x"] {
            assert_eq!(wrong.parse::<Impression>(), Err(()), "{wrong}");
        }
    }
}
