//! What may import what: the layers one way, the files of a layer in no circle, each layer in the same areas.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Arrow, Graph, circles, graph};
use super::report;
use super::source::{Source, parse, sources};

/// What each layer may import from the crate. `app`, `config`, `clock`, `meter`, `refusal` and `error` are outside the layers;
/// `core` is the file that makes a package of the domain and the engine.
const MAY_IMPORT: [(&str, &[&str]); 11] = [
    ("refusal", &[]),
    ("error", &["refusal"]),
    ("meter", &["error"]),
    ("domain", &["refusal"]),
    ("clock", &["domain"]),
    ("engine", &["domain"]),
    ("outside", &["domain", "refusal", "error"]),
    ("store", &["meter", "clock", "domain", "refusal", "error"]),
    ("usecase", &["store", "engine", "outside", "clock", "domain", "refusal", "error"]),
    ("jobs", &["app", "usecase", "store", "engine", "outside", "meter", "clock", "domain", "refusal", "error"]),
    ("http", &["app", "usecase", "store", "outside", "meter", "clock", "domain", "refusal", "error"]),
];

/// The areas: the same in every layer, so that a reader of one layer can guess the others.
const AREAS: [&str; 13] = [
    "base",
    "closure",
    "evaluations",
    "feedback",
    "integrations",
    "measures",
    "operations",
    "privacy",
    "releases",
    "reports",
    "stories",
    "team",
    "themes",
];

/// What a layer has beside the areas, and why.
const OWN_AREAS: [(&str, &[&str], &str); 8] = [
    ("config", &["database", "sign_in"], "settings of one subject, which fill a file of their own"),
    ("domain", &["search", "words"], "terms of the search index, and what people read in two languages"),
    (
        "engine",
        &["grouping", "kinds", "measure", "refinement", "search", "text", "wording"],
        "steps of one computation",
    ),
    (
        "outside",
        &["client", "hooks", "import", "mail", "models", "oidc", "trackers", "webhook_signature"],
        "other systems",
    ),
    ("store", &["health", "schema", "search", "transfer"], "the database's own condition, tables, index and copies"),
    ("usecase", &["transfer"], "an export reads all areas"),
    ("jobs", &["outbox"], "one way out for mail, desks, webhooks and trackers"),
    ("http", &["api", "console", "public"], "the API by areas, and pages for the team and for customers"),
];

#[test]
fn imports_go_one_way_only() {
    let rules: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let wrong: Vec<String> = sources().iter().flat_map(|file| wrong_imports(graph(), file, &rules)).collect();
    report(&wrong, "http | cli | jobs -> usecase -> store -> domain, usecase -> engine -> domain:");
}

fn wrong_imports(graph: &Graph<'_>, file: &Source, rules: &BTreeMap<&str, &[&str]>) -> Vec<String> {
    let Some(allowed) = rules.get(file.layer()) else { return Vec::new() };
    let imports = file.imports.iter().map(|import| (&import.path, import.line));
    let named = imports.chain(file.paths.iter().map(|named| (&named.segments, named.line)));
    let outside = named.filter_map(|(path, line)| {
        let layer = graph.absolute(file, path)?.into_iter().next()?;
        let may = layer == file.layer() || allowed.contains(&layer.as_str());
        (!may).then(|| format!("{}:{line}: {} must not import {layer}", file.path, file.layer()))
    });
    outside.collect()
}

/// `outside::import` turns bytes into rows of our fields and asks nobody; all else of `outside` speaks to other systems,
/// for which no transaction may wait.
#[test]
fn usecases_know_of_the_outside_only_how_files_are_read() {
    let files = sources().iter().filter(|file| file.layer() == "usecase");
    let is_wrong = |path: &[String]| path[0] == "outside" && path.get(1).is_none_or(|part| part != "import");
    let wrong: Vec<String> = files.flat_map(|file| named(graph(), file, is_wrong)).collect();
    report(&wrong, "of `outside` a usecase may import `import` only:");
}

/// What the app holds is known to `http`: with a job in it `http` would know the jobs.
#[test]
fn the_app_holds_no_jobs() {
    let app = sources().iter().find(|file| file.path == "src/app.rs").expect("app.rs");
    let wrong = named(graph(), app, |path| path[0] == "jobs");
    report(&wrong, "jobs -> app, never the other way:");
}

