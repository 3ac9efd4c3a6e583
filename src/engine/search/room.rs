//! How much memory the state of all products may take; what is beyond lies in files that the system caches.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use memmap2::MmapMut;

/// The least size of a block that may be a file, in bytes. A process may have some ten thousand files mapped, so the blocks of
/// small products are in memory in any case.
const LEAST_FILE: usize = 1 << 18;

/// The memory that vectors, neighbours and the other large arrays of all products may take together. Blocks beyond it are
/// files mapped into memory: the system keeps in memory what of them is used, and writes the rest to the disk.
///
/// The files have no name and end with the process. They are copies of what the database has.
#[derive(Debug)]
pub struct Room {
    most: usize,
    /// The least size of a block that may be a file.
    least_file: usize,
    folder: PathBuf,
    in_memory: AtomicUsize,
    in_files: AtomicUsize,
    /// Whether it was said that no file could be made.
    has_warned: AtomicBool,
}

impl Room {
    /// At most this many bytes in memory, and files in this folder for what is beyond.
    pub fn new(most: usize, folder: impl Into<PathBuf>) -> Arc<Self> {
        Self::with(most, LEAST_FILE, folder.into())
    }

    fn with(most: usize, least_file: usize, folder: PathBuf) -> Arc<Self> {
        let (in_memory, in_files) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Room { most, least_file, folder, in_memory, in_files, has_warned: AtomicBool::new(false) })
    }

    /// No memory: all blocks are files.
    #[cfg(test)]
    pub(in crate::engine) fn of_files() -> Arc<Self> {
        Self::with(0, 0, std::env::temp_dir())
    }

    /// The bytes of blocks in memory.
    pub fn in_memory(&self) -> usize {
        self.in_memory.load(Ordering::Relaxed)
    }

    /// The bytes of blocks in files.
    pub fn in_files(&self) -> usize {
        self.in_files.load(Ordering::Relaxed)
    }

    /// A block of zeros: in memory while there is room, else in a file. Where no file can be made (a full disk, say), it is in
    /// memory all the same: a product that can't be grouped is worse than a process that is too large.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Place {
        if bytes >= self.least_file && self.in_memory().saturating_add(bytes) > self.most {
            match in_file(&self.folder, bytes) {
                Ok(map) => {
                    self.in_files.fetch_add(bytes, Ordering::Relaxed);
                    return Place { map, room: Some((Arc::clone(self), true)) };
                }
                Err(error) if !self.has_warned.swap(true, Ordering::Relaxed) => {
                    let folder = self.folder.display();
                    tracing::warn!(
                        %folder, %error,
                        "the engine's state stays in memory beyond HEARBACK_ENGINE_MEMORY, because no file can be made; set \
                         HEARBACK_ENGINE_FOLDER to a folder on a disk with room"
                    );
                }
                Err(_) => {}
            }
        }
        self.in_memory.fetch_add(bytes, Ordering::Relaxed);
        Place { map: in_memory(bytes), room: Some((Arc::clone(self), false)) }
    }
}

/// The memory of one block.
pub(super) struct Place {
    pub map: MmapMut,
    /// The room that it is counted in, and whether it is in a file.
    room: Option<(Arc<Room>, bool)>,
}

impl Place {
    /// A block of zeros in memory that no room counts.
    pub fn uncounted(bytes: usize) -> Self {
        Place { map: in_memory(bytes), room: None }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((room, is_file)) = &self.room {
            let counted = if *is_file { &room.in_files } else { &room.in_memory };
            counted.fetch_sub(self.map.len(), Ordering::Relaxed);
        }
    }
}

/// Zeros in memory, which take none until they are written.
fn in_memory(bytes: usize) -> MmapMut {
    // Without memory the process ends, as for every other allocation.
    MmapMut::map_anon(bytes).unwrap_or_else(|_| std::alloc::handle_alloc_error(layout(bytes)))
}

fn layout(bytes: usize) -> std::alloc::Layout {
    std::alloc::Layout::array::<u8>(bytes).unwrap_or(std::alloc::Layout::new::<u8>())
}

/// A file without a name. It is written in full first: to write to a mapped page that has no place on a full disk would end the
/// process.
fn in_file(folder: &Path, bytes: usize) -> io::Result<MmapMut> {
    let mut file = tempfile::tempfile_in(folder)?;
    io::copy(&mut io::repeat(0).take(bytes as u64), &mut file)?;
    // SAFETY: the file has no name, so that no other process opens, changes or shortens it.
    let map = unsafe { MmapMut::map_mut(&file)? };
    // Texts that are near to each other lie anywhere: to read ahead would read what nobody asks for.
    #[cfg(unix)]
    map.advise(memmap2::Advice::Random)?;
    Ok(map)
}
