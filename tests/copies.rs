//! Equal texts share a theme, also after an import, and many short reviews do not hide the complaints of other
//! customers.

use std::collections::{BTreeMap, BTreeSet};

use hearback::domain::{
    base::{Actor, Id, Paging},
    feedback::{ImportJob, ImportOptions},
    stories::{Story, StoryQuery},
    team::DEFAULT_PRODUCT,
};
use hearback::jobs::feedback::import::Imports;
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::{
    Store,
    feedback::{self, imports},
    stories, themes,
};
use hearback::usecase::themes::groupers::Groups;

use crate::support::on_each_store;

/// Imports these texts, each from a different customer.
fn import(store: &Store, origin: &str, texts: &[String]) {
    let mut file = "id,text,customer.email\n".to_owned();
    for (n, text) in texts.iter().enumerate() {
        file.push_str(&format!("{n},\"{text}\",{origin}{n}@example.com\n"));
    }
    let id = Id::next();
    let options = ImportOptions { origin: Some(origin.to_owned()), ..ImportOptions::default() };
    let job = ImportJob { options, ..ImportJob::default() };
    store.write_now(Actor::COMMAND, move |tx| imports::begin(tx, id, &job, 0, None)).unwrap();
    store.write_now(Actor::COMMAND, move |tx| imports::add_chunk(tx, id, 0, file.as_bytes())).unwrap();
    store.write_now(Actor::COMMAND, move |tx| imports::queue(tx, id)).unwrap();
    assert_eq!(Imports::new(store.clone()).step(&mut |_| true).unwrap(), Some(id));
}

struct Instance {
    store: Store,
    job: Grouping,
}

impl Instance {
    fn start(store: &Store) -> Instance {
        // The one before it is dead long enough.
        store.clock.advance(16 * hearback::domain::base::Time::SECOND);
        let mut job = Grouping::new(store.clone(), Groups::default());
        job.load().unwrap();
        Instance { store: store.clone(), job }
    }

    fn group(&mut self) {
        self.job.run_until_idle().unwrap();
    }

    /// The themes of each text with exactly this spelling.
    fn themes(&self) -> BTreeMap<String, BTreeSet<Id>> {
        let (mut themes, mut cursor) = (BTreeMap::<String, BTreeSet<Id>>::new(), None);
        loop {
            let paging = Paging::new(Some(200), cursor.as_deref(), "all".to_owned()).unwrap();
            let page = self.store.read_now(|conn| feedback::list::list(conn, &Default::default(), &paging)).unwrap();
            for feedback in page.data {
                themes.entry(feedback.text).or_default().extend(feedback.theme.map(|theme| theme.id));
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return themes;
            }
        }
    }

    fn stories(&self) -> Vec<Story> {
        let query = StoryQuery::default();
        let paging = Paging::of("stories", &query).unwrap();
        let now = self.store.clock.now();
        self.store.read_now(|conn| stories::list::list(conn, &query, &paging, now)).unwrap().data
    }
}

#[test]
fn an_import_of_one_text_is_one_theme_and_one_story_and_so_it_stays() {
    on_each_store(|store| {
        let mut instance = Instance::start(store);
        for (origin, copies) in [("a", 20), ("b", 200), ("c", 400)] {
            let ways = ["Where is my refund please", "where is my refund, please?", "WHERE  IS MY REFUND PLEASE!"];
            import(store, origin, &(0..copies).map(|n| ways[n % 3].to_owned()).collect::<Vec<_>>());
            instance.group();
            let found: BTreeSet<Id> = instance.themes().into_values().flatten().collect();
            assert_eq!((found.len(), instance.stories().len()), (1, 1), "{origin}");
        }
        // What an older version left in pieces comes together again.
        let mut pieces = Vec::new();
        for feedback in
            store.read_now(|conn| hearback::store::themes::vectors::members(conn, &instance.all_themes())).unwrap()
        {
            pieces.push((feedback.0, feedback.1));
        }
        let scattered = pieces.clone();
        let scatter = move |tx: &mut hearback::store::Tx<'_>| {
            for (item, from) in scattered.iter().skip(1).step_by(7) {
                let new = themes::rows::NewTheme { id: Id::next(), product: DEFAULT_PRODUCT, label: "New".to_owned() };
                let to = new.id;
                themes::rows::insert(tx, &[new])?;
                hearback::store::themes::assignments::regroup(tx, &[(*item, Some(*from), Some(to))])?;
                themes::rows::mark_stale(tx, &[*from, to])?;
            }
            Ok(())
        };
        store.write_now(Actor::COMMAND, scatter).unwrap();
        let mut instance = Instance::start(store);
        instance.group();
        assert!(instance.all_themes().len() > 50);
        import(store, "d", &["Where is my refund please".to_owned(), "Dark mode please".to_owned()]);
        instance.group();
        let themes = instance.themes();
        // The one about something else is near nothing, and has no theme yet.
        let lone = |text: &str| text == "Dark mode please";
        assert!(themes.iter().all(|(text, themes)| themes.len() == usize::from(!lone(text))), "{themes:?}");
        assert_eq!(instance.all_themes().len(), 1, "{themes:?}");
    });
}

impl Instance {
    fn all_themes(&self) -> Vec<Id> {
        let found: BTreeSet<Id> = self.themes().into_values().flatten().collect();
        found.into_iter().collect()
    }
}

#[test]
fn short_reviews_are_one_theme_each_and_do_not_bury_the_complaints() {
    let praise = ["good", "nice", "Good app", "ok"];
    let complaints = [
        "Money was charged twice",
        "Too many ads now",
        "Cannot log in after the update",
        "The app crashes when I upload a video",
    ];
    let mut texts: Vec<String> = Vec::new();
    for n in 0..340 {
        let complaint = format!("{}{}", complaints[n % 4], ["", "!", " please fix", " since yesterday"][n / 4 % 4]);
        let short = praise[[0, 1, 2, 3, 0, 0, 1, 2][n % 8]].to_owned();
        texts.push(if n % 8 == 5 { complaint } else { short });
    }
    for n in 0..16 {
        texts.push(format!("{}{}", complaints[n / 4], ["", "!", " please fix", " since yesterday"][n % 4]));
    }
    on_each_store(|store| {
        import(store, "reviews", &texts);
        let mut instance = Instance::start(store);
        instance.group();
        let themes = instance.themes();
        let of = |start: &str| -> BTreeSet<Id> {
            themes.iter().filter(|(text, _)| text.starts_with(start)).flat_map(|(_, themes)| themes.clone()).collect()
        };
        for text in praise {
            assert_eq!(themes[text].len(), 1, "{text}");
        }
        let praised: BTreeSet<Id> = praise.iter().flat_map(|text| themes[*text].clone()).collect();
        for text in complaints {
            assert_eq!(of(text).len(), 1, "{text}: {themes:?}");
            assert!(of(text).is_disjoint(&praised), "{text} is among the praise");
            let story =
                instance.stories().into_iter().find(|story| story.theme_ids.iter().any(|t| of(text).contains(t)));
            assert!(story.is_some(), "{text} has no story");
        }
        assert!(instance.all_themes().len() <= 8, "{themes:?}");
    });
}
