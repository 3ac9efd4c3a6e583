//! Two PostgreSQL servers, of which one is the streaming replica of the other; and a pgbouncer.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::is_root;
use super::postgres::programs;
use super::skipped::skip;

/// Creates a primary and its replica, then executes lines. When its input ends, however the tests ended, it stops both and
/// removes everything.
const PAIR: &str = r#"
trap '' INT TERM
bin=$1
dir=$(mktemp -d /tmp/hearback-test-pair-XXXXXX) || exit 1
mkdir "$dir/primary" "$dir/replica"
say() { cat "$dir/log" >&2; }
"$bin/initdb" -D "$dir/primary/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || say
cat >>"$dir/primary/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$dir/primary'
max_connections = 200
shared_buffers = 64MB
wal_level = replica
hot_standby = on
END
start() { "$bin/pg_ctl" -D "$dir/$1/data" -l "$dir/$1/log" -w start >/dev/null || cat "$dir/$1/log" >&2; }
strike() {
    postmaster=$(head -1 "$dir/$1/data/postmaster.pid")
    children=$(cat "/proc/$postmaster/task/$postmaster/children")
    kill -9 "$postmaster" $children 2>/dev/null
    sleep 0.2
}
start primary
"$bin/pg_basebackup" -d "host=$dir/primary user=postgres application_name=replica" -D "$dir/replica/data" -R -c fast \
    --no-sync >"$dir/log" 2>&1 || say
cat >>"$dir/replica/data/postgresql.conf" <<END
unix_socket_directories = '$dir/replica'
END
start replica
if [ "$2" = synchronous ]; then
    "$bin/psql" -h "$dir/primary" -U postgres -q -c "ALTER SYSTEM SET synchronous_standby_names = 'replica'" \
        -c "SELECT pg_reload_conf()" >"$dir/log" 2>&1 || say
fi
echo "$dir"
while read -r order name; do
    case $order in
        start) start "$name" ;;
        stop) "$bin/pg_ctl" -D "$dir/$name/data" -m fast -w stop >/dev/null ;;
        strike) strike "$name" ;;
        promote) "$bin/pg_ctl" -D "$dir/$name/data" -w promote >/dev/null || cat "$dir/$name/log" >&2 ;;
    esac
    echo done
done
for name in primary replica; do "$bin/pg_ctl" -D "$dir/$name/data" -m immediate -w stop >/dev/null 2>&1; done
rm -rf "$dir"
"#;

/// A shell that runs a script as the user of PostgreSQL, and takes orders line by line.
struct Shell {
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    child: Child,
}

impl Shell {
    fn run(script: &str, arguments: &[&str]) -> Self {
        // PostgreSQL and pgbouncer refuse to run as root.
        let mut command = if is_root() { Command::new("runuser") } else { Command::new("sh") };
        if is_root() {
            command.args(["-u", "postgres", "--", "sh"]);
        }
        let child = command.args(["-c", script, "sh"]).args(arguments).current_dir("/").stdin(Stdio::piped());
        let mut child = child.stdout(Stdio::piped()).spawn().expect("a shell");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self { input: child.stdin.take(), output, child }
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the script answers");
        line.trim().to_owned()
    }

    fn order(&mut self, order: &str) {
        let input = self.input.as_mut().expect("open until dropped");
        writeln!(input, "{order}").and_then(|()| input.flush()).expect("the script listens");
        assert_eq!(self.answer(), "done", "{order}");
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.input.take();
        let _ = self.child.wait();
    }
}

/// Which of the two servers. The names stay as they are when the replica is promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    Primary,
    Replica,
}

impl Server {
    fn name(self) -> &'static str {
        if self == Self::Primary { "primary" } else { "replica" }
    }
}

/// A primary and its streaming replica.
pub struct Pair {
    shell: Shell,
    folder: String,
}

