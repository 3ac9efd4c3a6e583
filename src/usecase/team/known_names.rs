//! The names of known customers and members, to keep them out of texts for others.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::domain::base::Time;
use crate::domain::base::text::fold;
use crate::domain::privacy::naming::words_that_name;
use crate::error::Result;
use crate::store::Conn;
use crate::store::feedback::customer_names::{self, CustomerNames};
use crate::store::team::members;

/// With more names than this, nearly every word is also a name; then words that are common in the feedback don't count
/// as names.
const MANY: usize = 3_000;

/// The words of names, as hashes.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    words: HashSet<u64>,
    until: Option<Time>,
}

impl KnownNames {
    /// Loads all current names.
    pub fn load(conn: &mut Conn) -> Result<Self> {
        let mut names = Self::default();
        names.refresh(conn)?;
        Ok(names)
    }

    /// Adds names that are new since the last load.
    pub fn refresh(&mut self, conn: &mut Conn) -> Result<()> {
        for CustomerNames { name, email, updated_at } in customer_names::named_since(conn, self.until)? {
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

    /// Whether a word is a name; `is_common` says whether the word is common in the feedback.
    pub fn holds(&self, word: &str, is_common: impl Fn(&str) -> bool) -> bool {
        self.words.contains(&hash(&fold(word))) && (self.words.len() < MANY || !is_common(word))
    }
}

fn hash(word: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    hasher.finish()
}
