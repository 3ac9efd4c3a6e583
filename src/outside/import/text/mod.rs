//! Bytes to text: encodings, delimiters, the window over a file.

pub(in crate::outside) mod decode;
pub(in crate::outside) mod delimiter;
pub(in crate::outside) mod encoding;
pub(in crate::outside) mod input;
pub(in crate::outside) mod window;
