//! From bytes to text: input, encodings, delimiters, and the read buffer.

pub(in crate::outside) mod decode;
pub(in crate::outside) mod delimiter;
pub(in crate::outside) mod encoding;
pub(in crate::outside) mod input;
pub(in crate::outside) mod window;
