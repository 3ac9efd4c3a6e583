//! Listen: feedback, customers, and imports.

automod::dir!(pub "src/usecase/feedback");
pub mod filing;
pub mod importing;

pub use importing::{
    import_batch, import_identity, import_options, import_preview, import_rows, import_wanted, imports,
};