/// Where a file names something of the crate for which `is_wrong` holds.
fn named(graph: &Graph<'_>, file: &Source, is_wrong: impl Fn(&[String]) -> bool) -> Vec<String> {
    let imports = file.imports.iter().map(|import| (&import.path, import.line));
    let all = imports.chain(file.paths.iter().map(|named| (&named.segments, named.line)));
    let absolute = all.filter_map(|(path, line)| Some((graph.absolute(file, path)?, line)));
    let wrong = absolute.filter(|(path, _)| !path.is_empty() && is_wrong(path));
    wrong.map(|(path, line)| format!("{}:{line}: {}", file.path, path.join("::"))).collect()
}

#[test]
fn every_layer_has_a_rule() {
    let beside = ["app", "cli", "config", "core", "lib"];
    let known: BTreeSet<&str> = MAY_IMPORT.iter().map(|(name, _)| *name).chain(beside).collect();
    let unknown: BTreeSet<&str> = sources().iter().map(Source::layer).filter(|l| !known.contains(l)).collect();
    assert!(unknown.is_empty(), "add to MAY_IMPORT what these may import: {unknown:?}");
}

#[test]
fn every_layer_has_the_same_areas() {
    let mut wrong = BTreeSet::new();
    for file in sources().iter().filter(|file| file.module.len() > 1 && !["cli", "core"].contains(&file.layer())) {
        let inside = &file.module[1..];
        let own = OWN_AREAS.iter().find(|(layer, ..)| *layer == file.layer()).map_or(&[][..], |(_, own, _)| own);
        let area = match inside {
            [api, area, ..] if file.layer() == "http" && api == "api" => area,
            [area, ..] => area,
            [] => continue,
        };
        if !AREAS.contains(&area.as_str()) && !own.contains(&area.as_str()) {
            wrong.insert(format!("{}: `{area}` is no area", file.path));
        }
    }
    report(&Vec::from_iter(wrong), "put it into one of the areas, or name its folder in OWN_AREAS with a reason:");
}

/// Arrows that close a circle for now, from the one file to the other. The list may only shrink.
const BACKWARD: [(&str, &str); 0] = [];

#[test]
fn no_file_imports_what_imports_it() {
    let graph = graph();
    let names = |arrow: &Arrow| (graph.name_of(arrow.from), graph.name_of(arrow.to));
    let (excused, arrows): (Vec<Arrow>, Vec<Arrow>) =
        inside_layers(graph).into_iter().partition(|arrow| BACKWARD.contains(&names(arrow)));
    let found = circles(graph.files.len(), &arrows);
    let mut wrong: Vec<String> = found.iter().flat_map(|circle| told(circle, &arrows)).collect();
    for excuse in BACKWARD {
        let closes = excused.iter().find(|arrow| names(arrow) == excuse).is_some_and(|arrow| reaches(&arrows, arrow));
        if !closes {
            wrong.push(format!("{} -> {} closes no circle: take it out of BACKWARD", excuse.0, excuse.1));
        }
    }
    report(&wrong, "a circle between files: move down what both need, or split a file:");
}

/// Whether an arrow's end leads back to its start.
fn reaches(arrows: &[Arrow], arrow: &Arrow) -> bool {
    let with: Vec<Arrow> = arrows.iter().chain([arrow]).copied().collect();
    !circles(graph().files.len(), &with).is_empty()
}

fn inside_layers(graph: &Graph<'_>) -> Vec<Arrow> {
    let is_inside = |arrow: &Arrow| graph.files[arrow.from].layer() == graph.files[arrow.to].layer();
    graph.arrows().into_iter().filter(is_inside).collect()
}

fn told(circle: &BTreeSet<usize>, arrows: &[Arrow]) -> Vec<String> {
    let files = &graph().files;
    let inside = arrows.iter().filter(|arrow| circle.contains(&arrow.from) && circle.contains(&arrow.to));
    let mut lines: Vec<String> = inside
        .map(|arrow| format!("  {}:{} -> {}", files[arrow.from].path, arrow.line, files[arrow.to].path))
        .collect();
    lines.insert(0, format!("{} files:", circle.len()));
    lines
}

/// Two ways to one name would make two habits, and a search for the one would miss the other.
#[test]
fn what_an_area_of_the_domain_re_exports_is_imported_from_the_area() {
    let wrong: Vec<String> = sources().iter().flat_map(|file| around_the_area(graph(), file)).collect();
    report(&wrong, "the area's `mod.rs` re-exports it: import it from there:");
}

