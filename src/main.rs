//! The `hearback` program: see `cli`.

/// Serving a page of a list allocates several hundred small strings; the system's allocator would take a tenth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    hearback::cli::run()
}
