//! Granularity, refinements and proposals over HTTP.

use std::collections::BTreeMap;

use hearback::domain::{
    base::{Actor, Id, decode::decode},
    feedback::NewFeedback,
    team::{DEFAULT_PRODUCT, Role},
};
use hearback::engine::Kind;
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::themes::{self, rows::NewTheme};
use hearback::store::themes::{assignments, vectors};
use hearback::usecase::feedback::filing;
use serde_json::{Value, json};

use crate::support::{World, on_each_world};

/// The texts of the sample, grouped.
fn grouped(world: &World) -> Grouping {
    grouped_to(world, 240)
}

/// The first rows of the sample, after those that were filed before.
fn grouped_to(world: &World, count: usize) -> Grouping {
    let filed = world.app().groups.get(DEFAULT_PRODUCT).map_or(0, |group| group.read().len());
    file_to(world, filed..count);
    // The lease of the job before it has expired.
    world.clock().advance(16 * hearback::domain::base::Time::SECOND);
    let mut job = Grouping::new(world.store().clone(), world.app().groups.clone());
    job.load().unwrap();
    job.run_until_idle().unwrap();
    job
}

fn file_to(world: &World, range: std::ops::Range<usize>) {
    let options = hearback::outside::import::ReadOptions::default();
    let rows =
        hearback::outside::import::read(include_str!("../../examples/feedback.csv").as_bytes(), &options).unwrap();
    let filed: Vec<NewFeedback> = rows
        .skip(range.start)
        .take(range.len())
        .map(|row| row.unwrap().content.unwrap())
        .map(|row| decode(json!({ "text": row["text"] })).unwrap())
        .collect();
    world.store().write_now(Actor::COMMAND, move |tx| filing::file(tx, &filed).map(drop)).unwrap();
}

/// The themes and their feedback, largest first.
fn by_size(world: &World) -> Vec<(Id, Vec<Id>)> {
    let mut found: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    let listed = world.send("GET", "/v1/themes?limit=200", &world.token(Role::Viewer), None).json();
    for theme in listed["data"].as_array().unwrap() {
        let id: Id = theme["id"].as_str().unwrap().parse().unwrap();
        let members = world.store().read_now(move |conn| vectors::members(conn, &[id])).unwrap();
        found.insert(id, members.into_iter().map(|(item, ..)| item).collect());
    }
    let mut themes: Vec<(Id, Vec<Id>)> = found.into_iter().collect();
    themes.sort_by_key(|(_, members)| std::cmp::Reverse(members.len()));
    themes
}

