//! Tests of the API from outside: the real binary over HTTP, each case on both databases.

mod acts;
mod archived_products;
mod bad_input;
mod bad_requests;
mod bulk;
mod doctor;
mod feedback;
mod filing;
mod finding;
mod idempotency;
mod life;
mod lists;
mod parameters;
mod search;
mod set_aside;
