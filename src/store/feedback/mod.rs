//! Listen: feedback, customers, and imports.

pub mod importing;

automod::dir!(pub "src/store/feedback");
