//! The access log: who read, changed or downloaded whose data.

automod::dir!(pub "../domain/privacy/access");
