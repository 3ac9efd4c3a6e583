//! Every feedback finds its theme.
