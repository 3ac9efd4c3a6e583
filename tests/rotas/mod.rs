//! Rotas: when turns change, who is on duty, overrides, and who may do what; who owns an incident, and who is paged for it.

mod crashes;
mod escalation;
mod life;
mod paging;
mod turns;
