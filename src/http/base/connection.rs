//! HTTP/1 connections over TCP, with a limit on the time that an answer waits for a slow client.
//!
//! actix-web limits the time to receive a request's head and the time that a connection may be idle, but not the time
//! to write an answer: a client that never reads would keep its connection, and the memory of the answer, forever.

use std::io;
use std::net::TcpListener;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::AppConfig;
use actix_web::rt::net::TcpStream;
use actix_web::{Error as ActixError, HttpResponse};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use crate::app::App;

/// Seconds that running requests have to finish when the server stops.
const SHUTDOWN: u64 = 30;
/// Write timeout while the server stops.
const WHILE_STOPPING: Duration = Duration::from_secs(3);
/// The slowest accepted rate of reading, in bytes a second.
const SLOWEST: f64 = 8.0 * 1024.0;
/// How often a waiting write checks its timeout.
const LOOK: Duration = Duration::from_millis(500);

/// Creates a server of this application on this socket.
///
/// # Errors
/// If the socket can't be used.
pub fn serve<F, I, S, B>(app: &App, listener: TcpListener, factory: F) -> io::Result<Server>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, actix_http::Request>,
    S: ServiceFactory<actix_http::Request, Config = AppConfig, Error = ActixError, InitError = ()> + 'static,
    S::Response: Into<actix_http::Response<B>> + 'static,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    let mut builder = Server::build().shutdown_timeout(SHUTDOWN).disable_signals();
    if app.config.workers > 0 {
        builder = builder.workers(app.config.workers);
    }
    let (limit, stopping) = (Duration::from_secs(app.config.write_timeout), app.stopping());
    let signal = builder.graceful_shutdown_signal();
    let service = move || {
        let (signal, stopping) = (signal.clone(), stopping.clone());
        let application =
            factory().into_factory().map_err(|error: ActixError| -> HttpResponse { error.error_response() });
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let signal = signal.clone();
                async move { signal.notified().await }
            })
            .client_request_timeout(Duration::from_secs(5))
            .client_disconnect_timeout(Duration::from_secs(1))
            .finish(map_config(application, |()| AppConfig::default()));
        let connect = move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            let patient = Patient::new(stream, limit, stopping.clone());
            async move { Ok::<_, DispatchError>((patient, Protocol::Http1, peer)) }
        };
        fn_service(connect).and_then(http)
    };
    Ok(builder.listen("hearback", listener, service)?.run())
}

/// A connection that is closed if its client reads too slowly.
///
/// Time spent waiting for the client is added to a debt, and bytes that were written reduce it at the rate [`SLOWEST`].
/// A client that does not read is disconnected after the limit, one that reads only a few bytes soon after that, and a
/// slow but steady one never.
struct Patient<S> {
    stream: S,
    limit: Duration,
    stopping: Arc<AtomicBool>,
    debt: Duration,
    /// When the current write began to wait.
    since: Option<Instant>,
    look: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    fn new(stream: S, limit: Duration, stopping: Arc<AtomicBool>) -> Self {
        Self { stream, limit, stopping, debt: Duration::ZERO, since: None, look: None }
    }

    fn wrote(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.debt += since.elapsed();
        }
        if !self.debt.is_zero() {
            self.debt = self.debt.saturating_sub(Duration::from_secs_f64(bytes as f64 / SLOWEST));
        }
    }

    /// Waits for the client until the limit is reached.
    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let since = *self.since.get_or_insert_with(Instant::now);
        loop {
            let stopping = self.stopping.load(Ordering::Acquire);
            let limit = if stopping { self.limit.min(WHILE_STOPPING) } else { self.limit };
            if self.debt + since.elapsed() >= limit {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the answer was not read in time")));
            }
            let look = self.look.get_or_insert_with(|| Box::pin(sleep(LOOK)));
            match look.as_mut().poll(cx) {
                Poll::Ready(()) => look.as_mut().reset(Instant::now() + LOOK),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(Ok(count)) => {
                self.wrote(count);
                Poll::Ready(Ok(count))
            }
            Poll::Ready(Err(e)) => Poll::Ready(Err(e)),
            Poll::Pending => self.wait(cx),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    fn pair(limit: Duration) -> (Patient<tokio::io::DuplexStream>, tokio::io::DuplexStream) {
        let (ours, theirs) = duplex(16 * 1024);
        (Patient::new(ours, limit, Arc::default()), theirs)
    }

    #[actix_web::test]
    async fn a_client_that_never_reads_is_closed_after_the_limit() {
        let (mut connection, _reader) = pair(Duration::from_millis(600));
        let started = Instant::now();
        let error = connection.write_all(&[0; 64 * 1024]).await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(started.elapsed() >= Duration::from_millis(600));
    }

    #[actix_web::test]
    async fn a_client_that_reads_byte_by_byte_is_closed_too() {
        let (mut connection, mut reader) = pair(Duration::from_millis(700));
        let reading = actix_web::rt::spawn(async move {
            let mut byte = [0];
            while reader.read_exact(&mut byte).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let error = connection.write_all(&[0; 64 * 1024]).await.expect_err("a byte now and then");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        reading.abort();
    }

    #[actix_web::test]
    async fn a_client_that_reads_slowly_but_steadily_gets_everything() {
        let (mut connection, mut reader) = pair(Duration::from_millis(600));
        let reading = actix_web::rt::spawn(async move {
            let (mut piece, mut total) = ([0; 4096], 0);
            while let Ok(count @ 1..) = reader.read(&mut piece).await {
                total += count;
                tokio::time::sleep(Duration::from_millis(40)).await;
            }
            total
        });
        connection.write_all(&[0; 128 * 1024]).await.expect("it is read");
        drop(connection);
        assert_eq!(reading.await.expect("it ends"), 128 * 1024);
    }

    #[actix_web::test]
    async fn a_server_that_stops_waits_less() {
        let (mut connection, _reader) = pair(Duration::from_secs(600));
        connection.stopping.store(true, Ordering::Release);
        let given_up = tokio::time::timeout(Duration::from_secs(8), connection.write_all(&[0; 64 * 1024])).await;
        assert!(given_up.expect("it does not wait for ten minutes").is_err());
    }
}
