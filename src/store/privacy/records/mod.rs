//! The data map, and the record of processing.

automod::dir!(pub "src/store/privacy/records");
