//! What the databases say, in the words of the error table.

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
                Error::new(Code::Conflict, "Something it refers to is not there.")
            }
            Diesel::DatabaseError(Kind::SerializationFailure, _) => {
                Error { transient: true, ..Code::Unavailable.into() }
            }
            Diesel::DatabaseError(Kind::ClosedConnection | Kind::ReadOnlyTransaction, info) => {
                unavailable(info.message())
            }
            Diesel::DatabaseError(_, info) => by_message(info.message()).unwrap_or_else(|| Error::internal(&error)),
            Diesel::BrokenTransactionManager => unavailable("the connection broke"),
            _ => Error::internal(&error),
        }
    }
}

/// SQLite, and libpq where the connection is lost, only say it in words.
fn by_message(message: &str) -> Option<Error> {
    let has = |words: &[&str]| words.iter().any(|w| message.contains(w));
    if has(&["disk is full", "No space left on device"]) {
        tracing::error!(message, "the disk is full");
        return Some(Code::StorageFull.into());
    }
    if has(&["deadlock detected", "could not serialize"]) {
        return Some(Error { transient: true, ..Code::Unavailable.into() });
    }
    let gone = [
        "database is locked",
        "database table is locked",
        "due to lock timeout",
        "unable to open",
        "disk I/O error",
        "readonly database",
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
        "could not connect",
        "connection to server",
        "is starting up",
        "is shutting down",
        "Connection refused",
        "SSL SYSCALL",
        "could not receive",
        "could not send",
        "file is not a database",
        "database disk image is malformed",
    ];
    has(&gone).then(|| unavailable(message))
}

/// An error of which there are only words, such as those of a migration.
pub(super) fn in_words(error: impl std::fmt::Display) -> Error {
    let message = error.to_string();
    by_message(&message).unwrap_or_else(|| Error::internal(message))
}

/// 503: the database is locked or gone; it may be back in a moment.
pub fn unavailable(cause: impl std::fmt::Display) -> Error {
    tracing::warn!(%cause, "database not available");
    Error::new(Code::Unavailable, "The database does not answer just now; nothing was written.")
}
