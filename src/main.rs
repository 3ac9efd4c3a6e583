//! The `hearback` program: see `cli`.

/// Serving a page of a list allocates several hundred small strings; the system's allocator would take a tenth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    use_small_pages();
    hearback::cli::run()
}

/// Tells Linux to give memory in pages of 4 kB. In huge pages each of some forty threads holds 2 MB at least: half of the memory
/// of an idle server. Grouping takes as long with small pages.
fn use_small_pages() {
    // SAFETY: it sets a flag of this process and reads no memory. An old system that refuses it keeps its huge pages.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0)
    };
}
