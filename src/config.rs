//! Settings: from flags, the environment, or a `.env` file, in this order. `.env.example` documents each.

use std::sync::Arc;

use clap::Args;

use crate::outside::mail::Mailer;
use crate::outside::models::chat::{self, Chat};
use crate::outside::models::embeddings::{self, Embedder, Embeddings};

/// Where the data is unless a setting says otherwise.
pub const DEFAULT_DATABASE: &str = "sqlite://data/hearback.db";

/// Every setting of the server. Each flag's environment variable is named in `.env.example`.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Where the data is: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, env = "DATABASE_URL", default_value = DEFAULT_DATABASE, hide_env_values = true)]
    pub database_url: String,

    /// Address and port to listen on
    #[arg(long, env = "HEARBACK_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: String,

    /// An admin token that is valid at every start that has it set (at least 16 characters); another value ends the one before
    #[arg(long, env = "HEARBACK_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,

    /// What to log: error, warn, info, debug or trace, or per module (hearback=debug,actix_server=warn)
    #[arg(long, env = "HEARBACK_LOG", default_value = "info")]
    pub log: String,

    /// Largest JSON body of a batch or a webhook in bytes, counted after decompression
    #[arg(long, env = "HEARBACK_BODY_LIMIT", default_value_t = 16 * 1024 * 1024)]
    pub body_limit: usize,

    /// Largest JSON body of a single resource in bytes, counted after decompression
    #[arg(long, env = "HEARBACK_RESOURCE_LIMIT", default_value_t = 1024 * 1024)]
    pub resource_limit: usize,

    /// Bytes of large requests that may be under way at once, and as many of large answers; more are told to wait (503)
    #[arg(long, env = "HEARBACK_BYTES_IN_FLIGHT", default_value_t = 96 * 1024 * 1024)]
    pub bytes_in_flight: usize,

    /// Seconds an answer may wait for its client to read on
    #[arg(long, env = "HEARBACK_WRITE_TIMEOUT", default_value_t = 30)]
    pub write_timeout: u64,

    /// Seconds a request's body may take to arrive
    #[arg(long, env = "HEARBACK_BODY_TIMEOUT", default_value_t = 30)]
    pub body_timeout: u64,

    /// Largest import in bytes, counted after decompression
    #[arg(long, env = "HEARBACK_IMPORT_LIMIT", default_value_t = 1024 * 1024 * 1024)]
    pub import_limit: u64,

    /// Bytes of all imports that may wait to be read
    #[arg(long, env = "HEARBACK_IMPORT_WAITING_LIMIT", default_value_t = 4 * 1024 * 1024 * 1024)]
    pub import_waiting_limit: u64,

    /// Seconds an import's body may pause
    #[arg(long, env = "HEARBACK_IMPORT_IDLE_TIMEOUT", default_value_t = 30)]
    pub import_idle_timeout: u64,

    /// Requests a minute for each token; 0 sets no limit
    #[arg(long, env = "HEARBACK_RATE_LIMIT", default_value_t = 0)]
    pub rate_limit: u32,

    /// The secret that GitHub signs its webhooks with; without it they are not taken
    #[arg(long, env = "HEARBACK_GITHUB_SECRET", hide_env_values = true)]
    pub github_secret: Option<String>,

    /// The secret of GitLab's webhooks: a token, or a signing key (whsec_...); without it they are not taken
    #[arg(long, env = "HEARBACK_GITLAB_SECRET", hide_env_values = true)]
    pub gitlab_secret: Option<String>,

    /// The label that makes an issue at GitHub or GitLab feedback
    #[arg(long, env = "HEARBACK_FEEDBACK_LABEL", default_value = "feedback")]
    pub feedback_label: String,

    /// A token of GitHub that may write issues
    #[arg(long, env = "HEARBACK_GITHUB_TOKEN", hide_env_values = true)]
    pub github_token: Option<String>,

    /// Where GitHub's API is
    #[arg(long, env = "HEARBACK_GITHUB_API", default_value = "https://api.github.com", hide_env_values = true)]
    pub github_api: String,

    /// A token of GitLab that may write issues
    #[arg(long, env = "HEARBACK_GITLAB_TOKEN", hide_env_values = true)]
    pub gitlab_token: Option<String>,

    /// Where GitLab's API is
    #[arg(long, env = "HEARBACK_GITLAB_API", default_value = "https://gitlab.com/api/v4", hide_env_values = true)]
    pub gitlab_api: String,
    /// Where this instance is reached from outside, for links in mails: https://voice.example.com
    #[arg(long, env = "HEARBACK_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// The server that mail goes out through: smtp://USER:PASSWORD@HOST:PORT?tls=required, or smtps://...
    #[arg(long, env = "HEARBACK_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Who mail is from: NAME <ADDRESS>
    #[arg(long, env = "HEARBACK_MAIL_FROM")]
    pub mail_from: Option<String>,

    /// Threads that answer requests; 0 means one a core
    #[arg(long, env = "HEARBACK_WORKERS", default_value_t = 0)]
    pub workers: usize,

    /// Whether webhooks and other outgoing requests may go to private, loopback and link-local addresses, and over http
    #[arg(long, env = "HEARBACK_ALLOW_PRIVATE_ADDRESSES", default_value_t = false, action = clap::ArgAction::Set)]
    pub allow_private_addresses: bool,

    /// Base of an OpenAI-compatible API that makes vectors, http://127.0.0.1:11434/v1; without it the built-in ones serve
    #[arg(long, env = "HEARBACK_EMBEDDINGS_URL", hide_env_values = true)]
    pub embeddings_url: Option<String>,

    /// The model that makes them
    #[arg(long, env = "HEARBACK_EMBEDDINGS_MODEL")]
    pub embeddings_model: Option<String>,

    /// The key it is asked with
    #[arg(long, env = "HEARBACK_EMBEDDINGS_KEY", hide_env_values = true)]
    pub embeddings_key: Option<String>,

    /// A folder with a sentence-transformer of the BERT family that makes them in this process, instead of a URL
    #[arg(long, env = "HEARBACK_EMBEDDINGS_FOLDER")]
    pub embeddings_folder: Option<String>,

    /// Base of an OpenAI-compatible API that words drafts; without it the built-in drafts serve
    #[arg(long, env = "HEARBACK_LLM_URL", hide_env_values = true)]
    pub llm_url: Option<String>,

    /// The model that words them
    #[arg(long, env = "HEARBACK_LLM_MODEL")]
    pub llm_model: Option<String>,

    /// The key it is asked with
    #[arg(long, env = "HEARBACK_LLM_KEY", hide_env_values = true)]
    pub llm_key: Option<String>,

    /// How often an hour it is asked at most
    #[arg(long, env = "HEARBACK_LLM_PER_HOUR", default_value_t = 60)]
    pub llm_per_hour: usize,
}

