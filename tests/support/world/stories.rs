//! Stories and their stages, over the API and as they are stored.

use hearback::domain::base::{Id, Paging, Time, decode::decode};
use hearback::domain::search::several::Several;
use hearback::domain::stories::stage::Stage;
use hearback::domain::stories::{NewStory, Story, StoryQuery, Transition};
use hearback::domain::team::Role;
use hearback::error::Result;
use hearback::store::base::events;
use hearback::store::{feedback, stories};
use hearback::usecase::stories::{planning, transitions};
use serde_json::{Value, json};

use super::{Answer, World};

/// The date this many days after today, as RFC 3339.
pub fn days_from_now(days: i64) -> String {
    hearback::clock::Clock::default().now().plus(days * Time::DAY).to_string()
}

/// Over the API.
impl World {
    /// A story by hand; returns its id.
    pub fn story(&self, title: &str) -> String {
        self.done("/v1/stories", json!({ "title": title }))["id"].as_str().unwrap().to_owned()
    }

    /// A story that went through these stages.
    pub fn story_in(&self, title: &str, stages: &[&str]) -> String {
        let id = self.story(title);
        for stage in stages {
            self.to(&id, stage);
        }
        id
    }

    /// A story that is ready to be released.
    pub fn ready_story(&self, title: &str) -> String {
        self.story_in(title, &["accepted", "ready"])
    }

    /// Asks for another stage; it may be refused.
    pub fn moving(&self, story: &str, body: Value) -> Answer {
        self.post(&format!("/v1/stories/{story}/transitions"), body)
    }

    /// Moves a story to another stage.
    pub fn to(&self, story: &str, stage: &str) -> Value {
        let answer = self.moving(story, json!({ "to": stage }));
        assert_eq!(answer.status, 200, "{stage}: {answer:?}");
        answer.json()
    }

    pub fn shown_story(&self, story: &str) -> Value {
        self.read(&format!("/v1/stories/{story}"))
    }

    pub fn shown_stage(&self, story: &str) -> String {
        self.shown_story(story)["stage"].as_str().unwrap().to_owned()
    }

    /// The kinds of a story's events with their data, oldest first.
    pub fn shown_history(&self, story: &str) -> Vec<(String, Value)> {
        let events = self.read(&format!("/v1/stories/{story}/history?limit=200"));
        let events = events["data"].as_array().unwrap().iter();
        events.map(|e| (e["kind"].as_str().unwrap().to_owned(), e["data"].clone())).collect()
    }
}

/// In this process.
impl World {
    /// A story of the product; it may be refused.
    pub fn create_story(&self, input: Value) -> Result<Story> {
        let input = self.story_input(input);
        self.write(move |tx| planning::create(tx, &input))
    }

    /// The input of a new story of the product.
    pub fn story_input(&self, mut input: Value) -> NewStory {
        input["product"] = json!(self.product.key);
        decode(input).unwrap()
    }

    /// A story on a theme, as a draft.
    pub fn draft_about(&self, theme: Id) -> Id {
        let input: NewStory = decode(json!({ "theme_id": theme })).unwrap();
        self.write(move |tx| planning::create(tx, &input)).unwrap().id
    }

    /// A story on a theme, accepted.
    pub fn story_about(&self, theme: Id) -> Id {
        let input: NewStory = decode(json!({ "theme_id": theme, "title": "Refunds show a date" })).unwrap();
        let id = self.write(move |tx| planning::create(tx, &input)).unwrap().id;
        self.go(id, "accepted");
        id
    }

    /// Edits a story; it may be refused.
    pub fn edit_story(&self, id: Id, version: Option<i32>, patch: Value) -> Result<Story> {
        self.write(move |tx| planning::edit(tx, id, version, &patch))
    }

    /// Asks for another stage as an admin; it may be refused.
    pub fn transition(&self, story: Id, input: Value) -> Result<Story> {
        let input: Transition = decode(input).unwrap();
        self.write(move |tx| transitions::transition(tx, story, None, Role::Admin, &input))
    }

    /// Moves a story to another stage.
    pub fn go(&self, story: Id, to: &str) {
        self.transition(story, json!({ "to": to })).unwrap();
    }

    /// Releases an accepted story and tells its customers.
    pub fn release_story(&self, story: Id) {
        self.clock().advance(Time::SECOND);
        self.go(story, "ready");
        self.go(story, "released");
        self.pump();
        self.clock().advance(Time::SECOND);
    }

    pub fn stored_story(&self, id: Id) -> Story {
        self.store().read_now(|conn| stories::rows::get(conn, id)).unwrap()
    }

    pub fn stage(&self, story: Id) -> Stage {
        self.stored_story(story).stage
    }

    /// All stories of the product that match, read page by page.
    pub fn stories(&self, query: Value) -> Vec<Story> {
        let mut query: StoryQuery = serde_json::from_value(query).unwrap();
        query.product = Some(Several(vec![self.product.key.clone()]));
        let mut found = Vec::new();
        loop {
            let paging = Paging::of("stories", &query).unwrap();
            let now = self.store().clock.now();
            let page = self.store().read_now(|conn| stories::list::list(conn, &query, &paging, now)).unwrap();
            found.extend(page.data);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                return found;
            }
        }
    }

    /// The feedback behind a story, newest first.
    pub fn evidence(&self, story: Id) -> Vec<Id> {
        let paging = Paging::new(None, None, String::new()).unwrap();
        let page = self.store().read_now(|conn| feedback::list::of_story(conn, story, &paging)).unwrap();
        page.data.into_iter().map(|f| f.id).collect()
    }

    /// The events of a resource: their kinds and their data.
    pub fn events_of(&self, subject: Id) -> Vec<(String, Value)> {
        let paging = Paging::new(Some(200), None, String::new()).unwrap();
        let page = self.store().read_now(|conn| events::history(conn, subject, &paging)).unwrap();
        page.data.into_iter().map(|event| (event.kind, event.data)).collect()
    }

    /// The kinds of the events of a resource.
    pub fn kinds_of(&self, subject: Id) -> Vec<String> {
        self.events_of(subject).into_iter().map(|(kind, _)| kind).collect()
    }
}
