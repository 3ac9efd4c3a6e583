//! `hearback serve`.

use std::io::{IsTerminal, Write};
use std::net::TcpListener;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::demo;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Actor;
use crate::error::{Code, Error, Result};
use crate::http;
use crate::jobs::embedding::{Asked, Embedding};
use crate::jobs::grouping::Grouping;
use crate::jobs::housekeeping::Housekeeping;
use crate::jobs::import::Imports;
use crate::jobs::llm_drafting::LlmDrafting;
use crate::jobs::outbox::{Outbox, WebhookSender};
use crate::jobs::running::Running;
use crate::store::embeddings::BUILTIN;
use crate::usecase::access;

/// Serve the API.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    config: Config,
    /// Load the bundled sample first, so that there is something to look at
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Serves until SIGTERM or SIGINT; then answers what is in flight, writes what is queued, and ends.
    ///
    /// # Errors
    /// Where a setting is wrong, the port is taken or the database is not there.
    pub fn run(self) -> Result<()> {
        let problems = self.config.problems();
        if !problems.is_empty() {
            return Err(Error::new(Code::Invalid, problems.join(" ")));
        }
        // Lines wait in memory for their writer, so that a request never waits for a terminal.
        let (writer, _flush_at_end) =
            tracing_appender::non_blocking::NonBlockingBuilder::default().lossy(false).finish(std::io::stderr());
        let filter = EnvFilter::try_new(&self.config.log).unwrap_or_else(|_| EnvFilter::new("info"));
        tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(writer).init();

        let listen = self.config.listen.clone();
        let app = App::build(self.config, Clock::default())?;
        let listener = TcpListener::bind(&listen)
            .map_err(|e| Error::new(Code::Invalid, format!("HEARBACK_LISTEN: {listen} can't be listened on: {e}.")))?;
        app.prepare()?;
        let admin = first_admin(&app)?;
        let demo = self.demo;
        actix_web::rt::System::new().block_on(serve(app, listener, admin, demo))
    }
}

async fn serve(app: App, listener: TcpListener, admin: Option<String>, demo: bool) -> Result<()> {
    let address = listener.local_addr().map_err(Error::internal)?;
    let server = http::server(app.clone(), listener).map_err(Error::internal)?;
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let embedder = app.embedder.as_ref().map_or_else(|| BUILTIN.to_owned(), Asked::name);
    let grouping = Grouping::new(app.store.clone(), app.groups.clone()).with_embedder(&embedder);
    let grouping = grouping.start().map_err(Error::internal)?;
    let outside = ask_outside(&app).map_err(Error::internal)?;
    let housekeeping = Housekeeping::start(app.store.clone(), app.verifier.clone()).map_err(Error::internal)?;
    let imports = Imports::new(app.store.clone()).start().map_err(Error::internal)?;
    let feed = app.feed.start(app.store.clone()).map_err(Error::internal)?;
    let outbox = outbox(&app).start().map_err(Error::internal)?;
    if demo {
        let app = app.clone();
        tokio::task::spawn_blocking(move || demo::load(&app)).await.map_err(Error::internal)??;
    }
    app.set_ready();
    announce(&address.to_string(), admin.as_deref());
    if demo {
        // Beside the server, which answers already.
        let app = app.clone();
        actix_web::rt::spawn(async move { demo::show(&app).await });
    }

    wait_for_signal().await.map_err(Error::internal)?;
    tracing::info!("stopping: answering what is in flight");
    // Streams would never end by themselves.
    app.feed.close();
    handle.stop(true).await;
    running.await.map_err(Error::internal)?.map_err(Error::internal)?;
    imports.stop();
    outbox.stop();
    feed.stop();
    grouping.stop();
    outside.into_iter().for_each(Running::stop);
    housekeeping.stop();
    app.store.close();
    tracing::info!("stopped");
    Ok(())
}

/// Starts what asks an external embedder and a language model, where they are set.
fn ask_outside(app: &App) -> std::io::Result<Vec<Running>> {
    let mut running = Vec::new();
    if let Some(asked) = &app.embedder {
        running.push(Embedding::new(app.store.clone(), asked.clone()).start()?);
    }
    if let Some(chat) = app.config.chat() {
        running.push(LlmDrafting::new(app.store.clone(), chat, app.config.llm_per_hour).start()?);
    }
    Ok(running)
}

/// The outbox with every channel there is.
fn outbox(app: &App) -> Outbox {
    Outbox::new(app.store.clone()).with_sender(WebhookSender::new(app.config.allow_private_addresses))
}

async fn wait_for_signal() -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Makes the setting's token valid; without it, mints one where the instance has none.
fn first_admin(app: &App) -> Result<Option<String>> {
    if let Some(secret) = app.config.admin_token.clone() {
        app.store.write_now(Actor::COMMAND, move |tx| access::keep_admin(tx, &secret))?;
        return Ok(None);
    }
    let secret = access::new_secret()?;
    let minted = app.store.write_now(Actor::COMMAND, move |tx| access::first_admin(tx, &secret))?;
    Ok(minted.map(|minted| minted.secret))
}

fn announce(address: &str, admin: Option<&str>) {
    let mut out = std::io::stdout().lock();
    let bold = if out.is_terminal() { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let _ = writeln!(out, "Hearback {} serves on {}http://{address}{}", env!("CARGO_PKG_VERSION"), bold.0, bold.1);
    let _ = writeln!(out, "API description: http://{address}/docs");
    if let Some(secret) = admin {
        let _ = writeln!(out, "\nAdmin token, shown this once:\n  {}{secret}{}\n", bold.0, bold.1);
    }
    let _ = out.flush();
}
