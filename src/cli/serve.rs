//! `hearback serve`: runs the server with its background jobs.

use std::io::{IsTerminal, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::demo;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::base::Actor;
use crate::error::{Code, Error, Result};
use crate::http;
use crate::jobs;
use crate::jobs::base::scheduler::Scheduler;
use crate::usecase::team::{invitations, tokens};

/// The process ends this long after the signal, whatever hangs: a database that does not answer, an import, a client
/// that does not read. Unfinished work is found again or repeated, as after a crash.
const LAST_MOMENT: Duration = Duration::from_secs(30);
/// How long a stopping server still accepts connections that are already established, and then reads what they sent.
const READ_WHAT_CAME: Duration = Duration::from_millis(250);

/// Serve the API and the console.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    config: Config,
    /// Load the bundled sample first
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Serves until SIGTERM, SIGINT or SIGHUP; then answers the requests in progress, writes what is queued, and ends.
    ///
    /// # Errors
    /// If a setting is wrong, the port is in use or the database does not answer.
    pub fn run(self) -> Result<()> {
        let problems = self.config.problems();
        if !problems.is_empty() {
            return Err(Error::new(Code::Invalid, problems.join(" ")));
        }
        // A separate thread writes the log lines, so that a request never waits for a slow terminal.
        let (writer, _flush_at_end) =
            tracing_appender::non_blocking::NonBlockingBuilder::default().lossy(false).finish(std::io::stderr());
        let filter = EnvFilter::try_new(&self.config.log).unwrap_or_else(|_| EnvFilter::new("info"));
        tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(writer).init();

        let listen = self.config.listen.clone();
        let app = App::build(self.config, Clock::default())?;
        let listener = TcpListener::bind(&listen).map_err(|e| {
            Error::new(Code::Invalid, format!("HEARBACK_LISTEN: the server can't listen on {listen}: {e}."))
        })?;
        app.store.serve_alone()?;
        app.check_database()?;
        app.prepare()?;
        app.begin_access_journal();
        app.store.watch_files()?;
        let admin = first_admin(&app)?;
        let demo = self.demo;
        actix_web::rt::System::new().block_on(serve(app, listener, admin, demo))
    }
}

async fn serve(app: App, listener: TcpListener, admin: Option<String>, demo: bool) -> Result<()> {
    // Must be before the address is announced: a signal that comes right after that must stop the server gracefully.
    let mut signals = Signals::listen().map_err(Error::internal)?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let server = http::server(app.clone(), listener).map_err(Error::internal)?;
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let jobs = Scheduler::start(&app.store, jobs::all(&app)?).map_err(Error::internal)?;
    if demo {
        let app = app.clone();
        tokio::task::spawn_blocking(move || demo::load(&app)).await.map_err(Error::internal)??;
    }
    let address = address.to_string();
    let console = console_link(&app, &address, demo).await?;
    app.set_ready();
    announce(&address, admin.as_deref(), &console);
    if demo {
        // In the background: the server answers requests already.
        let app = app.clone();
        actix_web::rt::spawn(async move { demo::show(&app).await });
    }

    signals.next().await;
    tracing::info!("stopping: answering the requests in progress");
    let last_moment = LastMoment::set(LAST_MOMENT).map_err(Error::internal)?;
    // Streams, and answers that nobody reads, would not end by themselves.
    app.begin_to_stop();
    // Accept connections that are already established, then no more; read what they sent, so that it is answered.
    tokio::time::sleep(READ_WHAT_CAME).await;
    handle.pause().await;
    tokio::time::sleep(READ_WHAT_CAME).await;
    handle.stop(true).await;
    running.await.map_err(Error::internal)?.map_err(Error::internal)?;
    jobs.stop_all(|name| last_moment.waits_for(name));
    last_moment.waits_for("the database");
    app.store.close();
    tracing::info!("stopped");
    Ok(())
}

/// Ends the process if it has not ended in time.
struct LastMoment {
    waits_for: Arc<Mutex<&'static str>>,
}

