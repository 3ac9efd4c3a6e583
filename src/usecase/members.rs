//! People of the team.
