//! A PostgreSQL server for the tests.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use diesel::PgConnection;
use diesel::connection::{Connection, SimpleConnection};
use hearback::clock::Clock;
use hearback::store::{Location, Store};

use super::is_root;
use super::skipped::skip;

/// Creates a cluster on the disk, or in the memory of the machine where there is enough; a run of all tests makes and removes
/// a million files. Then it executes the lines `start` and `stop`. When its input ends, however the tests ended, it
/// stops the server and removes everything, so that even a killed test leaves nothing behind.
const SCRIPT: &str = r#"
trap '' INT TERM
bin=$1
base=/tmp
if [ "$3" = memory ]; then
    free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-0}" -gt 3000000 ] && base=/dev/shm
fi
dir=$(mktemp -d "$base/hearback-test-pg-XXXXXX") || exit 1
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || cat "$dir/log" >&2
cat >>"$dir/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 400
shared_buffers = 64MB
max_prepared_transactions = 4
$2
END
start() { "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start >/dev/null || cat "$dir/log" >&2; }
stop() { "$bin/pg_ctl" -D "$dir/data" -m "$1" -w stop >/dev/null; }
start
echo "$dir"
while read -r order; do
    case $order in
        start) start ;;
        stop) stop fast ;;
        kill) stop immediate ;;
    esac
    echo done
done
stop immediate
rm -rf "$dir"
"#;

/// Settings of the cluster that all tests share and that is never stopped in between: it does not wait for the disk.
/// This saves seconds for each test, because creating and dropping a database flush hundreds of files.
const NEVER_FLUSHES: &str =
    "fsync = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 256MB";

/// The database with the present schema that each database of the shared cluster is a copy of.
const TEMPLATE: &str = "hearback_template";

/// A running cluster; `stop` and `start` work as for an operator.
pub struct Cluster {
    url: String,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    child: Child,
}

impl Cluster {
    /// A separate cluster for a test that stops it; `None` if PostgreSQL is not installed.
    pub fn of_its_own() -> Option<Self> {
        let Some(bin) = programs() else {
            skip("PostgreSQL is not installed; install it, or at least its programs initdb and pg_ctl");
            return None;
        };
        Some(Self::run(&bin, "", "disk"))
    }

    fn run(bin: &std::path::Path, settings: &str, place: &str) -> Self {
        // PostgreSQL refuses to run as root.
        let mut command = if is_root() { Command::new("runuser") } else { Command::new("sh") };
        if is_root() {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        let mut child = command
            .args(["-c", SCRIPT, "sh"])
            .arg(bin)
            .arg(settings)
            .arg(place)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut cluster = Self { url: String::new(), input, output, child };
        let folder = cluster.answer();
        assert!(!folder.is_empty(), "PostgreSQL did not start");
        cluster.url = format!("postgres://postgres@/postgres?host={folder}");
        cluster
    }

    /// `DATABASE_URL` of its maintenance database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it in an orderly way and closes all connections.
    pub fn stop(&mut self) {
        self.order("stop");
    }

    /// Stops it as a power cut would.
    pub fn kill(&mut self) {
        self.order("kill");
    }

    /// Starts it again.
    pub fn start(&mut self) {
        self.order("start");
    }

    fn order(&mut self, order: &str) {
        let input = self.input.as_mut().expect("open until dropped");
        writeln!(input, "{order}").and_then(|()| input.flush()).expect("the script listens");
        assert_eq!(self.answer(), "done", "PostgreSQL: {order}");
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the script answers");
        line.trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.wait();
    }
}

/// The PostgreSQL server of this test run: the one in `TEST_DATABASE_URL`, or else the tests' own cluster, or else
/// none.
pub fn shared() -> Option<&'static str> {
    static URL: OnceLock<Option<String>> = OnceLock::new();
    // Kept for the life of the process: its end is the cluster's.
    static CLUSTER: Mutex<Option<Cluster>> = Mutex::new(None);
    let start = || {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            return Some(url);
        }
        let bin = programs()?;
        let cluster = Cluster::run(&bin, NEVER_FLUSHES, "memory");
        let url = cluster.url().to_owned();
        make_template(&url);
        *CLUSTER.lock().expect("nobody panicked") = Some(cluster);
        Some(url)
    };
    let url = URL.get_or_init(start).as_deref();
    if url.is_none() {
        skip("there is no PostgreSQL, so they ran on SQLite alone; install it, or set TEST_DATABASE_URL");
    }
    url
}

/// What follows `CREATE DATABASE name` for one with the present schema, on the tests' own cluster.
static AS_A_COPY: OnceLock<String> = OnceLock::new();

/// What follows `CREATE DATABASE name` on the server of this run: nothing on one that is not the tests' own.
pub fn as_a_copy() -> &'static str {
    AS_A_COPY.get().map_or("", String::as_str)
}

/// Creates [`TEMPLATE`]: copying it takes a quarter of the time that the migrations take.
fn make_template(server: &str) {
    let mut conn = PgConnection::establish(server).expect("PostgreSQL answers");
    conn.batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).expect("may create a database");
    let url = of_server(server, TEMPLATE);
    let store = Store::open(Location::parse(&url).expect("a URL"), Clock::default()).expect("a store");
    store.migrate().expect("a schema");
    store.close();
    // Copying files is faster than copying pages by way of the log; before version 15 it was the only way.
    let is_new = "DO $$ BEGIN IF current_setting('server_version_num')::int < 150000 THEN RAISE 'old'; END IF; END $$";
    let strategy = if conn.batch_execute(is_new).is_ok() { " STRATEGY FILE_COPY" } else { "" };
    let _ = AS_A_COPY.set(format!(" TEMPLATE {TEMPLATE}{strategy}"));
}

/// `DATABASE_URL` of a database on a server.
pub fn of_server(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = address.rsplit_once('/').expect("postgres://HOST/DATABASE");
    format!("{host}/{name}?{options}")
}

/// The folder of `initdb` and `pg_ctl`: the newest of Debian's folders, or else the path.
pub(super) fn programs() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
