//! The thread that works off imports.
