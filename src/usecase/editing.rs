//! People edit feedback.