/// Names that a file imports from the file of another area of the domain although the area re-exports them.
fn around_the_area(graph: &Graph<'_>, file: &Source) -> Vec<String> {
    let re_exports = |area: &[String], inside: &[String]| {
        let module = graph.files.iter().find(|module| module.module == area && module.path.ends_with("/mod.rs"));
        module.is_some_and(|module| module.imports.iter().any(|import| import.path == inside))
    };
    let imports = file.imports.iter().map(|import| (&import.path, import.line));
    let named = imports.chain(file.paths.iter().map(|named| (&named.segments, named.line)));
    let wrong = named.filter_map(|(path, line)| {
        let absolute = graph.absolute(file, path)?;
        let (area, inside) = absolute.split_at(absolute.len().checked_sub(2)?);
        let outside = area.first()? == "domain" && !file.module.starts_with(area);
        (outside && re_exports(area, inside)).then(|| format!("{}:{line}: {}", file.path, absolute.join("::")))
    });
    wrong.collect()
}

#[test]
fn a_way_around_an_area_is_seen() {
    let area = ("src/domain/a/mod.rs", "pub use one::One;");
    let one = ("src/domain/a/one.rs", "pub struct One; pub struct Two;");
    for (code, most) in [
        ("use crate::domain::a::one::One;", 1),
        ("fn f(_: crate::domain::a::one::One) {}", 1),
        ("use crate::domain::a::One;", 0),
        ("use crate::domain::a::one::Two;", 0),
    ] {
        let files = parsed(&[area, one, ("src/usecase/a/b.rs", code)]);
        assert_eq!(around_the_area(&Graph::of(&files), &files[2]).len(), most, "{code}");
    }
}

fn parsed(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| parse(path, text)).collect()
}

/// The rules hold only if the reader of the source sees what it should: here is what it must not miss.
#[test]
fn a_forbidden_import_is_seen_in_every_form() {
    let rules: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    for code in [
        "use crate::store::Conn;",
        "use crate::{error::Error, store::{Conn, Tx}};",
        "use super::super::super::store::Conn;",
        "fn f() { crate::store::x(); }",
        "fn f() { use crate::store as s; s::x(); }",
        "fn f() { format!(\"{}\", crate::store::X) }",
        "#[path(body = crate::store::X)] fn f() {}",
        "type A = Vec<crate::store::X>;",
    ] {
        let files = parsed(&[("src/domain/team/a.rs", code), ("src/store/mod.rs", ""), ("src/error.rs", "")]);
        assert!(!wrong_imports(&Graph::of(&files), &files[0], &rules).is_empty(), "{code}");
    }
    for code in [
        "// crate::store::x",
        "use other_crate::store::X;",
        "fn f() -> &'static str { \"crate::store::x\" }",
        "#[cfg(test)] mod tests { use crate::store::X; }",
        "macro_rules! m { () => { $crate::store::X } }",
    ] {
        let files = parsed(&[("src/domain/team/a.rs", code), ("src/store/mod.rs", "")]);
        assert_eq!(wrong_imports(&Graph::of(&files), &files[0], &rules), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn a_circle_is_seen_through_other_files_and_re_exports() {
    let area = ("src/store/a/mod.rs", "mod one; mod two; pub use two::Two;");
    let direct =
        [area, ("src/store/a/one.rs", "use super::Two;"), ("src/store/a/two.rs", "use super::one;\npub struct Two;")];
    let around = [
        area,
        ("src/store/a/one.rs", "use crate::store::b; fn f() { b::three::go(); }"),
        ("src/store/a/two.rs", "use super::one;\npub struct Two;"),
        ("src/store/b/mod.rs", "pub mod three;"),
        ("src/store/b/three.rs", "fn go() -> crate::store::a::Two { todo() }"),
    ];
    let open = [
        area,
        ("src/store/a/one.rs", "use super::Two;"),
        ("src/store/a/two.rs", "use super::super::a;\npub struct Two;"),
    ];
    for (files, most) in [(&direct[..], 2), (&around[..], 3), (&open[..], 0)] {
        let files = parsed(files);
        let graph = Graph::of(&files);
        let found = circles(files.len(), &inside_layers(&graph));
        assert_eq!(found.first().map_or(0, BTreeSet::len), most, "{:?}", files[1].imports.first().map(|i| &i.path));
    }
}
