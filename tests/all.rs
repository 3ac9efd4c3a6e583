//! All tests that can run in parallel, as one program: it is compiled and linked once, and its tests share one
//! PostgreSQL server. Tests that measure time or disturb others are in `load.rs`.

mod access;
mod api;
mod closed_loop;
mod closure;
mod console;
mod contract;
mod copies;
mod corrections;
mod delivery;
mod dependencies;
mod evaluations;
mod hooks;
mod imports;
mod kinds;
mod llm;
mod measures;
mod notes;
mod operations;
mod outbox;
mod postmortems;
mod privacy;
mod reports;
mod requests;
mod rotas;
mod stages;
mod stories;
mod subjects;
mod support;
mod tables;
mod tidy;
mod upgrades;
mod whole_answers;
