//! The bundled sample, for `serve --demo`.