#[test]
fn proposals_are_listed_read_accepted_and_rejected() {
    on_each_world(|world| {
        let mut job = grouped(world);
        job.refine_now(DEFAULT_PRODUCT, Kind::Cold).unwrap();
        job.run_until_idle().unwrap();
        let (product, viewer, developer) =
            (world.token(Role::Product), world.token(Role::Viewer), world.token(Role::Developer));
        // Parts of three themes go to new ones, and people name these.
        let mut named = Vec::new();
        for (n, (from, members)) in by_size(world).into_iter().take(3).enumerate() {
            let (to, part) = (Id::next(), members[..members.len() / 3].to_vec());
            let work = move |tx: &mut hearback::store::Tx<'_>| {
                themes::rows::insert(tx, &[NewTheme { id: to, product: DEFAULT_PRODUCT, label: "Part".to_owned() }])?;
                for item in &part {
                    assignments::regroup(tx, &[(*item, Some(from), Some(to))])?;
                    tx.event("feedback.grouped", *item, Some(DEFAULT_PRODUCT), json!({ "theme": to }));
                }
                themes::rows::refresh_counts(tx, &[from, to])
            };
            world.store().write_now(Actor::ENGINE, work).unwrap();
            let label = json!({ "label": format!("Named {n}") });
            assert_eq!(world.send("PATCH", &format!("/v1/themes/{to}"), &product, Some(&label)).status, 200);
            named.push(to);
        }
        job.refine_now(DEFAULT_PRODUCT, Kind::Cold).unwrap();

        let list = |query: &str| world.send("GET", &format!("/v1/proposals{query}"), &viewer, None);
        let first = list("?product=HB&state=open&kind=merge&limit=2");
        let page = first.json();
        assert_eq!(page["data"].as_array().unwrap().len(), 2, "{page}");
        assert!(first.header_text("link").contains("rel=\"next\""));
        // Three that the refinement was kept from, and those of themes that say the same.
        let (mut found, mut cursor) = (2, page["next_cursor"].clone());
        while let Some(next) = cursor.as_str() {
            let rest = list(&format!("?product=HB&state=open&kind=merge&limit=2&cursor={next}")).json();
            found += rest["data"].as_array().unwrap().len();
            cursor = rest["next_cursor"].clone();
        }
        assert!((3..=8).contains(&found), "{found}");
        assert_eq!(list("?kind=split").json()["data"], json!([]));
        for wrong in ["?state=closed", "?kind=join", "?product=NONE", "?size=1"] {
            assert_eq!(list(wrong).status, 422, "{wrong}");
        }

        let [one, other] = [0, 1].map(|n| page["data"][n]["id"].as_str().unwrap().to_owned());
        let detail = world.send("GET", &format!("/v1/proposals/{one}"), &viewer, None).json();
        let because = &detail["because"];
        assert_eq!(
            detail["feedback_ids"].as_array().unwrap().len(),
            detail["feedback_count"].as_u64().unwrap() as usize
        );
        assert_eq!(
            (&because["moving"], &because["theme_size"]),
            (&detail["feedback_count"], &detail["feedback_count"])
        );
        assert!(named.contains(&detail["other_theme_id"].as_str().unwrap().parse().unwrap()), "{detail}");

        let act = |id: &str, verb: &str, token: &str, body: Option<&Value>| {
            world.send("POST", &format!("/v1/proposals/{id}/{verb}"), token, body)
        };
        assert_eq!(act(&one, "accept", &developer, None).status, 403);
        let accepted = act(&one, "accept", &product, None);
        assert_eq!((accepted.status, &accepted.json()["state"]), (200, &json!("accepted")));
        let correction = accepted.json()["correction_id"].as_str().unwrap().to_owned();
        assert_eq!(accepted.header_text("location"), format!("/v1/corrections/{correction}"));
        assert_eq!(world.send("GET", &format!("/v1/corrections/{correction}"), &viewer, None).json()["kind"], "merge");
        assert_eq!(act(&one, "accept", &product, None).status, 409);
        assert_eq!(world.send("POST", &format!("/v1/corrections/{correction}/undo"), &product, None).status, 200);

        assert_eq!(act(&other, "reject", &product, Some(&json!({ "reason": "" }))).status, 422);
        let rejected = act(&other, "reject", &product, Some(&json!({ "reason": "Two promises" }))).json();
        assert_eq!((&rejected["state"], &rejected["reason"]), (&json!("rejected"), &json!("Two promises")));
        assert_eq!(act(&other, "reject", &product, None).status, 409);
        let open = list("?state=open").json()["data"].as_array().unwrap().clone();
        assert!(
            !open.is_empty() && open.iter().all(|p| p["id"] != one.as_str() && p["id"] != other.as_str()),
            "{open:?}"
        );
    });
}

