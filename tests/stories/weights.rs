//! Score weights: the answers of customers and the value of their accounts count in scores if the product gives them a
//! weight.

use hearback::domain::{base::Id, stories::Story};
use hearback::error::Result;
use hearback::usecase::{
    feedback::{accounts, edits},
    stories::ranking,
    team::products,
};
use serde_json::{Value, json};

use super::{on_each_database, pointers};
use crate::support::World;

impl World {
    fn set_weights(&self, weights: Value) -> Result<()> {
        let (id, patch) = (self.product.id, json!({ "settings": { "score_weights": weights } }));
        self.write(move |tx| products::edit(tx, id, None, &patch)).map(drop)
    }

    /// Runs the describing job when no theme has changed.
    fn slide(&self) -> usize {
        let id = self.product.id;
        self.write(move |tx| ranking::slide(tx, id, 100)).unwrap()
    }

    /// Files feedback of somebody in an account; `more` are further fields.
    fn say_for(&self, theme: Id, person: &str, account: Value, more: Value) -> Id {
        let mut input = more;
        input["customer"] = json!({ "external_id": format!("{person}@{}", self.product.key), "account": account });
        self.customers_say(theme, &[person], input).remove(0)
    }

    fn story_on(&self, theme: Id) -> Story {
        self.stories(json!({ "theme": theme })).remove(0)
    }
}

fn account(name: &str, minor: i64, currency: &str) -> Value {
    json!({ "name": name, "annual_value": { "amount_minor": minor, "currency": currency } })
}

#[test]
fn other_factors_do_not_count_until_the_product_gives_them_a_weight() {
    on_each_database(|world| {
        let theme = world.new_theme("Refunds");
        world.say_for(theme, "ann", account("A", 1_000_000, "USD"), json!({ "nps": 0 }));
        world.customers_say(theme, &["bob", "cid"], json!({ "nps": 10 }));
        world.follow_themes(&[theme], &[]);
        let before = world.story_on(theme).priority;
        assert_eq!(before.score, 2.4, "3 customers, medium, .8, one month");
        assert_eq!((before.factors.detractors, before.factors.account_value), (None, None));
        assert_eq!(world.slide(), 0, "all is up to date");

        world.set_weights(json!({ "detractors": 1, "account_value": 0.5 })).unwrap();
        assert_eq!(world.slide(), 1, "changed weights rank anew");
        assert_eq!(world.slide(), 0);
        let weighted = world.story_on(theme).priority;
        let detractors = weighted.factors.detractors.clone().unwrap();
        assert_eq!((detractors.value, detractors.multiplier), (0.3333, 1.3333));
        assert!(
            detractors.because.starts_with("3 of 3 customers gave an NPS or a rating; 1 of these 3 "),
            "{detractors:?}"
        );
        let value = weighted.factors.account_value.clone().unwrap();
        assert_eq!((value.value, value.weight, value.multiplier), (1.0, 0.5, 1.5));
        assert_eq!(
            value.because,
            "1 account behind it: 10,000 USD a year, of 10,000 USD of all accounts that said something about the product."
        );
        assert_eq!(weighted.score, 4.7999, "2.4 x 1.3333 x 1.5, to four decimals");

        world.set_weights(json!({ "detractors": 0, "account_value": 0 })).unwrap();
        assert_eq!(world.slide(), 1);
        assert_eq!(world.story_on(theme).priority.score, 2.4);
        world.set_weights(json!({ "detractors": 0 })).unwrap();
        assert_eq!(world.slide(), 0, "the same weights change nothing");
    });
}

