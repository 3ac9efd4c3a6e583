//! The data map, and the record of processing.

automod::dir!(pub "src/usecase/privacy/records");
