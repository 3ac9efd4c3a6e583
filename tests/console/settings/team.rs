//! An administrator's morning in the settings, without scripts: members, tokens, webhooks and products.

use hearback::domain::team::Role;
use serde_json::json;

use super::super::visitor::{PASSWORD, Visitor, hidden};
use crate::support::{on_each_world, on_each_world_with};

/// The value of the field with the secret.
fn secret(page: &str) -> String {
    let (_, rest) = page.split_once("id=\"secret\" readonly value=\"").unwrap_or_else(|| panic!("no secret in {page}"));
    rest.split('"').next().unwrap_or_default().replace("&#38;", "&")
}

/// The last part of an address.
fn id_of(address: &str) -> String {
    address.rsplit('/').next().unwrap_or_default().to_owned()
}

#[test]
fn a_person_is_invited_by_a_link_gets_another_role_and_is_deactivated() {
    on_each_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        let form = [("name", "하나"), ("email", "hana@example.com"), ("role", "support"), ("language", "ko")];
        let invited = admin.submit("/console/settings/members", &form);
        assert_eq!(invited.status, 201, "{invited:?}");
        let link = secret(&invited.body);
        let path = link.split_once("/console/").map(|(_, path)| format!("/console/{path}")).expect("a link");
        let mut hana = Visitor::new(world);
        assert!(hana.read(&path).contains("하나"));
        let joined = [("name", "하나"), ("password", PASSWORD), ("repeated", PASSWORD)];
        assert_eq!(hana.submit(&path, &joined).status, 303);

        let taken = admin.submit("/console/settings/members", &form);
        assert_eq!(taken.status, 422);
        assert!(taken.body.contains("href=\"#email\"") && taken.body.contains("value=\"하나\""), "{}", taken.body);

        let list = admin.read("/console/settings/members");
        let (before, _) = list.split_once("\" dir=\"auto\">하나").expect("the member");
        let member = id_of(before);
        let at = format!("/console/settings/members/{member}");
        let page = admin.read(&at);
        assert!(page.contains("hana@example.com") && page.contains("Sign out all devices"), "{page}");
        let version = hidden(&page, "version");
        let edit = |role, version| {
            vec![
                ("name", "하나"),
                ("email", "hana@example.com"),
                ("role", role),
                ("language", "ko"),
                ("version", version),
            ]
        };
        assert_eq!(admin.submit(&at, &edit("developer", &version)).status, 303);
        assert_eq!(world.read(&format!("/v1/members/{member}"))["role"], "developer");
        let stale = admin.submit(&at, &edit("viewer", &version));
        assert_eq!(stale.status, 422, "somebody changed the member meanwhile");
        assert!(stale.body.contains("<option value=\"viewer\" selected"), "what was chosen stays: {}", stale.body);
        assert_ne!(hidden(&stale.body, "version"), version);

        assert_eq!(hana.get("/console/settings/members").status, 200, "everybody sees who is in the team");
        assert_eq!(hana.submit(&at, &edit("admin", &version)).status, 403);
        assert!(
            !hana.read(&at).contains("<form method=\"post\" action=\"/console/settings/members"),
            "no acts are shown"
        );
        assert_eq!(admin.submit(&format!("{at}/devices"), &[]).status, 303);
        assert_eq!(hana.get("/console/backlog").status, 303, "signed out");
        hana.sign_in("hana@example.com", PASSWORD);
        assert_eq!(admin.submit(&format!("{at}/active"), &[("active", "false")]).status, 303);
        assert_eq!(hana.get("/console/backlog").status, 303, "and deactivated");
        assert!(admin.read(&at).contains("inactive"));
        assert_eq!(admin.submit(&format!("{at}/invitation"), &[]).status, 409, "no link for an inactive member");
        assert_eq!(admin.submit(&format!("{at}/active"), &[("active", "true")]).status, 303);
        let again = admin.submit(&format!("{at}/invitation"), &[]);
        assert!(secret(&again.body).contains("/console/invite/"));
    });
}

