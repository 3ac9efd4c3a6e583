//! The names of known customers and members, so that no text for others holds one.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::domain::base::text::fold;
use crate::domain::privacy::naming::words_that_name;
use crate::error::Result;
use crate::store::Conn;
use crate::store::base::types::DbTime;
use crate::store::feedback::customer_names::{self, Named};
use crate::store::team::members;

/// From so many names on, nearly every word is somebody's: what much of the feedback says is then no name.
const MANY: usize = 3_000;

/// The words that name somebody, as hashes.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    words: HashSet<u64>,
    until: Option<DbTime>,
}

impl KnownNames {
    /// All that are known now.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let mut names = Self::default();
        names.refresh(conn)?;
        Ok(names)
    }

    /// Adds what has become known since.
    pub fn refresh(&mut self, conn: &mut Conn) -> Result<()> {
        for Named { name, email, updated_at } in customer_names::named_since(conn, self.until)? {
            self.add(name.as_deref(), email.as_deref());
            self.until = self.until.max(Some(updated_at));
        }
        for (name, email) in members::names(conn)? {
            self.add(Some(&name), Some(&email));
        }
        Ok(())
    }

    fn add(&mut self, name: Option<&str>, email: Option<&str>) {
        self.words.extend(words_that_name(name, email).iter().map(|word| hash(word)));
    }

    /// Whether a word names somebody; `is_common` says whether much of the feedback uses it, whoever is called so.
    pub fn holds(&self, word: &str, is_common: impl Fn(&str) -> bool) -> bool {
        self.words.contains(&hash(&fold(word))) && (self.words.len() < MANY || !is_common(word))
    }
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}
