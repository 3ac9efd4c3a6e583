//! Settings of the engine's state.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::engine::Room;
use crate::store::Location;

/// How much memory the engine's state may take, and where the rest lies.
#[derive(Args, Clone, Debug)]
pub struct EngineConfig {
    /// Most bytes of vectors, neighbours and the like in memory, for all products together; what is beyond lies in files
    #[arg(long = "engine-memory", env = "HEARBACK_ENGINE_MEMORY", default_value_t = 1024 * 1024 * 1024)]
    pub memory: usize,

    /// Folder for these files, on a disk; where absent, that of a SQLite database, and the working folder with PostgreSQL
    #[arg(long = "engine-folder", env = "HEARBACK_ENGINE_FOLDER")]
    pub folder: Option<String>,
}

impl EngineConfig {
    /// The room for the state of all products.
    pub fn room(&self, location: &Location) -> Arc<Room> {
        Room::new(self.memory, self.folder(location))
    }

    /// Errors in these settings, one sentence each.
    pub fn problems(&self) -> Vec<String> {
        match self.set_folder().filter(|folder| !folder.is_dir()) {
            Some(folder) => vec![format!(
                "HEARBACK_ENGINE_FOLDER is no folder: {}. Make the folder, or leave the setting empty.",
                folder.display()
            )],
            None => Vec::new(),
        }
    }

    fn set_folder(&self) -> Option<PathBuf> {
        self.folder.as_deref().map(str::trim).filter(|set| !set.is_empty()).map(PathBuf::from)
    }

    fn folder(&self, location: &Location) -> PathBuf {
        let beside = match location {
            Location::Sqlite(path) => std::path::Path::new(path).parent().map(PathBuf::from),
            Location::Postgres(_) => None,
        };
        let found = self.set_folder().or(beside).unwrap_or_default();
        if found.as_os_str().is_empty() { PathBuf::from(".") } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_lie_beside_the_database_unless_a_folder_is_set() {
        let folder = |set: Option<&str>, location: &Location| {
            EngineConfig { memory: 0, folder: set.map(str::to_owned) }.folder(location)
        };
        let sqlite = |path: &str| Location::Sqlite(path.to_owned());
        let postgres = Location::Postgres("postgres://localhost/voices".to_owned());
        assert_eq!(folder(None, &sqlite("data/hearback.db")), PathBuf::from("data"));
        assert_eq!(folder(Some(" "), &sqlite("hearback.db")), PathBuf::from("."), "empty is not set");
        assert_eq!(folder(None, &postgres), PathBuf::from("."));
        assert_eq!(folder(Some("/state"), &postgres), PathBuf::from("/state"));
        assert_eq!(folder(Some("/state"), &sqlite("data/hearback.db")), PathBuf::from("/state"));
    }

    #[test]
    fn a_folder_that_is_set_must_be_there() {
        let problems = |set: &str| EngineConfig { memory: 0, folder: Some(set.to_owned()) }.problems();
        let said = "HEARBACK_ENGINE_FOLDER is no folder: /nowhere/at/all. Make the folder, or leave the setting empty.";
        assert_eq!(problems("/nowhere/at/all"), [said]);
        assert!(problems("/").is_empty() && problems(" ").is_empty());
    }
}