#[test]
fn a_token_is_shown_once_works_and_is_revoked() {
    on_each_world(|world| {
        let mut admin = Visitor::as_role(world, Role::Admin);
        let form = [("name", "zendesk <1>"), ("role", "support"), ("member_id", ""), ("expires_at", "30")];
        let made = admin.submit("/console/settings/tokens", &form);
        assert_eq!(made.status, 201, "{made:?}");
        let token = secret(&made.body);
        assert_eq!(world.send("GET", "/v1/feedback", &token, None).status, 200);
        let list = admin.read("/console/settings/tokens");
        assert!(list.contains("zendesk &#60;1&#62;") && !list.contains(&token), "the secret is shown once: {list}");
        let (before, _) = list.split_once("/revoke\"").expect("a form");
        let id = id_of(before);
        assert_eq!(admin.submit(&format!("/console/settings/tokens/{id}/revoke"), &[]).status, 303);
        assert_eq!(world.send("GET", "/v1/feedback", &token, None).status, 401);
        assert!(admin.read("/console/settings/tokens").contains("revoked"));
        let wrong = admin.submit("/console/settings/tokens", &[("name", ""), ("role", "king"), ("expires_at", "soon")]);
        assert_eq!(wrong.status, 422);
        for field in ["#name", "#role", "#expires_at"] {
            assert!(wrong.body.contains(&format!("href=\"{field}\"")), "{field}: {}", wrong.body);
        }
        let mut product = Visitor::as_role(world, Role::Product);
        assert_eq!(product.get("/console/settings/tokens").status, 403);
        assert!(!product.read("/console/settings/products").contains("/console/settings/tokens"), "nor is it listed");
    });
}

#[test]
fn a_webhook_is_created_tested_looked_at_and_deleted() {
    on_each_world_with(
        |config| config.allow_private_addresses = true,
        |world| {
            let mut admin = Visitor::as_role(world, Role::Admin);
            let form = [("url", "http://127.0.0.1:9/hook"), ("events", "story.*\nrelease.shipped"), ("format", "full")];
            let made = admin.submit("/console/settings/webhooks", &form);
            assert_eq!(made.status, 201, "{made:?}");
            assert!(secret(&made.body).starts_with("whsec_"));
            let list = admin.read("/console/settings/webhooks");
            assert!(list.contains("story.*, release.shipped"), "{list}");
            let (before, _) = list.split_once("\">http://127.0.0.1:9/hook").expect("the webhook");
            let at = format!("/console/settings/webhooks/{}", id_of(before));
            assert_eq!(admin.submit(&format!("{at}/test"), &[]).status, 303);
            let page = admin.read(&at);
            assert!(page.contains("webhook.test") && page.contains("waiting"), "{page}");
            let (_, rest) = page.split_once("/console/settings/deliveries/").expect("a delivery");
            let delivery = format!("/console/settings/deliveries/{}", rest.split('"').next().expect("an id"));
            assert!(admin.read(&delivery).contains("&#34;type&#34;: &#34;webhook.test&#34;"));
            let again = admin.submit(&format!("{delivery}/replay"), &[]);
            assert_eq!(again.status, 303, "{again:?}");
            assert!(admin.read(&at).contains("sent again"));
            assert!(admin.read(&format!("{at}?state=dead")).contains("Nothing was sent yet"));
            assert_eq!(admin.get(&format!("{at}?state=lost")).status, 422);

            let version = hidden(&page, "version");
            let edit =
                |url| vec![("url", url), ("events", "no.such"), ("format", "event"), ("version", version.as_str())];
            let wrong = admin.submit(&at, &edit("ftp://nowhere"));
            assert_eq!(wrong.status, 422);
            assert!(wrong.body.contains("href=\"#url\"") && wrong.body.contains("href=\"#events\""), "{}", wrong.body);
            assert!(secret(&admin.submit(&format!("{at}/rotate"), &[]).body).starts_with("whsec_"));
            assert_eq!(admin.submit(&format!("{at}/disable"), &[]).status, 303);
            assert!(admin.read(&at).contains("disabled"));
            assert_eq!(admin.submit(&format!("{at}/enable"), &[]).status, 303);
            assert_eq!(admin.submit(&format!("{at}/delete"), &[]).status, 303);
            assert_eq!(admin.get(&at).status, 404);
        },
    );
}