#[test]
fn a_customer_has_one_opinion_and_who_gave_none_has_none() {
    on_each_database(|world| {
        world.set_weights(json!({ "detractors": 2 })).unwrap();
        let theme = world.new_theme("Refunds");
        let at = |day: u32, answer: Value| {
            let mut answer = answer;
            answer["occurred_at"] = json!(format!("2026-11-{day:02}T00:00:00Z"));
            answer
        };
        // Ann was unhappy and no longer is; Bob is; Cid's NPS goes before his stars; Dan has only stars.
        world.customers_say(theme, &["ann"], at(1, json!({ "nps": 3 })));
        world.customers_say(theme, &["ann"], at(2, json!({ "nps": 9 })));
        world.customers_say(theme, &["bob"], at(1, json!({ "nps": 6 })));
        world.customers_say(theme, &["cid"], at(1, json!({ "nps": 7 })));
        world.customers_say(theme, &["cid"], at(3, json!({ "rating": 1 })));
        world.customers_say(theme, &["dan"], at(1, json!({ "rating": 2 })));
        // Eve gave no opinion; two items without a customer count as two people.
        world.customers_say(theme, &["eve"], at(1, json!({})));
        let stray = world.customers_say(theme, &["", ""], at(1, json!({ "rating": 3 })));
        world.follow_themes(&[theme], &[]);
        let factor = |world: &World| world.story_on(theme).priority.factors.detractors.unwrap();
        let shown = factor(world);
        assert_eq!((shown.value, shown.multiplier), (0.3333, 1.6666));
        assert!(shown.because.starts_with("6 of 7 customers gave an NPS or a rating; 2 of these 6 "), "{shown:?}");

        // Dismissed feedback counts for no story.
        for id in stray {
            world.write(move |tx| edits::dismiss(tx, id, None, "Spam")).unwrap();
        }
        world.follow_themes(&[theme], &[]);
        assert!(factor(world).because.starts_with("4 of 5 customers"), "{:?}", factor(world));
        assert_eq!(factor(world).value, 0.5);
    });
}

#[test]
fn an_account_counts_once_and_only_in_the_products_currency() {
    on_each_database(|world| {
        world.set_weights(json!({ "account_value": 10 })).unwrap();
        let (theme, other) = (world.new_theme("Refunds"), world.new_theme("Exports"));
        for person in ["ann", "bob"] {
            world.say_for(theme, person, account("A", 3_000_000, "USD"), json!({}));
        }
        world.say_for(theme, "cid", account("B", 9_000_000_000, "KRW"), json!({}));
        world.say_for(theme, "dan", json!({ "name": "C" }), json!({}));
        for person in ["eve", "fay", "gil"] {
            world.say_for(other, person, account(person, 3_000_000, "USD"), json!({}));
        }
        world.follow_themes(&[theme, other], &[]);
        let factor = |theme| world.story_on(theme).priority.factors.account_value.unwrap();
        assert_eq!((factor(theme).value, factor(theme).multiplier), (0.25, 3.5));
        assert_eq!(
            factor(theme).because,
            "1 account behind it: 30,000 USD a year, of 120,000 USD of all accounts that said something about the product. Not counted: 1 in another currency and 1 without an annual value."
        );
        assert_eq!(factor(other).value, 0.75);
        assert!(!factor(other).because.contains("Not counted"), "{:?}", factor(other));

        // A changed value of one account changes the share of every story.
        let said = world.evidence(world.story_on(theme).id);
        let filed = world.store().read_now(|conn| hearback::store::feedback::rows::get_many(conn, &said)).unwrap();
        let of_ann =
            filed.into_iter().filter_map(|f| f.customer?.account).find(|account| account.name == "A").unwrap().id;
        let patch = json!({ "annual_value": { "amount_minor": 21_000_000, "currency": "USD" } });
        world.write(move |tx| accounts::edit(tx, of_ann, None, &patch)).unwrap();
        assert_eq!(world.slide(), 2);
        assert_eq!((factor(theme).value, factor(other).value), (0.7, 0.3));

        // With another currency of the product, other accounts count.
        let (id, patch) = (world.product.id, json!({ "currency": "KRW" }));
        world.write(move |tx| products::edit(tx, id, None, &patch)).unwrap();
        assert_eq!(world.slide(), 2);
        assert_eq!((factor(theme).value, factor(other).value), (1.0, 0.0));
        assert!(
            factor(theme).because.starts_with("1 account behind it: 9,000,000,000 KRW a year"),
            "{:?}",
            factor(theme)
        );
        assert!(factor(other).because.starts_with("0 accounts behind it: 0 KRW"), "{:?}", factor(other));
    });
}

#[test]
fn weights_are_numbers_from_0_to_10() {
    on_each_database(|world| {
        let wrong = world.set_weights(json!({ "detractors": -0.1, "account_value": 10.5, "mood": 1 })).unwrap_err();
        let mut named = pointers(wrong);
        named.sort();
        let expected = ["account_value", "detractors", "mood"].map(|name| format!("/settings/score_weights/{name}"));
        assert_eq!(named, expected);
        world.set_weights(json!({ "detractors": 10, "account_value": 0.25 })).unwrap();
    });
}
