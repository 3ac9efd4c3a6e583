//! Feedback like which nothing was said has no theme: what the API shows of it, what a person does with it, and how its
//! like takes it along.

use hearback::domain::base::Id;
use hearback::domain::feedback::State;
use hearback::domain::team::Role;
use hearback::engine::Kind;
use hearback::jobs::themes::grouping::Grouping;
use hearback::usecase::privacy::erasure;
use serde_json::{Value, json};

use super::start::on_each_database;
use crate::support::World;

const ODD: &str = "purple elephants dance in the volcano garden";
const LIKE: &str = "the purple elephants dance in a garden";
const OTHER: &str = "our choir sings bach cantatas";

/// Texts about three matters, all different.
fn usual() -> Vec<Value> {
    let matters = ["my refund has not arrived", "login fails with", "결제가 안돼요"];
    let rests = ["since monday", "my phone", "the tablet", "again today", "홈 화면"];
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    let text = |n: usize| format!("{} {} {}{}", matters[n % 3], rests[n / 3 % 5], letter(n * 7), letter(n / 15));
    (0..180).map(|n| json!({ "text": text(n) })).collect()
}

impl World {
    /// Reads what waits, with the groupers that this world's requests look into.
    fn group(&self) -> Grouping {
        self.store().clock.advance(16 * hearback::domain::base::Time::SECOND);
        let mut job = Grouping::new(self.store().clone(), self.app().groups.clone());
        job.load().unwrap();
        job.run_until_idle().unwrap();
        job
    }

    fn grouped_product(&self) {
        self.file_all(&usual());
        self.group().refine_now(self.product.id, Kind::Cold).unwrap();
    }

    fn files(&self, text: &str) -> Id {
        let id = self.file_all(&[json!({ "text": text })]).remove(0);
        self.group();
        id
    }

    fn reads(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &self.token(Role::Support), None);
        assert_eq!(answer.status, 200, "{path}");
        answer.json()
    }

    /// The ids of the feedback that the list shows.
    fn listed(&self, query: &str) -> Vec<String> {
        let page = self.reads(&format!("/v1/feedback?product={}&{query}", self.product.key));
        page["data"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    fn similar(&self, text: &str) -> Value {
        let body = json!({ "text": text, "product": self.product.key });
        self.send("POST", "/v1/similar", &self.token(Role::Support), Some(&body)).json()
    }

    /// The kinds of the events of a feedback since it was filed.
    fn told_of(&self, item: Id) -> Vec<String> {
        let kinds = self.events_of(item).into_iter().map(|(kind, _)| kind);
        kinds.filter(|kind| kind != "feedback.created").collect()
    }
}

#[test]
fn what_is_near_nothing_has_no_theme_and_is_found_and_its_like_takes_it_along() {
    on_each_database(|world| {
        world.grouped_product();
        assert!(world.listed("state=ungrouped").is_empty());
        let odd = world.files(ODD);
        let shown = world.reads(&format!("/v1/feedback/{odd}"));
        assert_eq!((&shown["state"], &shown["theme"]), (&json!("ungrouped"), &Value::Null));
        assert_eq!(world.listed("state=ungrouped"), [odd.to_string()]);
        assert!(!world.listed("state=grouped&limit=200").contains(&odd.to_string()));
        assert!(world.listed("q=elephants").contains(&odd.to_string()), "a search finds it");
        let near = world.similar("elephants in the volcano");
        assert_eq!((&near["feedback"][0]["id"], &near["feedback"][0]["theme_id"]), (&json!(odd), &Value::Null));
        assert_eq!(world.reads("/v1/grouping")["pending"], 0, "it does not wait");
        assert_eq!(world.told_of(odd), ["feedback.ungrouped"]);

        // After a restart it is where it was, and nothing is recorded twice.
        let instance = world.instance();
        let place = |job: &super::engine::Instance| job.groups.of(world.product.id).read().place_and_pin(odd.0);
        assert_eq!(place(&instance), Some((None, false)));
        assert_eq!(world.stored_feedback(odd).state, State::Ungrouped);

        let like = world.files(LIKE);
        let (odd_now, like_now) = (world.stored_feedback(odd), world.stored_feedback(like));
        assert_eq!((odd_now.state, like_now.state), (State::Grouped, State::Grouped));
        assert_eq!(odd_now.theme.map(|theme| theme.id), like_now.theme.map(|theme| theme.id));
        assert_eq!(world.told_of(odd), ["feedback.ungrouped", "feedback.grouped"]);
        let theme = world.stored_theme(world.places(&[odd])[&odd].0);
        assert_eq!(theme.size, 2);
    });
}

#[test]
fn a_person_moves_it_into_a_theme_dismisses_it_and_undoes_both() {
    on_each_database(|world| {
        world.grouped_product();
        let odd = world.files(ODD);
        let theme = world.themes(Default::default())[0].id;
        let moved = world.move_feedback(odd, Some(theme)).unwrap().unwrap();
        for kind in [Kind::Warm, Kind::Cold] {
            world.refine(kind);
            assert_eq!(world.places(&[odd])[&odd], (theme, true), "no refinement undoes it");
        }
        world.undo(moved).unwrap();
        world.group();
        assert_eq!(world.stored_feedback(odd).state, State::Ungrouped, "it is read again, and is near nothing still");

        let dismissed = world.dismiss(odd).unwrap().unwrap();
        assert_eq!(world.stored_feedback(odd).state, State::Dismissed);
        world.group();
        assert!(!world.app().groups.of(world.product.id).read().holds(odd.0));
        world.undo(dismissed).unwrap();
        world.group();
        assert_eq!(world.stored_feedback(odd).state, State::Ungrouped);
    });
}

#[test]
fn a_refinement_leaves_it_where_a_person_put_it() {
    on_each_database(|world| {
        world.grouped_product();
        let kept = world.files(OTHER);
        let decided = world.themes(Default::default())[1].id;
        world.move_feedback(kept, Some(decided)).unwrap();
        world.refine(Kind::Cold);
        assert_eq!(world.places(&[kept])[&kept], (decided, true));
    });
}

#[test]
fn a_changed_text_is_read_again_and_an_erased_one_is_gone() {
    on_each_database(|world| {
        world.grouped_product();
        let (changed, erased) = (world.files(ODD), world.files(OTHER));
        let patch = json!({ "text": "my refund has not arrived since monday" });
        world
            .write(move |tx| {
                let rights = hearback::domain::team::FilingRights::ALL;
                hearback::usecase::feedback::edits::edit_by(tx, changed, None, &patch, rights).map(drop)
            })
            .unwrap();
        assert_eq!(world.stored_feedback(changed).state, State::Pending);
        world.group();
        assert_eq!(world.stored_feedback(changed).state, State::Grouped);

        let customer = world.stored_feedback(erased).customer.unwrap().id;
        world.write(move |tx| erasure::customer(tx, customer, None).map(drop)).unwrap();
        world.group();
        assert!(!world.app().groups.of(world.product.id).read().holds(erased.0));
        assert!(world.similar(OTHER)["feedback"].as_array().unwrap().iter().all(|item| item["id"] != json!(erased)));
    });
}
