//! Proposals, the map and granularity, without scripts.

use hearback::domain::base::{Id, Time};
use hearback::domain::team::{DEFAULT_PRODUCT, Role};
use hearback::domain::themes::{NearestPair, ProposalKind, ProposalNumbers, Proposed, Refinement, RefinementKind};
use hearback::jobs::themes::grouping::Grouping;
use hearback::store::Tx;
use hearback::store::themes::{proposals, refinements, rows};
use serde_json::json;

use super::visitor::{Visitor, hidden};
use crate::support::{World, on_each_world};

/// What the engine proposes, as after a refinement.
fn propose(world: &World, proposed: Proposed, numbers: ProposalNumbers) -> Id {
    let product = world.product.id;
    let work = move |tx: &mut Tx<'_>| {
        let done = Refinement {
            id: Id::next(),
            product_id: product,
            kind: RefinementKind::Cold,
            items: 9,
            themes_before: 2,
            themes_after: 1,
            moved: 0,
            held_back: 3,
            granularity: 1.0,
            agreement: 1.0,
            created_at: tx.now,
        };
        refinements::insert(tx, &done, "builtin", None)?;
        proposals::insert(tx, product, done.id, &proposed, &numbers)
    };
    world.write(work).expect("a proposal")
}

#[test]
fn a_proposal_is_shown_side_by_side_accepted_and_undone() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Product);
        assert!(visitor.read("/console/themes/proposals").contains("Nothing to decide"));
        let (one, other) = (world.new_theme("Late refunds"), world.new_theme("Refund missing"));
        let said = world.customers_say(one, &["a", "b"], json!({ "text": "Where is my refund" }));
        let there = world.customers_say(other, &["c", "d", "e"], json!({ "text": "My refund is missing" }));
        world.write(move |tx| rows::refresh_counts(tx, &[one, other])).expect("counts");
        let merge = Proposed { kind: ProposalKind::Merge, theme: one, other: Some(other), items: Vec::new() };
        let pair = NearestPair { feedback_id: said[0], other_feedback_id: there[0] };
        let numbers = ProposalNumbers {
            moving: 2,
            theme_size: 2,
            alike: Some(0.93),
            nearest: vec![pair],
            ..ProposalNumbers::default()
        };
        let id = propose(world, merge, numbers);
        let listed = visitor.read("/console/themes");
        assert!(listed.contains("Proposals <span class=\"count\">1</span>"), "{listed}");
        let page = visitor.read("/console/themes/proposals");
        for expected in [
            "Merge two themes",
            "Before",
            "After",
            "as to its own to 93%",
            "Where is my refund",
            "My refund is missing",
            "5 pieces of feedback",
        ] {
            assert!(page.contains(expected), "{expected}: {page}");
        }
        let accepted = visitor.submit(&format!("/console/proposals/{id}/accept"), &[]);
        assert_eq!(accepted.header_text("location"), "/console/themes/proposals", "{accepted:?}");
        assert_eq!(world.read(&format!("/v1/themes/{other}"))["size"], 5);
        let page = visitor.read("/console/themes/proposals");
        assert!(page.contains("The proposal was carried out.") && page.contains("Nothing to decide"), "{page}");
        let undone = visitor.submit(
            "/console/undo",
            &[("correction", &hidden(&page, "correction")), ("back", "/console/themes/proposals")],
        );
        assert_eq!(undone.header_text("location"), "/console/themes/proposals");
        assert_eq!(world.read(&format!("/v1/themes/{other}"))["size"], 3);
        let again = visitor.submit(&format!("/console/proposals/{id}/accept"), &[]);
        assert_eq!(again.status, 409);
        assert!(again.body.contains("It is accepted already."), "{}", again.body);
    });
}

#[test]
fn a_proposed_move_shows_what_would_move_and_is_rejected() {
    on_each_world(|world| {
        let (one, other) = (world.new_theme("Late refunds"), world.new_theme("Cards"));
        let said = world.customers_say(one, &["a", "b", "c"], json!({ "text": "Where is my refund" }));
        world.customers_say(other, &["d"], json!({ "text": "My card" }));
        world.write(move |tx| rows::refresh_counts(tx, &[one, other])).expect("counts");
        let items = vec![said[0]];
        let split = Proposed { kind: ProposalKind::Move, theme: one, other: Some(other), items };
        let numbers = ProposalNumbers { moving: 1, theme_size: 3, ..ProposalNumbers::default() };
        let id = propose(world, split, numbers);
        let mut viewer = Visitor::as_role(world, Role::Viewer);
        let page = viewer.read("/console/themes/proposals");
        assert!(page.contains("Move 1 piece of feedback to another theme") && page.contains("Would move"), "{page}");
        assert!(page.contains("1 of 3 pieces of feedback came out there") && !page.contains("/accept\""), "{page}");
        let mut visitor = Visitor::as_role(world, Role::Product);
        assert_eq!(visitor.submit(&format!("/console/proposals/{id}/reject"), &[]).status, 303);
        let page = visitor.read("/console/themes/proposals");
        assert!(page.contains("will not be made again") && page.contains("Nothing to decide"), "{page}");
        assert_eq!(visitor.submit(&format!("/console/proposals/{id}/reject"), &[]).status, 409);
    });
}

