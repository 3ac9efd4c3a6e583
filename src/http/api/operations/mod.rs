//! Operations: incidents, rotas and who is on duty.

automod::dir!(pub(in crate::http) "src/http/api/operations");
