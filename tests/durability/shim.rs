//! `tools/shim.c` under the real binary: simulates a wrong clock, and a disk that loses unflushed writes.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::support::skip;

/// The built library; `None` without a C compiler, or on a system other than Linux.
pub fn library() -> Option<&'static str> {
    static LIBRARY: OnceLock<Option<String>> = OnceLock::new();
    let build = || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let library = root.join(format!("target/tmp/shim-{}.so", std::process::id()));
        fs::create_dir_all(root.join("target/tmp")).expect("a folder");
        let built = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(root.join("tools/shim.c"))
            .args(["-ldl", "-lpthread"])
            .status();
        let built = cfg!(target_os = "linux") && built.is_ok_and(|status| status.success());
        if !built {
            skip("wrong clocks and power cuts take Linux and a C compiler");
        }
        built.then(|| library.display().to_string())
    };
    LIBRARY.get_or_init(build).as_deref()
}

/// Puts the files of a folder into the state after a power cut: undoes all writes since the last flush of each file,
/// the last one first. Returns their number.
pub fn cut_power(folder: &Path, undo: &Path) -> usize {
    let by_inode: HashMap<u64, PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .filter_map(|path| Some((fs::metadata(&path).ok()?.ino(), path)))
        .collect();
    let mut undone = 0;
    for entry in fs::read_dir(undo).expect("the undo folder") {
        let kept = entry.expect("a file").path();
        let inode: u64 = kept.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).unwrap();
        if let Some(path) = by_inode.get(&inode) {
            undone += put_back(path, &fs::read(&kept).expect("the kept writes"));
        }
        fs::remove_file(kept).expect("ours");
    }
    // It is memory, not a file: gone with the power.
    for path in by_inode.values().filter(|path| path.display().to_string().ends_with("-shm")) {
        fs::remove_file(path).expect("ours");
    }
    undone
}

fn put_back(path: &Path, kept: &[u8]) -> usize {
    let number = |at: usize| u64::from_ne_bytes(kept[at..at + 8].try_into().expect("eight bytes"));
    let (mut records, mut at) = (Vec::new(), 0);
    while at + 24 <= kept.len() {
        let (offset, length, size) = (number(at), number(at + 8) as usize, number(at + 16));
        // The program was killed while it kept this: its own write has not begun.
        if at + 24 + length > kept.len() {
            break;
        }
        records.push((offset, &kept[at + 24..at + 24 + length], size));
        at += 24 + length;
    }
    let file: File = OpenOptions::new().write(true).open(path).expect("the file");
    for (offset, bytes, size) in records.iter().rev() {
        file.write_all_at(bytes, *offset).expect("written back");
        file.set_len(*size).expect("cut back");
    }
    records.len()
}
