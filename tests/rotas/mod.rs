//! Rotas: when turns change, who is on duty, overrides, and who may do what.

mod life;
mod turns;