/// A setting that is there and not empty.
fn set(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().filter(|value| !value.is_empty())
}

/// Whether a part of a log filter says a level: a word that is none would be taken for a module, and all else be silent.
fn says_a_level(part: &str) -> bool {
    let level = part.rsplit_once('=').map_or(part, |(_, level)| level).trim().to_ascii_lowercase();
    ["off", "error", "warn", "info", "debug", "trace"].contains(&level.as_str())
}

#[cfg(feature = "local-model")]
fn local_model(folder: &str) -> Result<Arc<dyn Embedder>, String> {
    Ok(Arc::new(crate::outside::models::local_model::LocalModel::open(folder)?))
}

#[cfg(not(feature = "local-model"))]
fn local_model(_: &str) -> Result<Arc<dyn Embedder>, String> {
    Err("this program was built without local models; build it with `--features local-model`.".to_owned())
}

impl Config {
    /// The embedder that stands in for the built-in vectors, where one is set.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the folder of a local model.
    pub fn embedder(&self) -> Result<Option<Arc<dyn Embedder>>, String> {
        if let Some(folder) = set(&self.embeddings_folder) {
            return local_model(folder).map(Some).map_err(|e| format!("HEARBACK_EMBEDDINGS_FOLDER: {e}"));
        }
        let (Some(url), Some(model)) = (set(&self.embeddings_url), set(&self.embeddings_model)) else {
            return Ok(None);
        };
        Ok(Some(Arc::new(Embeddings::new(url, model, set(&self.embeddings_key), embeddings::TIMEOUT))))
    }

    /// The language model that words drafts, where one is set.
    pub fn chat(&self) -> Option<Chat> {
        let (url, model) = (set(&self.llm_url)?, set(&self.llm_model)?);
        Some(Chat::new(url, model, set(&self.llm_key), chat::TIMEOUT))
    }

