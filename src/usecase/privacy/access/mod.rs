//! The access log: what waits to be written, and its reviews.

automod::dir!(pub "src/usecase/privacy/access");
