//! The `hearback` program: see `cli`.

fn main() -> std::process::ExitCode {
    hearback::cli::run()
}
