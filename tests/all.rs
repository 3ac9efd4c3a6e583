//! Every test that may run beside any other, in one program: it is compiled and linked once, the tests share one
//! PostgreSQL, and while some wait others work. What measures times or holds others up is in `load.rs`.

mod api;
mod closed_loop;
mod closure;
mod contract;
mod copies;
mod corrections;
mod hooks;
mod imports;
mod kinds;
mod llm;
mod notes;
mod outbox;
mod stages;
mod stories;
mod subjects;
mod support;
mod tidy;
