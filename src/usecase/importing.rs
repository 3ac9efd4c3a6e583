//! An import, batch by batch, each in one transaction with its progress.
