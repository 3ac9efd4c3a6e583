//! The started program: a process of its own that a test can stop, kill and start again.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::MutexGuard;
use std::time::{Duration, Instant};

use super::http::{Request, Socket, Wire};
use super::{Side, World};
use crate::support::database::Database;

/// Settings of a program: environment variables.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// The program with an environment that contains only the database. It works in `folder`, which has no `.env`.
pub fn command(folder: &Path, database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearback"));
    command.env_clear().env("DATABASE_URL", database_url).current_dir(folder);
    command
}

/// A started program; it is killed when dropped.
pub struct Program {
    folder: PathBuf,
    database_url: String,
    settings: Vec<(String, String)>,
    socket: Socket,
    child: Child,
}

impl Program {
    /// Starts it on a free port, with exactly these settings.
    pub fn start(database: &Database, settings: Settings<'_>) -> Self {
        let settings: Vec<_> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let (folder, database_url) = (database.folder().to_owned(), database.url.clone());
        let (child, address) = spawn(&database_url, &folder, "server", &settings);
        Self { folder, database_url, settings, socket: Socket::new(address), child }
    }

    pub fn socket(&self) -> Socket {
        self.socket.clone()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    /// A line of what the system knows about its process.
    fn status_bytes(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or("0");
        line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the program's log ({}):\n{}", self.database_url, self.log());
        }
    }
}

/// What only a started program can do.
impl World {
    fn process(&self) -> MutexGuard<'_, Program> {
        match &self.side {
            Side::Program(program) => program.lock().unwrap_or_else(|e| e.into_inner()),
            Side::InProcess(_) => panic!("there is no process: ask for a world with the started program"),
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.process().socket.address.clone()
    }

    /// A second process on the same database.
    pub fn twin(&self) -> Twin {
        let program = self.process();
        let (child, address) = spawn(&program.database_url, &program.folder, "twin", &program.settings);
        Twin { socket: Socket::new(address), child }
    }

    /// Changes a setting for the next start.
    pub fn set(&self, name: &str, value: &str) {
        self.unset(name);
        self.process().settings.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a setting for the next start.
    pub fn unset(&self, name: &str) {
        self.process().settings.retain(|(known, _)| known != name);
    }

    /// Its present private memory in bytes, without the pages of the program's file, which are large in a build without
    /// optimization.
    pub fn memory(&self) -> u64 {
        self.process().status_bytes("RssAnon:")
    }

    /// Its peak memory in bytes since the last call.
    pub fn peak_memory(&self) -> u64 {
        let program = self.process();
        let peak = program.status_bytes("VmHWM:");
        // 5 means: begin anew.
        std::fs::write(format!("/proc/{}/clear_refs", program.child.id()), "5").expect("our own child");
        peak
    }

    /// The number of its open files and connections.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.pid())).map(Iterator::count).unwrap_or_default()
    }

    /// Its process.
    pub fn pid(&self) -> i32 {
        self.process().child.id() as i32
    }

    /// Kills it while others still use it.
    pub fn strike(&self) {
        // SAFETY: a signal to our own child.
        unsafe { libc::kill(self.pid(), libc::SIGKILL) };
    }

    /// Kills it as a power cut would.
    pub fn kill9(&self) {
        let mut program = self.process();
        let _ = program.child.kill();
        let _ = program.child.wait();
    }

    /// Sends SIGTERM and does not wait.
    pub fn ask_to_stop(&self) {
        // SAFETY: a signal to our own child.
        unsafe { libc::kill(self.pid(), libc::SIGTERM) };
    }

    /// Stops it as a service manager would; it must exit with status 0.
    pub fn terminate(&self) {
        self.ask_to_stop();
        let status = self.wait(Duration::from_secs(35));
        assert_eq!(status.code(), Some(0), "the exit status after SIGTERM; log: {}", self.log());
    }

    /// Waits for its end.
    pub fn wait(&self, at_most: Duration) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.process().child.try_wait().expect("our child") {
                return status;
            }
            assert!(started.elapsed() < at_most, "still running after {at_most:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again on the same database with the same settings; on a new port.
    pub fn restart(&self) {
        self.kill9();
        let mut program = self.process();
        let (child, address) = spawn(&program.database_url, &program.folder, "server", &program.settings);
        (program.child, program.socket) = (child, Socket::new(address));
    }

    /// Its output since the last start.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.database.folder().join("server.out")).unwrap_or_default()
    }

    /// Its log since the first start.
    pub fn log(&self) -> String {
        self.process().log()
    }
}

/// A second program on the database of another one.
pub struct Twin {
    socket: Socket,
    child: Child,
}

impl Twin {
    /// A request to it.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::new(Wire::Socket(self.socket.clone()), method, path)
    }
}

impl Drop for Twin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
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
