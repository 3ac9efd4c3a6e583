//! A person is forgotten, or two customers turn out to be one.