#[test]
fn granularity_is_explained_and_previewed_and_large_themes_show_sub_themes() {
    on_each_world(|world| {
        let (viewer, product) = (world.token(Role::Viewer), world.token(Role::Product));
        let address = format!("/v1/products/{DEFAULT_PRODUCT}");
        let get = |path: &str| world.send("GET", path, &viewer, None);
        let granularity = || get(&format!("{address}/granularity")).json();
        let preview = |query: &str| get(&format!("{address}/granularity/preview{query}"));
        let early = preview("");
        assert_eq!((early.status, &early.json()["complete"]), (200, &json!(false)), "nothing is loaded yet");

        let open = granularity();
        assert_eq!((&open["setting"], &open["chosen"], &open["chosen_at"]), (&json!(0.0), &json!(1.0), &Value::Null));
        assert!(open["because"].as_str().unwrap().contains("20 different texts"), "{open}");
        let mut job = grouped(world);
        let chosen = granularity();
        // Noise is set aside, and is in no theme.
        let grouped = world.send("GET", "/v1/feedback?state=set_aside&limit=200", &viewer, None).json();
        let items = 240 - grouped["data"].as_array().unwrap().len();
        assert_eq!((&chosen["items"], chosen["candidates"].as_array().unwrap().len()), (&json!(items), 17), "{chosen}");
        let (best, told) = (&chosen["candidates"][0], chosen["because"].as_str().unwrap());
        assert_eq!(chosen["chosen"], best["granularity"]);
        assert!(
            best["by_chance"].as_f64().unwrap() > 0.0 && told.contains(&format!("settings tried on {items} items")),
            "{chosen}"
        );
        let set = json!({ "settings": { "granularity": 4 } });
        assert_eq!(world.send("PATCH", &address, &product, Some(&set)).status, 200);
        let fixed = granularity();
        assert_eq!((&fixed["setting"], &fixed["chosen"]), (&json!(4.0), &json!(4.0)));

        let all = preview("").json();
        assert_eq!(
            (all["data"].as_array().unwrap().len(), &all["complete"], &all["items"]),
            (9, &json!(true), &json!(items))
        );
        let themes = |n: usize| all["data"][n]["themes"].as_i64().unwrap();
        assert!(themes(0) < themes(4), "finer settings give more themes: {all}");
        let two = preview("?granularity=4,1").json();
        assert_eq!((&two["data"][0], &two["data"][1]), (&all["data"][3], &all["data"][1]));
        for wrong in ["0", "129", "a", "1,,2", "-1"] {
            assert_eq!(preview(&format!("?granularity={wrong}")).status, 422, "{wrong}");
        }
        let running = world.app().groups.begin_preview(DEFAULT_PRODUCT).unwrap();
        let busy = preview("");
        assert_eq!((busy.status, busy.header_text("retry-after")), (503, "5"));
        drop(running);
        assert_eq!(preview("?granularity=1").status, 200);

        // A coarse setting gives themes that fall into parts.
        let coarse = json!({ "settings": { "granularity": 0.5 } });
        assert_eq!(world.send("PATCH", &address, &product, Some(&coarse)).status, 200);
        job.refine_now(DEFAULT_PRODUCT, Kind::Cold).unwrap();
        job.run_until_idle().unwrap();
        let parts = by_size(world).into_iter().find_map(|(theme, members)| {
            let parts = get(&format!("/v1/themes/{theme}/sub-themes")).json();
            (!parts["data"].as_array().unwrap().is_empty()).then_some((members, parts))
        });
        let (members, parts) = parts.expect("a theme with parts");
        let parts = parts["data"].as_array().unwrap();
        let ids = |part: &Value, field: &str| -> Vec<Id> { serde_json::from_value(part[field].clone()).unwrap() };
        assert!(parts.len() > 1);
        for part in parts {
            let (items, quotes) = (ids(part, "feedback_ids"), ids(part, "quotes"));
            assert!(!part["label"].as_str().unwrap().is_empty() && part["item_count"] == json!(items.len()), "{part}");
            assert!(items.len() >= 3 && items.iter().all(|id| members.contains(id)));
            assert!(!quotes.is_empty() && quotes.iter().all(|id| items.contains(id)));
        }
        let small = by_size(world).pop().unwrap().0;
        assert_eq!(
            get(&format!("/v1/themes/{small}/sub-themes")).json(),
            json!({ "data": [], "next_cursor": null, "complete": true })
        );

        let runs = get(&format!("{address}/refinements?limit=1"));
        let run = &runs.json()["data"][0];
        assert_eq!((&run["kind"], &run["granularity"], &run["items"]), (&json!("cold"), &json!(0.5), &json!(items)));
        assert!(run["agreement"].as_f64().unwrap() < 1.0 && run["moved"].as_i64().unwrap() > 0, "{run}");
        assert!(run["themes_before"].as_i64() > Some(1) && run["themes_before"] != run["themes_after"], "{run}");
        let cursor = runs.json()["next_cursor"].as_str().unwrap().to_owned();
        let before = get(&format!("{address}/refinements?cursor={cursor}")).json();
        assert_eq!(before["data"][0]["granularity"], chosen["chosen"], "the one that so many items called for");
    });
}

