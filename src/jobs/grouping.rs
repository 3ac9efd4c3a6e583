//! The thread that groups, refines and drafts.
