//! The access log in the database.

automod::dir!(pub "src/store/privacy/access");
