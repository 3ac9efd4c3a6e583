//! The data map, and the record of processing.

automod::dir!(pub "../domain/privacy/records");
