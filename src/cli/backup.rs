//! `hearback backup`.
