//! Which text mentions which members.

use proptest::prelude::*;

use super::*;

const TEAM: [(&str, &str); 9] = [
    ("Jin Lee", "jin@example.com"),
    ("Jin Lee Park", "jlp@example.com"),
    ("Sam", "sam@example.com"),
    ("Kim Minsu", "minsu@example.com"),
    ("Kim Jiwoo", "jiwoo@example.com"),
    ("김철수", "cs@회사.한국"),
    ("박 영희", "yh@example.com"),
    ("Zoë Weiß", "zoe@example.com"),
    ("이은", "eun@example.com"),
];

fn team() -> Vec<Mentionable> {
    let member = |(name, email): &(&str, &str)| Mentionable {
        id: Id::next(),
        name: (*name).to_owned(),
        email: (*email).to_owned(),
    };
    TEAM.iter().map(member).collect()
}

/// The names of the mentioned members, then the warnings.
fn seen(text: &str) -> (Vec<String>, Vec<String>) {
    let team = team();
    let found = find(text, &team);
    let name = |id: &Id| team.iter().find(|member| member.id == *id).expect("a member").name.clone();
    let warning = |w: &NoteWarning| format!("{} {} {}", w.code, w.mention, w.member_ids.len());
    (found.members.iter().map(name).collect(), found.warnings.iter().map(warning).collect())
}

fn mentioned(text: &str) -> Vec<String> {
    let (members, warnings) = seen(text);
    assert!(warnings.is_empty(), "{text}: {warnings:?}");
    members
}

#[test]
fn whole_names_and_addresses_mention_however_they_are_typed() {
    for text in [
        "@Jin Lee can you look?",
        "please ask @jin  LEE.",
        "(@Jin Lee)",
        "@jin@example.com",
        "@JinLee's call",
        "**@Jin Lee** urgent",
        "＠Jin Lee 확인 부탁",
        "@jin@Example.COM, thanks",
        "@Jin Lee님 확인 부탁드려요",
        "@jin@example.com님께",
        "see\n@Jin Lee\nthanks",
    ] {
        assert_eq!(mentioned(text), ["Jin Lee"], "{text}");
    }
    assert_eq!(mentioned("@Jin Lee Park and @Sam, @sam again"), ["Jin Lee Park", "Sam"]);
    assert_eq!(mentioned("@ZOË WEISS"), ["Zoë Weiß"]);
}

#[test]
fn korean_names_are_found_with_titles_and_particles() {
    for text in [
        "@김철수 확인 부탁드립니다",
        "@김철수님 확인 부탁드립니다",
        "@김철수님께서 보셨나요",
        "@김철수에게 물어보세요",
        "@김철수가 압니다",
        "담당자는@김철수",
        "@cs@회사.한국 보세요",
        "@cs@회사.한국에게",
        "@\u{1100}\u{1175}\u{11b7}\u{110e}\u{1165}\u{11af}\u{1109}\u{116e}",
    ] {
        assert_eq!(mentioned(text), ["김철수"], "{text}");
    }
    assert_eq!(mentioned("@박영희님, @박 영희"), ["박 영희"]);
    assert_eq!(mentioned("@이은님 @이은에게"), ["이은"]);
    assert_eq!(seen("@이은아 @김철수민"), (vec![], vec!["unknown @이은아 0".into(), "unknown @김철수민 0".into()]));
}

#[test]
fn mentions_of_no_single_member_are_reported_and_not_guessed() {
    assert_eq!(seen("@Kim look"), (vec![], vec!["ambiguous @Kim 2".into()]));
    assert_eq!(seen("@Jin Park look"), (vec![], vec!["ambiguous @Jin 2".into()]));
    assert_eq!(seen("@minsu look, @MINSU"), (vec![], vec!["ambiguous @minsu 1".into()]));
    assert_eq!(
        seen("@nobody. @jin@other.example!"),
        (vec![], vec!["unknown @nobody 0".into(), "unknown @jin@other.example 0".into()])
    );
    assert_eq!(
        seen("@Samuel @sam.smith @Sam-ho @Sam@x"),
        (
            vec![],
            ["@Samuel", "@sam.smith", "@Sam-ho", "@Sam"]
                .map(|m| format!("unknown {m} 0"))
                .into_iter()
                .map(|w| { if w.contains("@Sam 0") { "ambiguous @Sam 1".to_owned() } else { w } })
                .collect()
        )
    );
    let twins = [("Ann Bo", "a1@example.com"), ("Ann Bo", "a2@example.com")];
    let twins = twins.map(|(name, email)| Mentionable { id: Id::next(), name: name.into(), email: email.into() });
    let found = find("hello @ann bo and all", &twins);
    assert_eq!((found.members.len(), found.warnings[0].member_ids.len()), (0, 2));
    assert_eq!(found.warnings[0].mention, "@ann bo");
}

#[test]
fn addresses_in_a_text_mention_nobody() {
    for text in [
        "write to sam@example.com",
        "kim.sam@sam.example, x+jin@example.com or mailto:jin@example.com",
        "https://social.example/@sam/1 and https://x.example/a@sam",
        "홍길동@회사.한국",
        "me @ home, @ Sam, @@Sam, a\\@Sam, @!",
        "",
    ] {
        assert_eq!(seen(text), (vec![], vec![]), "{text}");
    }
}

#[test]
fn warnings_end_somewhere() {
    let text: String = (0..3_000).map(|n| format!("@x{n} ")).collect();
    assert_eq!(find(&text, &team()).warnings.len(), 50);
}

proptest! {
    #[test]
    fn any_text_can_be_read(text in "[@＠ a-zA-Z가-힣.\u{200b}\u{1100}\u{1161}\u{301}İß\n]{0,80}") {
        find(&text, &team());
    }
}
