//! Addresses of databases: where each connection goes.

/// The location of the database, parsed from `DATABASE_URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// The path of a file.
    Sqlite(String),
    /// A `postgres://` URL.
    Postgres(String),
}

impl Location {
    /// Parses a `DATABASE_URL`.
    ///
    /// # Errors
    /// A sentence that describes a valid URL.
    pub fn parse(url: &str) -> Result<Self, String> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(path.to_owned())),
            _ => Err("must be sqlite://PATH or postgres://USER@HOST/DATABASE".to_owned()),
        }
    }

    /// Whether the address names more than one server, of which libpq takes the one that accepts writes.
    pub fn has_several_hosts(&self) -> bool {
        matches!(self, Self::Postgres(url) if hosts(url).contains(','))
    }
}

/// The addresses that a store connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Where a session lasts as long as its connection: migrations, and what needs settings of a session.
    pub direct: Location,
    /// A pooler in transaction mode before the same database, for all else.
    pub pooler: Option<Location>,
    /// The read replicas.
    pub replicas: Vec<Location>,
    /// How long a read waits until a replica has what the primary had.
    pub patience: std::time::Duration,
}

impl Addresses {
    /// One database, without a pooler and without replicas.
    pub fn of(location: Location) -> Self {
        Self { direct: location, pooler: None, replicas: Vec::new(), patience: std::time::Duration::ZERO }
    }

    /// The address that requests and jobs use.
    pub fn serving(&self) -> &Location {
        self.pooler.as_ref().unwrap_or(&self.direct)
    }
}

/// The timeouts of libpq: how long it tries to connect, and after how long without an answer it gives a connection up
/// (the network or the server may be gone without notice). In seconds; the last one in milliseconds.
const POSTGRES_LIMITS: [(&str, &str); 6] = [
    ("connect_timeout", "5"),
    ("keepalives", "1"),
    ("keepalives_idle", "15"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
];

/// The URL with default timeouts and application name added where it does not set them. Of several servers, the one that
/// accepts writes is meant: after a failover, new connections find the promoted one.
pub(in crate::store) fn with_limits(url: &str) -> String {
    let several = hosts(url).contains(',').then_some(("target_session_attrs", "read-write"));
    let mut url = url.to_owned();
    for (name, value) in POSTGRES_LIMITS.into_iter().chain(several).chain([("application_name", "hearback")]) {
        if parameter(&url, name).is_none() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&format!("{name}={value}"));
        }
    }
    url
}

/// The part of a URL that names servers: what stands before the database, or the parameter `host`.
fn hosts(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let named = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    if named.is_empty() { parameter(url, "host").unwrap_or_default() } else { named }
}

/// The value of a parameter of the URL.
fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(named, _)| *named == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_what_it_says_itself_and_gets_the_other_limits() {
        let bare = with_limits("postgres://kim@db/hearback");
        assert!(bare.starts_with("postgres://kim@db/hearback?connect_timeout=5&keepalives=1&"), "{bare}");
        assert!(!bare.contains("target_session_attrs"), "{bare}");
        let own = with_limits("postgres://kim@db/hearback?connect_timeout=9&sslmode=require");
        assert!(own.contains("connect_timeout=9&") && !own.contains("connect_timeout=5"), "{own}");
        assert!(own.ends_with("&application_name=hearback"), "{own}");
    }

    #[test]
    fn of_several_servers_the_one_that_accepts_writes_is_meant() {
        for url in ["postgres://kim:a,b@one:5432,two:5433/hearback", "postgres://kim@/hearback?host=/run/one,/run/two"]
        {
            assert!(Location::Postgres(url.to_owned()).has_several_hosts(), "{url}");
            assert!(with_limits(url).contains("&target_session_attrs=read-write"), "{url}");
        }
        let any = with_limits("postgres://one,two/hearback?target_session_attrs=primary");
        assert!(!any.contains("read-write"), "{any}");
        assert!(!Location::Postgres("postgres://kim:a,b@db/hearback".to_owned()).has_several_hosts());
    }
}
