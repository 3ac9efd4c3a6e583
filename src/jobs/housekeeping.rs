//! What is done once a minute: token uses are noted, old idempotency keys forgotten.
