//! The real binary as a server.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{Answer, Request};
use super::database::Database;

/// The admin token of every test server.
pub const ADMIN: &str = "hb_token_of_the_tests_0123456789";

/// Settings of a server: environment variables.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// The binary with an environment that contains only the database. It works in `folder`, which has no `.env`.
pub fn command(folder: &Path, database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearback"));
    command.env_clear().env("DATABASE_URL", database_url).current_dir(folder);
    command
}

/// A separate server for a test; it is killed when dropped.
pub struct TestServer {
    /// The database it serves.
    pub database: Database,
    /// `127.0.0.1:PORT`.
    pub address: String,
    settings: Vec<(String, String)>,
    client: ureq::Agent,
    child: Child,
}

impl TestServer {
    /// Serves an empty database on a free port, with the admin token [`ADMIN`].
    pub fn start(database: Database) -> Self {
        Self::with(database, &[])
    }

    /// As [`Server::start`], with more settings.
    pub fn with(database: Database, settings: Settings<'_>) -> Self {
        let all = [("HEARBACK_ADMIN_TOKEN", ADMIN), ("HEARBACK_LOG", "warn"), ("HEARBACK_WORKERS", "2")];
        let all = all.iter().chain(settings).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self::serve(database, all)
    }

    /// Serves with exactly these settings.
    pub fn with_only(database: Database, settings: Settings<'_>) -> Self {
        Self::serve(database, settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn serve(database: Database, settings: Vec<(String, String)>) -> Self {
        let (child, address) = spawn(&database.url, database.folder(), "server", &settings);
        Self { database, address, settings, client: client(), child }
    }

    /// A second process on the same database.
    pub fn twin(&self) -> Twin {
        let (child, address) = spawn(&self.database.url, self.database.folder(), "twin", &self.settings);
        Twin { address, client: client(), child }
    }

    /// Changes a setting for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a setting for the next start.
    pub fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    /// A request to it; see [`Request`].
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(&self.client, &self.address, method, path)
    }

    /// Sends a GET.
    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send()
    }

    /// Sends a POST with JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path).json(body).send()
    }

    /// Files a feedback item and returns it.
    pub fn file(&self, body: &Value) -> Value {
        let answer = self.post("/v1/feedback", body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// All rows of a list, read page by page; each with the result of `between` before the next page.
    pub fn walk(&self, path: &str, mut between: impl FnMut()) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let answer = self.get(&path);
            assert_eq!(answer.status, 200, "{answer:?}");
            next = answer.next_link();
            let page = answer.json();
            assert_eq!(page["next_cursor"].is_null(), next.is_none(), "the link and the cursor agree: {answer:?}");
            rows.extend(page["data"].as_array().expect("a list").iter().cloned());
            between();
        }
        rows
    }

    /// The ids in a list, read to its end.
    pub fn ids(&self, path: &str) -> Vec<String> {
        self.walk(path, || ()).iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// Its present private memory in bytes, without the pages of the program's file, which are large in a build without
    /// optimization.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap_or("0");
        line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() * 1024
    }

    /// Its peak memory in bytes since the last call.
    pub fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0");
        // 5 means: begin anew.
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").expect("our own child");
        line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() * 1024
    }

    /// The number of its open files and connections.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).map(Iterator::count).unwrap_or_default()
    }

    /// Its process.
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Kills it while others still use it.
    pub fn strike(&self) {
        // SAFETY: a signal to our own child.
        unsafe { libc::kill(self.child.id() as libc::pid_t, libc::SIGKILL) };
    }

    /// Kills it as a power cut would.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends SIGTERM and does not wait.
    pub fn ask_to_stop(&self) {
        // SAFETY: a signal to our own child.
        unsafe { libc::kill(self.child.id() as libc::pid_t, libc::SIGTERM) };
    }

    /// Stops it as a service manager would; it must exit with status 0.
    pub fn terminate(&mut self) {
        self.ask_to_stop();
        let status = self.wait(Duration::from_secs(35));
        assert_eq!(status.code(), Some(0), "the exit status after SIGTERM; log: {}", self.log());
    }

    /// Waits for its end.
    pub fn wait(&mut self, at_most: Duration) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our child") {
                return status;
            }
            assert!(started.elapsed() < at_most, "still running after {at_most:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again on the same database with the same settings; on a new port.
    pub fn restart(&mut self) {
        self.kill9();
        (self.child, self.address) = spawn(&self.database.url, self.database.folder(), "server", &self.settings);
        self.client = client();
    }

    /// Its output since the last start.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.database.folder().join("server.out")).unwrap_or_default()
    }

    /// Its log since the first start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.database.folder().join("server.log")).unwrap_or_default()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            eprintln!("the server's log ({:?}):\n{}", self.database.kind, self.log());
        }
    }
}

/// A second server on the database of another one.
pub struct Twin {
    address: String,
    client: ureq::Agent,
    child: Child,
}

impl Twin {
    /// A request to it.
    pub fn request(&self, method: &str, path: &str) -> Request<'_> {
        Request::new(&self.client, &self.address, method, path)
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

/// Starts the binary and waits until it answers; returns its address. Its output and its log go to files, so that it
/// never blocks on a pipe.
fn spawn(database_url: &str, folder: &Path, name: &str, settings: &[(String, String)]) -> (Child, String) {
    let output = folder.join(format!("{name}.out"));
    let log = File::options().create(true).append(true).open(folder.join(format!("{name}.log"))).expect("a log file");
    let mut child = command(folder, database_url)
        .arg("serve")
        .env("HEARBACK_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(File::create(&output).expect("a file for its output"))
        .stderr(log)
        .spawn()
        .expect("the binary runs");
    let started = Instant::now();
    loop {
        let said = std::fs::read_to_string(&output).unwrap_or_default();
        if let Some(address) = address_in(&said) {
            return (child, address);
        }
        let ended = child.try_wait().expect("our child");
        assert!(
            ended.is_none() && started.elapsed() < Duration::from_secs(60),
            "it does not serve ({ended:?}): {said}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn address_in(said: &str) -> Option<String> {
    let (_, rest) = said.split_once(" serves on http://")?;
    rest.split_once('\n').map(|(address, _)| address.to_owned())
}
