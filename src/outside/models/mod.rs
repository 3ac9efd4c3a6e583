//! Embedding models and language models.

pub mod breaker;
pub mod chat;
pub mod embeddings;
#[cfg(feature = "local-model")]
pub mod local_model;
pub mod shared;

use std::sync::Arc;

use embeddings::Embedder;

/// The embedder from a folder with a sentence-transformer.
///
/// # Errors
/// A sentence about what is wrong with the folder.
#[cfg(feature = "local-model")]
pub fn local(folder: &str) -> Result<Arc<dyn Embedder>, String> {
    Ok(Arc::new(local_model::LocalModel::open(folder)?))
}

/// The embedder from a folder with a sentence-transformer.
///
/// # Errors
/// Always: the program was built without.
#[cfg(not(feature = "local-model"))]
pub fn local(_: &str) -> Result<Arc<dyn Embedder>, String> {
    Err("this program was built without local models; build it with `--features local-model`.".to_owned())
}
