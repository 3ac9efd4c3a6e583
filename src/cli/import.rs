//! `hearback import`.