#[test]
fn what_belongs_to_an_archived_product_is_neither_proposed_nor_offered() {
    on_each_world(|world| {
        let old = world.with_new_product(Some("OLD"));
        let (one, other) = (old.new_theme("Late refunds"), old.new_theme("Refund missing"));
        old.customers_say(one, &["a"], json!({ "text": "Where is my refund" }));
        let merge = Proposed { kind: ProposalKind::Merge, theme: one, other: Some(other), items: Vec::new() };
        propose(&old, merge, ProposalNumbers { moving: 1, theme_size: 1, ..ProposalNumbers::default() });
        let mut visitor = Visitor::as_role(world, Role::Product);
        assert!(visitor.read("/console/themes").contains("Proposals <span class=\"count\">1</span>"));
        assert!(!visitor.read("/console/themes/proposals").contains("Nothing to decide"));
        assert_eq!(world.post(&format!("/v1/products/{}/archive", old.product.id), json!({})).status, 200);
        assert!(!visitor.read("/console/themes").contains("Proposals <span class=\"count\">1</span>"));
        assert!(visitor.read("/console/themes/proposals").contains("Nothing to decide"));
        let count = |query: &str| world.ids(&format!("/v1/proposals{query}")).len();
        assert_eq!((count(""), count("?archived=true"), count("?archived=false")), (1, 1, 0));
        for page in ["map", "granularity"] {
            let offers = |visitor: &mut Visitor<'_>, query: &str| {
                visitor.read(&format!("/console/themes/{page}{query}")).contains("value=\"OLD\"")
            };
            assert!(!offers(&mut visitor, ""), "{page}");
            assert!(offers(&mut visitor, "?product=OLD"), "{page}: what is shown is offered too");
        }
    });
}

/// The first texts of the sample, grouped by the engine.
fn grouped(world: &World) {
    let options = hearback::outside::import::ReadOptions::default();
    let sample = include_str!("../../examples/feedback.csv").as_bytes();
    let rows = hearback::outside::import::read(sample, &options).expect("the sample");
    for row in rows.take(100) {
        let said = row.expect("a row").content.expect("a content");
        world.done("/v1/feedback", json!({ "text": said["text"] }));
    }
    world.clock().advance(16 * Time::SECOND);
    let mut job = Grouping::new(world.store().clone(), world.app().groups.clone());
    job.load().expect("a state");
    job.run_until_idle().expect("groups");
}

#[test]
fn themes_are_on_a_map_with_their_neighbours() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Viewer);
        let page = visitor.read("/console/themes/map");
        assert!(page.contains("still being loaded"), "{page}");
        grouped(world);
        let page = visitor.read("/console/themes/map");
        let map = world.read(&format!("/v1/products/{DEFAULT_PRODUCT}/theme-map"));
        let points = map["data"].as_array().expect("points");
        assert!(points.len() >= 2, "{map}");
        assert_eq!(page.matches("<circle").count(), points.len(), "{page}");
        assert_eq!(page.matches("<th scope=\"row\">").count(), points.len(), "the table has the same: {page}");
        for point in points {
            let within = |name: &str| point[name].as_f64().is_some_and(|value| (-1.0..=1.0).contains(&value));
            assert!(within("x") && within("y"), "{point}");
            assert!(page.contains(&format!("/console/themes/{}", point["theme"]["id"].as_str().expect("an id"))));
        }
        let theme = points[0]["theme"]["id"].as_str().expect("an id");
        let near = world.read(&format!("/v1/themes/{theme}/near"));
        let near = near["data"].as_array().expect("themes");
        assert!(near.iter().all(|one| one["theme"]["id"] != *theme), "{near:?}");
        let parts = visitor.read(&format!("/console/themes/{theme}/sub-themes"));
        assert!(parts.contains("does not fall into parts") || parts.contains("<summary>"), "{parts}");
    });
}

#[test]
fn granularity_is_explained_previewed_and_set() {
    on_each_world(|world| {
        grouped(world);
        let mut visitor = Visitor::as_role(world, Role::Product);
        let path = "/console/themes/granularity";
        let page = visitor.read(path);
        assert!(page.contains("Granularity now:") && page.contains("Show the preview"), "{page}");
        let page = visitor.read(&format!("{path}?preview=yes"));
        assert!(page.contains("What the themes of ") && page.contains("Use this"), "{page}");
        let key = hidden(&page, "product");
        let set =
            visitor.submit(path, &[("product", &key), ("granularity", "4"), ("version", &hidden(&page, "version"))]);
        assert_eq!(set.status, 303, "{set:?}");
        let page = visitor.read(set.header_text("location"));
        assert!(
            page.contains("A member set it for this product.") && page.contains("Let the feedback choose"),
            "{page}"
        );
        assert_eq!(world.read(&format!("/v1/products/{DEFAULT_PRODUCT}"))["settings"]["granularity"], 4.0);
        let stale = visitor.submit(path, &[("product", &key), ("granularity", "8"), ("version", "1")]);
        assert_eq!(stale.status, 412);
        assert_eq!(visitor.submit(path, &[("product", &key), ("granularity", "much")]).status, 422);
        assert_eq!(visitor.submit(path, &[("product", &key), ("granularity", "0")]).status, 303);
        let mut viewer = Visitor::as_role(world, Role::Viewer);
        assert!(!viewer.read(&format!("{path}?preview=yes")).contains("Use this"));
    });
}
