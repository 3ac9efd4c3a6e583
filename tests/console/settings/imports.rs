//! The import assistant without scripts: upload, columns, mapping, dry run, import; and the list of imports.

use hearback::domain::team::Role;
use serde_json::json;

use super::super::visitor::Visitor;
use crate::support::{Answer, on_each_world};

/// Uploads a file by the form, as a browser does.
fn upload(visitor: &mut Visitor<'_>, file: &[u8]) -> Answer {
    let mut body = b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n".to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let cookies: Vec<String> = visitor.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = visitor.world.open("POST", "/console/settings/import").header("Cookie", &cookies.join("; "));
    let request =
        request.header("Content-Type", "multipart/form-data; boundary=b").header("Sec-Fetch-Site", "same-origin");
    request.body(body).send()
}

/// The form of the columns as the page shows it, with one choice changed, and what is pressed.
fn mapped<'a>(columns: &'a [(&'a str, &'a str, &'a str)], act: &'a str) -> Vec<(&'a str, &'a str)> {
    let fields =
        columns.iter().flat_map(|(column, guess, field)| [("column", *column), ("guessed", *guess), ("field", *field)]);
    fields.chain([("act", act)]).collect()
}

const FILE: &str =
    "Words,Mail,Colour\nThe refund is late,a@example.com,red\n환불이 늦어요,b@example.com,blue\n,c@example.com,green\n";

#[test]
fn a_file_is_looked_at_mapped_tried_and_imported() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Support);
        assert!(visitor.read("/console/settings/import").contains("multipart/form-data"));
        let sent = upload(&mut visitor, FILE.as_bytes());
        assert_eq!(sent.status, 303, "{sent:?}");
        let at = sent.header_text("location").to_owned();
        let page = visitor.read(&at);
        for shown in ["Words", "Mail", "Colour", "The refund is late", "환불이 늦어요", "blue"] {
            assert!(page.contains(shown), "{shown}: {page}");
        }
        assert!(page.contains("can&#39;t be read like this"), "no column is known to hold the text: {page}");

        let columns = [("Words", "", "text"), ("Mail", "", "customer.email"), ("Colour", "", "*")];
        assert_eq!(visitor.submit(&at, &mapped(&columns, "look")).status, 303);
        let page = visitor.read(&at);
        assert!(page.contains("<option value=\"customer.email\" selected>"), "{page}");
        assert!(page.contains("The first rows, as they will be read") && page.contains("fields.Colour"), "{page}");

        let twice = [("Words", "", "text"), ("Mail", "", "text"), ("Colour", "", "")];
        let refused = visitor.submit(&at, &mapped(&twice, "look"));
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("#columns"), "{}", refused.body);

        let tried = visitor.submit(&at, &mapped(&columns, "dry"));
        assert_eq!(tried.status, 303, "{tried:?}");
        let dry = tried.header_text("location").to_owned();
        assert!(visitor.read(&dry).contains("data-progress"), "it is waiting");
        world.step_until_idle("imports");
        let page = visitor.read(&dry);
        assert!(page.contains("Dry run: nothing is filed") && page.contains("Import it now"), "{page}");
        assert_eq!(world.read("/v1/feedback")["data"].as_array().map(Vec::len), Some(0), "nothing is filed");

        let gone = visitor.submit(&format!("{at}/go"), &[]);
        assert_eq!(gone.status, 303, "{gone:?}");
        world.step_until_idle("imports");
        let import = gone.header_text("location").to_owned();
        let page = visitor.read(&import);
        assert!(page.contains("The import has begun") && page.contains("customer: e-mail"), "{page}");
        let filed = world.read("/v1/feedback");
        let texts: Vec<&str> =
            filed["data"].as_array().expect("feedback").iter().filter_map(|item| item["text"].as_str()).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert_eq!(filed["data"][0]["fields"]["Colour"], "blue", "{filed}");
        let list = visitor.read("/console/settings/imports");
        assert!(list.contains("dry run") && list.contains("done"), "{list}");
        assert_eq!(visitor.get(&at).status, 410, "it is imported");
        assert_eq!(visitor.submit(&format!("{at}/go"), &[]).status, 410, "once");
    });
}

#[test]
fn rejected_rows_are_listed_with_their_reasons_and_downloaded() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let at = upload(&mut visitor, b"text,product\nfine,HB\nbad,NOPE\n").header_text("location").to_owned();
        let gone = visitor.submit(&format!("{at}/go"), &[]);
        world.step_until_idle("imports");
        let import = gone.header_text("location").to_owned();
        let page = visitor.read(&import);
        assert!(page.contains("Rejected rows") || page.contains("Warnings"), "{page}");
        let file = visitor.get(&format!("{import}/rejected.csv"));
        assert_eq!(file.status, 200);
        assert!(file.body.starts_with("\u{FEFF}row,code,reason"), "{}", file.body);
    });
}

#[test]
fn a_file_of_somebody_else_or_of_another_kind_is_refused_with_advice() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Support);
        let at = upload(&mut visitor, FILE.as_bytes()).header_text("location").to_owned();
        let mut other = Visitor::as_role(world, Role::Admin);
        assert_eq!(other.get(&at).status, 410, "the file is of who uploaded it");
        assert_eq!(other.submit(&format!("{at}/go"), &[]).status, 410);
        let workbook = upload(&mut visitor, b"PK\x03\x04 something").header_text("location").to_owned();
        assert!(visitor.read(&workbook).contains("save the sheet as CSV"), "what to do with a workbook");
        let empty = visitor.submit("/console/settings/import", &[]);
        assert_eq!(empty.status, 415);
        let wrong =
            [("column", "Words"), ("guessed", ""), ("field", "text"), ("encoding", "klingon"), ("rating_scale", "x")];
        let refused = visitor.submit(&at, &wrong);
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains("#rating_scale"), "{}", refused.body);
        world.clock().advance(2 * 3_600 * hearback::domain::base::Time::SECOND);
        assert_eq!(visitor.get(&at).status, 410, "after its time it is gone");
        assert_eq!(Visitor::as_role(world, Role::Viewer).get("/console/settings/import").status, 403);
    });
}

#[test]
fn a_large_file_arrives_whole() {
    on_each_world(|world| {
        let mut visitor = Visitor::as_role(world, Role::Admin);
        let mut file = String::from("text,external_id\n");
        for n in 0..12_000 {
            file += &format!("The refund number {n} is still not here after two weeks of waiting,{n}\n");
        }
        let at = upload(&mut visitor, file.as_bytes()).header_text("location").to_owned();
        let page = visitor.read(&at);
        assert!(page.contains(&format!("{} bytes", file.len())), "{page}");
        let tried = visitor
            .submit(&at, &mapped(&[("text", "text", "text"), ("external_id", "external_id", "external_id")], "dry"));
        let dry = tried.header_text("location").to_owned();
        world.step_until_idle("imports");
        let id = dry.rsplit('=').next().expect("an id");
        let counts = world.read(&format!("/v1/imports/{id}"));
        assert_eq!((&counts["read"], &counts["created"]), (&json!(12_000), &json!(12_000)), "{counts}");
    });
}