impl Pair {
    /// Both, running. With synchronous replication a commit is acknowledged once the replica has it on its disk. `None` if
    /// PostgreSQL is not installed.
    pub fn start(is_synchronous: bool) -> Option<Self> {
        let Some(bin) = programs() else {
            skip("PostgreSQL is not installed; install it");
            return None;
        };
        let how = if is_synchronous { "synchronous" } else { "asynchronous" };
        let mut shell = Shell::run(PAIR, &[&bin.display().to_string(), how]);
        let folder = shell.answer();
        assert!(!folder.is_empty(), "the pair did not start");
        Some(Self { shell, folder })
    }

    /// The folder with the socket of a server.
    fn socket(&self, of: Server) -> String {
        format!("{}/{}", self.folder, of.name())
    }

    /// The address of the maintenance database of a server.
    pub fn url(&self, of: Server) -> String {
        format!("postgres://postgres@/postgres?host={}", self.socket(of))
    }

    /// The address of a database, whose address on the primary this is, on the replica.
    pub fn on_replica(&self, url: &str) -> String {
        url.replace(&self.socket(Server::Primary), &self.socket(Server::Replica))
    }

    /// The address of a database, whose address on the primary this is, on whichever server accepts writes.
    pub fn on_either(&self, url: &str) -> String {
        let (primary, replica) = (self.socket(Server::Primary), self.socket(Server::Replica));
        url.replace(&primary, &format!("{primary},{replica}"))
    }

    pub fn stop(&mut self, server: Server) {
        self.shell.order(&format!("stop {}", server.name()));
    }

    pub fn start_again(&mut self, server: Server) {
        self.shell.order(&format!("start {}", server.name()));
    }

    /// Kills all processes of a server at once.
    pub fn strike(&mut self, server: Server) {
        self.shell.order(&format!("strike {}", server.name()));
    }

    /// Makes the replica a primary.
    pub fn promote(&mut self) {
        self.shell.order("promote replica");
    }
}

/// Runs pgbouncer in transaction mode before a socket until its input ends. Few connections to the server, so that those
/// of the clients share them.
const BOUNCER: &str = r#"
trap '' INT TERM
dir=$(mktemp -d /tmp/hearback-test-pooler-XXXXXX) || exit 1
cat >"$dir/ini" <<END
[databases]
* = host=$2 user=postgres
[pgbouncer]
listen_port = 6432
unix_socket_dir = $dir
auth_type = any
pool_mode = transaction
default_pool_size = $3
max_client_conn = 500
logfile = $dir/log
pidfile = $dir/pid
END
"$1" -d "$dir/ini" >/dev/null 2>"$dir/problem" || cat "$dir/problem" >&2
for _ in $(seq 100); do [ -S "$dir/.s.PGSQL.6432" ] && break; sleep 0.05; done
echo "$dir"
while read -r _; do echo done; done
kill "$(cat "$dir/pid")"
rm -rf "$dir"
"#;

/// A pgbouncer in transaction mode.
pub struct Pooler {
    _shell: Shell,
    folder: String,
}

impl Pooler {
    /// Before the server of this address, with this many connections to each of its databases; `None` if pgbouncer is not
    /// installed. Each connection of a client names its database and user, which are passed on.
    pub fn before(url: &str, connections: u32) -> Option<Self> {
        let Some(program) = installed() else {
            skip("pgbouncer is not installed; install it");
            return None;
        };
        let socket = socket_of(url);
        let mut shell = Shell::run(BOUNCER, &[&program.display().to_string(), socket, &connections.to_string()]);
        let folder = shell.answer();
        assert!(Path::new(&folder).join(".s.PGSQL.6432").exists(), "pgbouncer did not start");
        Some(Self { _shell: shell, folder })
    }

    /// The address of a database, whose own address this is, through the pooler.
    pub fn url(&self, direct: &str) -> String {
        format!("{}&port=6432", direct.replace(socket_of(direct), &self.folder))
    }
}

/// The folder of the socket that an address names.
fn socket_of(url: &str) -> &str {
    let (_, host) = url.split_once("host=").expect("a server on a socket");
    host.split('&').next().unwrap_or_default()
}

fn installed() -> Option<PathBuf> {
    let own = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&own).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("pgbouncer")).find(|path| path.exists())
}
