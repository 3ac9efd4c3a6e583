//! The data map, and the record of processing.

automod::dir!(pub "src/domain/privacy/records");