    /// The settings of a command that only needs the database; the others have their defaults.
    pub fn for_command(database_url: &str) -> Self {
        #[derive(clap::Parser)]
        struct Only {
            #[command(flatten)]
            config: Config,
        }
        let only = <Only as clap::Parser>::parse_from(["hearback", "--database-url", database_url]);
        only.config
    }

    /// Where this instance is reached from outside, without a slash at its end.
    pub fn public_url(&self) -> String {
        let url = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        url.trim_end_matches('/').to_owned()
    }

    /// The way mail goes out, where there is one.
    ///
    /// # Errors
    /// A sentence that says which setting is wrong.
    pub fn mailer(&self) -> Result<Option<Mailer>, String> {
        match (&self.smtp_url, &self.mail_from) {
            (None, _) => Ok(None),
            (Some(_), None) => Err("HEARBACK_MAIL_FROM is needed where HEARBACK_SMTP_URL is set.".to_owned()),
            (Some(url), Some(from)) => Mailer::new(url, from).map(Some),
        }
    }

    /// What is wrong with the limits, a sentence each.
    fn limit_problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, limit) in
            [("HEARBACK_BODY_LIMIT", self.body_limit), ("HEARBACK_RESOURCE_LIMIT", self.resource_limit)]
        {
            if limit < 1024 {
                problems.push(format!("{name} must be at least 1024 bytes."));
            }
        }
        if self.bytes_in_flight < self.body_limit {
            problems.push("HEARBACK_BYTES_IN_FLIGHT must not be less than HEARBACK_BODY_LIMIT.".to_owned());
        }
        for (name, seconds) in [
            ("HEARBACK_BODY_TIMEOUT", self.body_timeout),
            ("HEARBACK_IMPORT_IDLE_TIMEOUT", self.import_idle_timeout),
            ("HEARBACK_WRITE_TIMEOUT", self.write_timeout),
        ] {
            if seconds == 0 {
                problems.push(format!("{name} must be at least 1 second."));
            }
        }
        problems
    }

    /// What is wrong with the settings, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(e) = crate::store::Location::parse(&self.database_url) {
            problems.push(format!("DATABASE_URL {e}."));
        }
        if self.admin_token.as_ref().is_some_and(|token| token.len() < 16) {
            problems.push("HEARBACK_ADMIN_TOKEN must have at least 16 characters.".to_owned());
        }
        problems.extend(self.limit_problems());
        for (name, secret) in
            [("HEARBACK_GITHUB_SECRET", &self.github_secret), ("HEARBACK_GITLAB_SECRET", &self.gitlab_secret)]
        {
            if secret.as_ref().is_some_and(|secret| secret.len() < 8) {
                problems.push(format!("{name} must have at least 8 characters."));
            }
        }
        for (name, api) in [("HEARBACK_GITHUB_API", &self.github_api), ("HEARBACK_GITLAB_API", &self.gitlab_api)] {
            if !api.starts_with("https://") && !api.starts_with("http://") {
                problems.push(format!("{name} must be an http or https address."));
            }
        }
        for (name, url, model) in
            [("EMBEDDINGS", &self.embeddings_url, &self.embeddings_model), ("LLM", &self.llm_url, &self.llm_model)]
        {
            let Some(url) = set(url) else { continue };
            if let Err(e) = crate::outside::client::check_url(url, true) {
                problems.push(format!("HEARBACK_{name}_URL: {e}"));
            }
            if set(model).is_none() {
                problems.push(format!("HEARBACK_{name}_MODEL must be set with HEARBACK_{name}_URL."));
            }
        }
        if set(&self.embeddings_folder).is_some() && set(&self.embeddings_url).is_some() {
            problems.push("HEARBACK_EMBEDDINGS_FOLDER and HEARBACK_EMBEDDINGS_URL must not both be set.".to_owned());
        }
        if self.log.parse::<tracing_subscriber::EnvFilter>().is_err() || !self.log.split(',').all(says_a_level) {
            problems.push(
                "HEARBACK_LOG must be a level (error, warn, info, debug or trace), or module=level pairs separated by commas."
                    .to_owned(),
            );
        }
        if let Err(problem) = self.mailer() {
            problems.push(problem);
        }
        if self.public_url.as_ref().is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            problems.push("HEARBACK_PUBLIC_URL must begin with https:// or http://.".to_owned());
        }
        problems
    }
}
