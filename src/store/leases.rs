//! Who does what only one instance may do.
