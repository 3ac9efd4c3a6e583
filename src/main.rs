//! The `hearback` program: see `cli`.

/// A page of a list is some hundred small strings: the system's own allocator takes a tenth of the time to serve it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    hearback::cli::run()
}
