//! Several values of a query parameter, separated by commas.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Several values of a query parameter, separated by commas: what has one of them passes the filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Several<T>(pub Vec<T>);

impl<T: FromStr> FromStr for Several<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.split(',').map(|part| part.trim().parse()).collect::<Result<Vec<T>, _>>().map(Self)
    }
}

impl<T: Display> Display for Several<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let names: Vec<String> = self.0.iter().map(T::to_string).collect();
        f.write_str(&names.join(","))
    }
}

impl<T: Display> Serialize for Several<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, T: FromStr> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("has a value that is not known"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_written_with_commas() {
        let read: Several<u8> = "1, 2,3".parse().unwrap();
        assert_eq!((read.0.as_slice(), read.to_string().as_str()), ([1, 2, 3].as_slice(), "1,2,3"));
        assert!("1,x".parse::<Several<u8>>().is_err() && "".parse::<Several<u8>>().is_err());
    }
}
