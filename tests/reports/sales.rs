//! The sales view of an account.

use hearback::domain::base::Time;
use serde_json::json;

use super::{ship, week};
use crate::support::on_each_world_with_mail;

#[test]
fn an_account_is_seen_as_asked_promised_shipped_and_told() {
    on_each_world_with_mail(|world| {
        world.settings(json!({ "recall_minutes": 0 }));
        let shipped = week(world);
        let path = format!("/v1/accounts/{}/sales", shipped.account);
        let view = world.read(&path);
        assert_eq!((view["customers"].clone(), view["feedback"].clone()), (json!(1), json!(1)), "{view}");
        assert_eq!(view["asked"][0]["title"], "Refunds say when they arrive", "{view}");
        world.go(shipped.story, "accepted");
        let due = world.now().plus(-Time::DAY);
        world.edit_story(shipped.story, None, json!({ "due_at": due })).unwrap();
        let view = world.read(&path);
        assert_eq!(view["promised"][0]["overdue"], true, "{view}");
        assert_eq!(view["asked"], json!([]));
        ship(world, shipped.story);
        let view = world.read(&path);
        let told = &view["shipped"][0]["told"];
        assert_eq!((told[0]["name"].clone(), told[0]["state"].clone()), (json!("Mina"), json!("told")), "{view}");
        assert_eq!(told.as_array().unwrap().len(), 1, "nobody of other accounts");
        let nobody = world.done("/v1/accounts", json!({ "name": "Empty" }))["id"].as_str().unwrap().to_owned();
        assert_eq!(world.read(&format!("/v1/accounts/{nobody}/sales"))["shipped"], json!([]));
        assert_eq!(world.get("/v1/accounts/00000000-0000-7000-8000-000000000000/sales").status, 404);
    });
}