/// The number of themes with several items, and of items that are alone in one or have none.
fn sizes(world: &World) -> (usize, usize) {
    let themes = by_size(world);
    let ungrouped =
        world.send("GET", "/v1/feedback?state=ungrouped&limit=200", &world.token(Role::Viewer), None).json();
    let single = themes.iter().filter(|(_, items)| items.len() == 1).count();
    let several = themes.iter().filter(|(_, items)| items.len() > 1).count();
    (several, single + ungrouped["data"].as_array().unwrap().len())
}

#[test]
fn a_changed_granularity_takes_effect_at_once_and_gives_what_was_previewed() {
    on_each_world(|world| {
        let (product, viewer) = (world.token(Role::Product), world.token(Role::Viewer));
        let address = format!("/v1/products/{DEFAULT_PRODUCT}");
        let get = |path: &str| world.send("GET", &format!("{address}{path}"), &viewer, None).json();
        // Below 200 items and above.
        for count in [110, 240] {
            let mut job = grouped_to(world, count);
            for g in [8.0, 2.0, 0.5] {
                let seen = get(&format!("/granularity/preview?granularity={g}"))["data"][0].clone();
                let set = json!({ "settings": { "granularity": g } });
                assert_eq!(world.send("PATCH", &address, &product, Some(&set)).status, 200);
                assert_eq!(get("/granularity")["refinement_due"], json!(true), "{count} items at {g}");
                job.run_until_idle().unwrap();
                assert_eq!(get("/granularity")["refinement_due"], json!(false), "{count} items at {g}");
                let run = get("/refinements?limit=1")["data"][0].clone();
                assert_eq!((&run["kind"], &run["granularity"]), (&json!("cold"), &json!(g)), "{run}");
                let (several, alone) = sizes(world);
                assert_eq!((&seen["themes"], &seen["alone"]), (&json!(several), &json!(alone)), "{count} items at {g}");
            }
        }
    });
}

#[test]
fn a_refinement_can_be_asked_for_once_and_goes_before_what_waits() {
    on_each_world(|world| {
        let mut job = grouped_to(world, 60);
        let (product, developer) = (world.token(Role::Product), world.token(Role::Developer));
        let address = format!("/v1/products/{DEFAULT_PRODUCT}/refinements");
        let runs = || {
            let all = world.send("GET", &address, &developer, None).json();
            all["data"].as_array().unwrap().iter().filter(|run| run["kind"] == "cold").count()
        };
        let before = runs();
        assert_eq!(world.send("POST", &address, &developer, None).status, 403);
        let wrong = world.send("POST", &address, &product, Some(&json!({ "kind": "warm" })));
        assert_eq!(wrong.status, 422, "{}", wrong.body);
        assert_eq!(world.send("POST", &format!("/v1/products/{}/refinements", Id::next()), &product, None).status, 404);
        for _ in 0..3 {
            let asked = world.send("POST", &address, &product, None);
            let expected = json!({ "product_id": DEFAULT_PRODUCT, "kind": "cold", "due": true });
            assert_eq!((asked.status, asked.json()), (202, expected));
        }
        // Feedback that waits to be grouped does not hold it up.
        file_to(world, 60..90);
        job.step().unwrap();
        assert_eq!(runs(), before + 1);
        job.run_until_idle().unwrap();
        assert_eq!(runs(), before + 1, "asked three times, run once");
        assert_eq!(world.send("POST", &address, &product, None).status, 202);
        job.run_until_idle().unwrap();
        assert_eq!(runs(), before + 2);
    });
}
