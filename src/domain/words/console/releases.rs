//! The words of releases and deployments.

messages! {}