impl LastMoment {
    fn set(at_most: Duration) -> std::io::Result<Self> {
        let waits_for = Arc::new(Mutex::new("requests"));
        let waited_for = waits_for.clone();
        let end = move || {
            std::thread::sleep(at_most);
            let (seconds, last) = (at_most.as_secs(), *waited_for.lock().unwrap_or_else(PoisonError::into_inner));
            tracing::error!(seconds, waits_for = last, "stopped before everything had ended: something hangs");
            // Time for the line to be written.
            std::thread::sleep(Duration::from_millis(100));
            std::process::exit(1);
        };
        std::thread::Builder::new().name("last-moment".to_owned()).spawn(end)?;
        Ok(Self { waits_for })
    }

    /// Records what the shutdown waits for, so that the log can name it.
    fn waits_for(&self, what: &'static str) {
        *self.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = what;
        tracing::debug!(waits_for = what, "stopping");
    }
}

/// The signals that stop the server. While they are listened to, none of them ends the process immediately.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    /// Sent when the terminal is closed.
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// Makes the token in the settings valid; without one, creates an admin token if the instance has no token.
fn first_admin(app: &App) -> Result<Option<String>> {
    if let Some(secret) = app.config.admin_token.clone() {
        app.store.write_now(Actor::COMMAND, move |tx| tokens::keep_admin(tx, &secret))?;
        return Ok(None);
    }
    let secret = tokens::new_secret()?;
    let minted = app.store.write_now(Actor::COMMAND, move |tx| tokens::first_admin(tx, &secret))?;
    Ok(minted.map(|minted| minted.secret))
}

/// The address of the console, and how to get in.
struct ConsoleLink {
    address: String,
    /// What the link does; `None` where members sign in with their passwords.
    does: Option<&'static str>,
}

/// The link to the console: in the demo it opens it signed in; while an instance has no members, it makes the first admin.
/// An instance with members has only the address of the console.
async fn console_link(app: &App, listen: &str, demo: bool) -> Result<ConsoleLink> {
    let base = match &app.config.public_url {
        Some(_) => app.config.public_url(),
        // A browser can't open the address that means all addresses.
        None => format!("http://{}", listen.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")),
    };
    let secret = invitations::new_secret()?;
    let new = secret.clone();
    if demo {
        app.store.write(Actor::COMMAND, move |tx| invitations::demo(tx, &new).map(drop)).await?;
        return Ok(ConsoleLink {
            address: format!("{base}/console/demo/{secret}"),
            does: Some("opens signed in, for an hour"),
        });
    }
    if app.store.write(Actor::COMMAND, move |tx| invitations::first_admin(tx, &new)).await?.is_some() {
        let address = format!("{base}/console/invite/{secret}");
        return Ok(ConsoleLink { address, does: Some("makes you the first admin, once, within seven days") });
    }
    Ok(ConsoleLink { address: format!("{base}/console/"), does: None })
}

fn announce(address: &str, admin: Option<&str>, console: &ConsoleLink) {
    let mut out = std::io::stdout().lock();
    let bold = if out.is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let _ = writeln!(out, "Hearback {} serves on {}http://{address}{}", env!("CARGO_PKG_VERSION"), bold.0, bold.1);
    let does = console.does.map(|does| format!("  ({does})")).unwrap_or_default();
    let _ = writeln!(out, "Console: {}{}{}{does}", bold.0, console.address, bold.1);
    let _ = writeln!(out, "API description: http://{address}/docs");
    if let Some(secret) = admin {
        let _ = writeln!(out, "\nAdmin token, shown this once:\n  {}{secret}{}\n", bold.0, bold.1);
        if !out.is_terminal() {
            let _ = writeln!(
                out,
                "This output may be kept, as a container's log is, and the token with it: create a token of your own and \
                 revoke this one, or set HEARBACK_ADMIN_TOKEN before the first start."
            );
        }
    }
    let _ = out.flush();
}
