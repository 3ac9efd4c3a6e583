//! The access log: who read, changed or downloaded whose data.

automod::dir!(pub "src/domain/privacy/access");
