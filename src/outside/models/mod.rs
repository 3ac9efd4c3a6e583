//! Embedding models and language models.

pub mod breaker;
pub mod chat;
pub mod embeddings;
#[cfg(feature = "local-model")]
pub mod local_model;
pub mod shared;
