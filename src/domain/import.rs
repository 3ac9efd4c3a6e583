//! Reading what other systems exported.
