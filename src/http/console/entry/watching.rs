//! What a page watches: a list, or a resource.

use serde_json::{Map, Value, json};

use crate::domain::base::{Id, Time};
use crate::domain::team::Caller;
use crate::domain::team::presence::{LookedAt, Onlooker, PresenceKind};
use crate::domain::team::view::ViewPage;
use crate::domain::words::console::Words;
use crate::error::Result;
use crate::store::Conn;
use crate::store::team::presences;
use crate::usecase::team::presence;

/// The most people who are named in a line.
const NAMED: usize = 3;

/// What a page watches.
#[derive(Clone, Debug)]
pub enum Watched {
    List(ViewPage),
    Resource(LookedAt),
}

impl Watched {
    /// What the page with this list or path watches; `None` where there is nothing, or the role may not read it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn find(conn: &mut Conn, caller: &Caller, list: &str, place: &str) -> Result<Option<Self>> {
        if let Ok(page) = list.parse::<ViewPage>() {
            return Ok(Some(Watched::List(page)).filter(|watched| watched.is_for(caller)));
        }
        Ok(presence::looked_at(conn, &|operation| caller.access.may(operation), place)?.map(Watched::Resource))
    }

    /// The operation of the API that the page stands for.
    pub fn operation(&self) -> &'static str {
        match self {
            Watched::List(page) => page.operation(),
            Watched::Resource(at) => at.kind.operation(),
        }
    }

    /// Whether a caller may see it.
    pub fn is_for(&self, caller: &Caller) -> bool {
        caller.access.may(self.operation())
    }

    /// The resource that the page is about.
    pub fn place(&self) -> Option<&LookedAt> {
        match self {
            Watched::List(_) => None,
            Watched::Resource(at) => Some(at),
        }
    }

    /// Whether an event may change what the page shows.
    pub fn concerns(&self, kind: &str, subject: Id) -> bool {
        // The engine's own work, of which no page shows anything.
        if kind == "feedback.embedded" {
            return false;
        }
        let noun = match self {
            Watched::Resource(at) => return at.id == subject,
            Watched::List(ViewPage::Inbox | ViewPage::Search) => "feedback.",
            Watched::List(ViewPage::Backlog) => "story.",
            Watched::List(ViewPage::Themes) => "theme.",
            Watched::List(ViewPage::Customers) => "customer.",
            Watched::List(ViewPage::Releases) => "release.",
        };
        kind.starts_with(noun)
    }

    /// The kind of resource in the rows of a list.
    fn kind_of_rows(&self) -> Option<PresenceKind> {
        match self {
            Watched::List(ViewPage::Inbox) => Some(PresenceKind::Feedback),
            Watched::List(ViewPage::Backlog) => Some(PresenceKind::Story),
            Watched::List(ViewPage::Themes) => Some(PresenceKind::Theme),
            Watched::List(ViewPage::Customers) => Some(PresenceKind::Customer),
            _ => None,
        }
    }

    /// The other members who look at the resource, or at those in the list that the caller may read.
    ///
    /// # Errors
    /// Those of the database.
    pub fn others(&self, conn: &mut Conn, caller: &Caller, now: Time) -> Result<Vec<Onlooker>> {
        let me = caller.id();
        let kind = match (self, self.kind_of_rows()) {
            (Watched::Resource(at), _) => return presences::at(conn, at.id, me, now),
            (_, None) => return Ok(Vec::new()),
            (_, Some(kind)) => kind,
        };
        let mut found = Vec::new();
        for one in presences::of_kind(conn, kind, me, now)? {
            if presence::looked_at(conn, &|operation| caller.access.may(operation), &one.place)?.is_some() {
                found.push(one);
            }
        }
        Ok(found)
    }

    /// What the page is told about them: a line for a resource, and a mark for each row of a list.
    pub fn tell(&self, others: &[Onlooker], t: Words) -> Value {
        if self.place().is_some() {
            return json!({ "text": line(others, t) });
        }
        let mut marks: Map<String, Value> = Map::new();
        for place in others.iter().map(|one| &one.place) {
            let there: Vec<Onlooker> = others.iter().filter(|one| one.place == *place).cloned().collect();
            marks.insert(place.clone(), json!(line(&there, t)));
        }
        json!({ "marks": marks })
    }
}

/// Who looks and who writes, in a sentence each.
fn line(others: &[Onlooker], t: Words) -> String {
    let named = |is_writing: bool| {
        let names: Vec<&str> =
            others.iter().filter(|one| one.is_writing == is_writing).map(|one| one.name.as_str()).collect();
        let more = names.len().saturating_sub(NAMED);
        let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if more == 0 { shown } else { format!("{shown} +{more}") }
    };
    let (writing, looking) = (named(true), named(false));
    let sentences = [
        (!writing.is_empty()).then(|| t.live_writing(&writing)),
        (!looking.is_empty()).then(|| t.live_looking(&looking)),
    ];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
