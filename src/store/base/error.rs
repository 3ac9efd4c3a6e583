//! Mapping of database errors to the application's errors.

use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};

use crate::error::{Code, Error};

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::DatabaseError(Kind::UniqueViolation, info) => {
                tracing::debug!(message = info.message(), "unique violation");
                Error { transient: true, ..Error::new(Code::Conflict, "Something with this identity exists already.") }
            }
            Diesel::DatabaseError(Kind::ForeignKeyViolation, _) => {
                Error::new(Code::Conflict, "Something it refers to does not exist.")
            }
            Diesel::DatabaseError(Kind::SerializationFailure, _) => {
                Error { transient: true, ..Code::Unavailable.into() }
            }
            Diesel::DatabaseError(Kind::ClosedConnection, info) => Error { lost: true, ..unavailable(info.message()) },
            Diesel::DatabaseError(Kind::ReadOnlyTransaction, info) => unavailable(info.message()),
            Diesel::DatabaseError(_, info) => by_message(info.message()).unwrap_or_else(|| Error::internal(&error)),
            Diesel::BrokenTransactionManager => Error { lost: true, ..unavailable("the connection broke") },
            _ => Error::internal(&error),
        }
    }
}

/// Whether another process writes to the SQLite file just now.
pub(in crate::store) fn is_locked(error: &Diesel) -> bool {
    matches!(error, Diesel::DatabaseError(_, info) if info.message().contains(LOCKED))
}

/// SQLite, and libpq where the connection is lost, report these errors only as a message.
fn by_message(message: &str) -> Option<Error> {
    let has = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if has(&["disk is full", "No space left on device"]) {
        tracing::error!(message, "the disk is full");
        return Some(Code::StorageFull.into());
    }
    if has(&["deadlock detected", "could not serialize"]) {
        return Some(Error { transient: true, ..Code::Unavailable.into() });
    }
    if has(&["canceling statement due to statement timeout"]) {
        tracing::warn!(message, "a statement took too long and was cancelled");
        return Some(Error::new(Code::Unavailable, "The database took too long; nothing was written."));
    }
    if has(&LOST) {
        return Some(Error { lost: true, ..unavailable(message) });
    }
    has(&REFUSED).then(|| unavailable(message))
}

/// Messages of a connection that was lost while in use.
const LOST: [&str; 8] = [
    "server closed the connection",
    "terminating connection",
    "no connection to the server",
    "disk I/O error",
    "SSL SYSCALL",
    "SSL error",
    "could not receive",
    "could not send",
];

/// SQLite's message while another process writes.
const LOCKED: &str = "database is locked";

/// Messages of a request that was refused before it began.
const REFUSED: [&str; 12] = [
    LOCKED,
    "database table is locked",
    "due to lock timeout",
    "unable to open",
    "readonly database",
    "could not connect",
    "connection to server",
    "is starting up",
    "is shutting down",
    "Connection refused",
    "file is not a database",
    "database disk image is malformed",
];

/// Maps an error that is known only by its message, such as that of a migration.
pub(in crate::store) fn in_words(error: impl std::fmt::Display) -> Error {
    let message = error.to_string();
    by_message(&message).unwrap_or_else(|| Error::internal(message))
}

/// 503: the database is locked or not reachable, possibly only for a moment.
pub fn unavailable(cause: impl std::fmt::Display) -> Error {
    tracing::warn!(%cause, "database not available");
    Error::new(Code::Unavailable, "The database does not answer just now; nothing was written.")
}

/// The caller's message where the connection was lost during the commit.
pub(in crate::store) const UNKNOWN: &str = "Whether this was written is not known: repeat the request with the same Idempotency-Key, or \
     look before you repeat it without one.";

/// Maps an error of the commit itself: where the connection was lost, the transaction may be committed all the same.
pub(in crate::store) fn at_commit(error: Error) -> Error {
    if error.lost { Error::new(Code::OutcomeUnknown, UNKNOWN) } else { error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_lost_at_the_commit_leaves_it_open_and_a_refusal_does_not() {
        let code = |message: &str| at_commit(in_words(message)).code;
        assert_eq!(code("server closed the connection unexpectedly"), Code::OutcomeUnknown);
        assert_eq!(code("terminating connection due to administrator command"), Code::OutcomeUnknown);
        assert_eq!(code("disk I/O error"), Code::OutcomeUnknown);
        assert_eq!(code("database is locked"), Code::Unavailable);
        assert_eq!(code("connection to server at \"db\" failed: Connection refused"), Code::Unavailable);
        assert_eq!(code("database or disk is full"), Code::StorageFull);
    }
}
