//! Updates: the schema of every earlier step goes on to the present one with its rows, and a program works with a database
//! that a newer one has migrated.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hearback::domain::base::Id;
use hearback::store::health::drift::{Drift, drift};

use crate::support::{Database, Kind, World, command, on_each_empty};

/// The migrations of a database: its name and its SQL, in order.
fn migrations(kind: Kind) -> BTreeMap<String, String> {
    let own = if kind == Kind::Sqlite { "sqlite" } else { "postgres" };
    let mut all = BTreeMap::new();
    for database in ["common", own] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let sql = fs::read_to_string(path.join("up.sql")).unwrap();
            all.insert(path.file_name().unwrap().to_string_lossy().into_owned(), sql);
        }
    }
    all
}

/// The version of a migration, as it is noted when it has run.
fn version(name: &str) -> String {
    name.split('_').next().unwrap().replace('-', "")
}

/// Rows as the first version inserted them, with the columns that it knew.
fn rows_of_the_first_version(kind: Kind, n: usize) -> String {
    let id = |id: Id| match kind {
        Kind::Sqlite => format!("X'{}'", id.0.simple()),
        Kind::Postgres => format!("'{id}'"),
    };
    let (at, yes) = match kind {
        Kind::Sqlite => ("1764000000123456".to_owned(), "1"),
        Kind::Postgres => ("'2025-11-24T16:00:00Z'".to_owned(), "TRUE"),
    };
    let factor = r#"{"value":1.0,"source":"derived","because":"assumed"}"#;
    let factors = ["reach", "impact", "confidence", "effort"].map(|name| format!("\"{name}\":{factor}"));
    let factors = format!("{{{}}}", factors.join(","));
    let [product, account, customer, member, theme, feedback, story, correction] = [(); 8].map(|()| id(Id::next()));
    let bytes = if kind == Kind::Sqlite { format!("X'{n:04x}'") } else { format!("'\\x{n:04x}'") };
    format!(
        "INSERT INTO products (id, key, name, currency, settings, created_at, updated_at)
             VALUES ({product}, 'P{n}', 'Paylo {n}', 'USD', '{{}}', {at}, {at});
         INSERT INTO accounts (id, name, name_folded, created_at, updated_at)
             VALUES ({account}, 'Blue Bakery {n}', 'blue bakery {n}', {at}, {at});
         INSERT INTO customers (id, account_id, name, email, email_folded, created_at, updated_at)
             VALUES ({customer}, {account}, 'Kim {n}', 'kim{n}@example.com', 'kim{n}@example.com', {at}, {at});
         INSERT INTO customer_identities (origin, external_id, customer_id) VALUES ('crm', 'c{n}', {customer});
         INSERT INTO members (id, name, email, email_folded, role, language, created_at, updated_at)
             VALUES ({member}, 'Mina {n}', 'mina{n}@example.com', 'mina{n}@example.com', 'support', 'en', {at}, {at});
         INSERT INTO tokens (id, name, role, member_id, hash, created_at)
             VALUES ({token}, 'token {n}', 'viewer', {member}, {bytes}, {at});
         INSERT INTO themes (id, product_id, label, created_at, updated_at)
             VALUES ({theme}, {product}, 'refunds {n}', {at}, {at});
         INSERT INTO feedback (id, product_id, customer_id, theme_id, similarity, state, text, source, origin, external_id,
                               occurred_at, tags, fields, created_at, updated_at)
             VALUES ({feedback}, {product}, {customer}, {theme}, 0.9, 'grouped', 'The refund {n} has not arrived', 'other',
                     'old', 'f{n}', {at}, '[]', '{{}}', {at}, {at});
         INSERT INTO stories (id, product_id, number, title, as_a, i_want, so_that, stage, drafted_by, factors, score,
                              created_at, updated_at)
             VALUES ({story}, {product}, 1, 'Refunds {n}', 'customer', 'a refund', 'I have it', 'draft', 'builtin',
                     '{factors}', 1.0, {at}, {at});
         INSERT INTO story_themes (story_id, theme_id) VALUES ({story}, {theme});
         INSERT INTO corrections (id, product_id, kind, theme_id, created_at)
             VALUES ({correction}, {product}, 'rename', {theme}, {at});
         INSERT INTO correction_items (correction_id, feedback_id, to_theme_id, was_pinned)
             VALUES ({correction}, {feedback}, {theme}, {yes});
         INSERT INTO events (at, actor, kind, subject_id, product_id, data)
             VALUES ({at}, 'system', 'feedback.created', {feedback}, {product}, '{{}}');
         INSERT INTO leases (name, holder, fence, expires_at) VALUES ('lease {n}', 'old', 1, {at});",
        token = id(Id::next()),
    )
}

/// Runs the migrations one by one as earlier versions did, and writes rows of the first version after each.
fn walk(database: &Database) -> usize {
    let mut open = database.run(
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)",
    );
    let all = migrations(database.kind);
    for (n, (name, sql)) in all.iter().enumerate() {
        let noted = format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{}')", version(name));
        open.run(&format!("BEGIN; {sql}; {noted}; COMMIT"));
        open.run(&format!("BEGIN; {}; COMMIT", rows_of_the_first_version(database.kind, n)));
    }
    all.len()
}

#[test]
fn rows_of_every_earlier_schema_are_there_in_the_present_one() {
    on_each_empty(|database| {
        let steps = walk(&database);
        let world = World::in_process(database);
        assert_eq!(world.store().read_now(drift).unwrap(), Drift::default());
        let found = world.walk("/v1/feedback?origin=old&limit=200", || ());
        let mut texts: Vec<&str> = found.iter().map(|row| row["text"].as_str().unwrap()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), steps);
        for row in &found {
            assert_eq!(row["state"], "grouped", "{row}");
            assert!(row["customer"]["account"]["name"].as_str().unwrap().starts_with("Blue Bakery"), "{row}");
        }
        for path in ["/v1/products", "/v1/stories?limit=200"] {
            assert!(world.walk(path, || ()).len() >= steps, "{path}");
        }
        // The index of words was made for them.
        assert_eq!(world.walk("/v1/feedback?q=refund&limit=200", || ()).len(), steps);
    });
}

#[test]
fn a_program_goes_on_with_a_database_that_a_newer_one_has_migrated() {
    on_each_empty(|database| {
        let run = |act: &str| {
            let output = command(database.folder(), &database.url).arg(act).output().unwrap();
            let said =
                [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            (output.status.success(), said)
        };
        assert!(run("migrate").0);
        let (_, said) = run("doctor");
        assert!(!said.contains("newer version"), "{said}");
        // As an expanding migration of a later version would.
        let id = if database.kind == Kind::Sqlite { "BLOB" } else { "UUID" };
        database.run(&format!(
            "CREATE TABLE later (id {id} PRIMARY KEY NOT NULL); ALTER TABLE feedback ADD COLUMN later TEXT; \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')"
        ));
        let (is_well, said) = run("migrate");
        assert!(is_well && said.contains("migrated by a newer version") && said.contains("20991231000000"), "{said}");
        let (is_well, said) = run("doctor");
        let line = said.lines().find(|line| line.contains("newer version")).unwrap_or_else(|| panic!("{said}"));
        assert!(is_well && line.starts_with("WARN"), "{said}");
        let world = World::in_process(database);
        let filed = world.file(&serde_json::json!({ "text": "filed by the older version" }));
        assert_eq!(world.get(&format!("/v1/feedback/{}", filed["id"].as_str().unwrap())).status, 200);
        assert_eq!(world.walk("/v1/feedback?q=older", || ()).len(), 1);
    });
}
