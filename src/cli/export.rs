//! `hearback export`.
