//! Operations: incidents, rotas and who is on duty.

automod::dir!(pub "src/domain/operations");
