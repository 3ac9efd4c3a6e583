//! Listen: feedback, customers, and imports.

automod::dir!(pub "src/store/feedback");