#[test]
fn a_product_is_created_and_all_its_settings_are_one_form() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Product);
        let made =
            visitor.submit("/console/settings/products", &[("name", "Paylo"), ("key", "pay"), ("currency", "krw")]);
        assert_eq!((made.status, made.header_text("location")), (303, "/console/settings/products/PAY"), "{made:?}");
        let twice =
            visitor.submit("/console/settings/products", &[("name", "Other"), ("key", "PAY"), ("currency", "USD")]);
        assert_eq!(twice.status, 422);
        assert!(twice.body.contains("Key is taken already"), "{}", twice.body);

        let at = "/console/settings/products/PAY";
        let page = visitor.read(at);
        let version = hidden(&page, "version");
        let mut form: Vec<(&str, &str)> = vec![
            ("version", version.as_str()),
            ("name", "Paylo 2"),
            ("currency", "KRW"),
            ("settings/granularity", "2,5"),
            ("settings/draft_customers", "4"),
            ("settings/draft_items", "6"),
            ("settings/response_days", "3"),
            ("settings/recall_minutes", "0"),
            ("settings/settle_minutes", "45"),
            ("settings/hand_off_minutes", "20"),
            ("settings/reminder_days", "7"),
            ("settings/expiry_days", "30"),
            ("settings/reopen_threshold", "1"),
            ("settings/recurrence_threshold", "3"),
            ("settings/score_weights/detractors", "0.5"),
            ("settings/score_weights/account_value", "0"),
            ("settings/tell_roll_back", "always"),
            ("settings/unshipped_release", "hold"),
            ("settings/production_environment", "live"),
            ("settings/done_branches", "main\nrelease/*"),
            ("settings/time_zone", "Asia/Seoul"),
            ("settings/days_off", "2026-02-17\r\n2026-09-25, 2026-12-25"),
            ("settings/train/every_weeks", "2"),
            ("settings/train/weekday", "tuesday"),
            ("settings/train/starts_on", "2026-01-05"),
            ("settings/gates", "security | Security review | ready\nlaw | 법무 검토 | released"),
        ];
        assert_eq!(visitor.submit(at, &form).status, 303);
        let saved = world.read("/v1/products?limit=200")["data"].as_array().expect("products").clone();
        let saved = saved.iter().find(|product| product["key"] == "PAY").expect("the product").clone();
        assert_eq!(saved["name"], "Paylo 2");
        let settings = &saved["settings"];
        assert_eq!((&settings["granularity"], &settings["public_changelog"]), (&json!(2.5), &json!(false)));
        assert_eq!(settings["train"], json!({ "every_weeks": 2, "weekday": "tuesday", "starts_on": "2026-01-05" }));
        assert_eq!(settings["gates"][1], json!({ "key": "law", "title": "법무 검토", "stage": "released" }));
        assert_eq!(settings["done_branches"], json!(["main", "release/*"]));
        assert_eq!(settings["time_zone"], "Asia/Seoul");
        assert_eq!(settings["days_off"], json!(["2026-02-17", "2026-09-25", "2026-12-25"]));
        let page = visitor.read(at);
        assert!(page.contains("law | 법무 검토 | released") && page.contains("value=\"2.5\""), "{page}");

        let version = hidden(&page, "version");
        form[0].1 = &version;
        for (name, value) in &mut form {
            match *name {
                "settings/draft_customers" => *value = "many",
                "settings/gates" => *value = "only a key",
                _ => {}
            }
        }
        let wrong = visitor.submit(at, &form);
        assert_eq!(wrong.status, 422);
        for kept in ["href=\"#settings-draft_customers\"", "value=\"many\"", "only a key", "href=\"#settings-gates\""] {
            assert!(wrong.body.contains(kept), "{kept}: {}", wrong.body);
        }
        let mut viewer = Visitor::as_role(world, Role::Viewer);
        assert!(viewer.read(at).contains("<fieldset disabled>"), "a viewer may look");
        assert_eq!(viewer.get("/console/settings/products/NOPE").status, 404);
        assert_eq!(viewer.get("/console/settings").header_text("location"), "/console/settings/products");
    });
}
