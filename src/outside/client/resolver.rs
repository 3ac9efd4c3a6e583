//! Host name resolution that returns only checked addresses.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::addresses::{is_private, literal, refused};

/// A resolver of host names.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses of a host, each with the port.
    ///
    /// # Errors
    /// Where the host has none.
    fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// The system's resolver.
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        (host, port).to_socket_addrs().map(Iterator::collect)
    }
}

/// The resolver of [`super::Client`]: connections go only to the addresses that it returns.
pub(in crate::outside) struct Guarded {
    pub allow_private: bool,
    pub lookup: Arc<dyn Lookup>,
}

impl std::fmt::Debug for Guarded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guarded").field("allow_private", &self.allow_private).finish_non_exhaustive()
    }
}

impl Resolver for Guarded {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().ok_or(Error::HostNotFound)?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let found = match literal(host).map_err(refuse)? {
            Some(address) => vec![SocketAddr::new(address, port)],
            None => self.in_time(host, port, timeout)?,
        };
        let mut checked = self.empty();
        for address in found.into_iter().take(16) {
            // A single private address among public ones is suspicious: the whole host is refused.
            if !self.allow_private && is_private(address.ip()) {
                return Err(refuse(refused(address.ip())));
            }
            checked.push(address);
        }
        if checked.is_empty() { Err(Error::HostNotFound) } else { Ok(checked) }
    }
}

impl Guarded {
    /// Resolves in a separate thread, because the system's resolver has no timeout. The thread ends by itself.
    fn in_time(&self, host: &str, port: u16, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let (lookup, host) = (self.lookup.clone(), host.to_owned());
        let (answer, answered) = mpsc::sync_channel(1);
        std::thread::Builder::new().name("lookup".to_owned()).spawn(move || {
            let _ = answer.send(lookup.lookup(&host, port));
        })?;
        match answered.recv_timeout(*timeout.after) {
            Ok(found) => Ok(found?),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(Error::Timeout(timeout.reason)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::HostNotFound),
        }
    }
}

fn refuse(why: String) -> Error {
    Error::Other(why.into())
}
