//! Parsing of tags, branches and versions that name a release: `v1.4.0`, `app@2.1.0`, `app-v2.3.0`, `@scope/pkg@1.2.3`,
//! `release/2.1`.

use crate::domain::integrations::ReleaseTag;

/// Words before a version that are not the name of a component.
const NO_COMPONENT: [&str; 7] = ["release", "releases", "rel", "version", "ver", "tag", "hotfix"];
/// The longest tag that is read.
const MOST: usize = 400;

/// The possible names of the release for a tag, in groups of decreasing likelihood.
pub fn read(reference: &str) -> ReleaseTag {
    let plain = reference.trim_start_matches("refs/tags/").trim_start_matches("refs/heads/").trim();
    let mut tag = ReleaseTag::default();
    if plain.is_empty() || plain.len() > MOST {
        return tag;
    }
    add(&mut tag, vec![plain.to_owned()]);
    let last = plain.rsplit('/').next().unwrap_or(plain);
    if let Some((before, version)) = versioned(plain) {
        let component = before.trim_end_matches(['@', '-', '_', '/', ' ', '.']);
        let bare = component.rsplit('/').next().unwrap_or(component);
        if !component.is_empty() && !NO_COMPONENT.contains(&component.to_ascii_lowercase().as_str()) {
            tag.component = Some(bare.to_owned());
            let spell = |name: &str| {
                let spelled = |separator: &str| format!("{name}{separator}{version}");
                ["@", " ", "-", "/", "_", "-v", " v", "/v", "_v", "@v"].map(spelled)
            };
            add(&mut tag, [component, bare].into_iter().flat_map(spell).collect());
        }
        add(&mut tag, vec![format!("v{version}"), format!("V{version}"), version.to_owned()]);
        let same = same_versions(version).into_iter();
        add(&mut tag, same.flat_map(|same| [same.clone(), format!("v{same}")]).collect());
    } else if last != plain {
        add(&mut tag, vec![last.to_owned()]);
    }
    tag
}

/// Adds a group of the spellings that are not listed yet.
fn add(tag: &mut ReleaseTag, spellings: Vec<String>) {
    let known = |name: &String| tag.ranks.iter().flatten().any(|other| other == name);
    let mut rank: Vec<String> = Vec::new();
    for name in spellings {
        if !name.is_empty() && !known(&name) && !rank.contains(&name) {
            rank.push(name);
        }
    }
    if !rank.is_empty() {
        tag.ranks.push(rank);
    }
}

/// The text before the version at the end of a tag, and the version without its `v`.
fn versioned(tag: &str) -> Option<(&str, &str)> {
    // The first position from which the rest is a version: `app-2.1.0-rc.1` ends with `2.1.0-rc.1`.
    let starts = tag.char_indices().filter(|(at, c)| {
        let begins_word =
            tag[..*at].chars().next_back().is_none_or(|before| matches!(before, '@' | '-' | '_' | '/' | ' '));
        begins_word && (c.is_ascii_digit() || matches!(c, 'v' | 'V'))
    });
    starts.map(|(at, _)| (&tag[..at], &tag[at..])).find_map(|(before, rest)| {
        let version = rest.strip_prefix(['v', 'V']).unwrap_or(rest);
        let has_v = version.len() < rest.len();
        // After a word, a bare number is a version only if it has a dot: `sprint-12` has no version, `v12` has.
        is_version(version, has_v || before.is_empty() || before.ends_with('@')).then_some((before, version))
    })
}

/// Whether a text is a version: `2`, `2.1`, `2.1.0`, `2.1.0-rc.1`, `2.1.0+build5`.
fn is_version(text: &str, one_number: bool) -> bool {
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = numbers.split('.').collect();
    let numeric = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    numeric && (parts.len() > 1 || one_number) && text.chars().all(allowed)
}

/// Other spellings of the same version: without its build, `2.1` for `2.1.0`, `2.1.0` for `2.1`.
fn same_versions(version: &str) -> Vec<String> {
    let plain = version.split('+').next().unwrap_or(version);
    let mut same = vec![plain.to_owned()];
    if !plain.contains('-') {
        match plain.matches('.').count() {
            1 => same.push(format!("{plain}.0")),
            2 => same.extend(plain.strip_suffix(".0").map(str::to_owned)),
            _ => {}
        }
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(reference: &str) -> Vec<String> {
        read(reference).ranks.into_iter().flatten().collect()
    }

    #[test]
    fn a_tag_names_a_release_with_and_without_its_v() {
        assert_eq!(names("v1.4.1"), ["v1.4.1", "V1.4.1", "1.4.1"]);
        assert_eq!(names("refs/tags/1.4.1"), ["1.4.1", "v1.4.1", "V1.4.1"]);
        assert_eq!(names("release/v1.4.1"), ["release/v1.4.1", "v1.4.1", "V1.4.1", "1.4.1"]);
        assert!(names("release/2.1").contains(&"2.1".to_owned()) && names("release/2.1").contains(&"2.1.0".to_owned()));
        assert_eq!(names("vanilla"), ["vanilla"]);
        assert_eq!(names("feature/spring"), ["feature/spring", "spring"]);
        assert_eq!(names("sprint-12"), ["sprint-12"]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn a_component_stands_before_the_version() {
        for (tag, component, version) in [
            ("app@2.1.3", "app", "2.1.3"),
            ("@scope/pkg@1.2.3", "pkg", "1.2.3"),
            ("app-v2.3.1", "app", "2.3.1"),
            ("app-2.3.1", "app", "2.3.1"),
            ("app/v2.3.1", "app", "2.3.1"),
            ("my-app_v2.3.1-rc.1", "my-app", "2.3.1-rc.1"),
            ("web-2-app@2.3.1", "web-2-app", "2.3.1"),
        ] {
            let read = read(tag);
            assert_eq!(read.component.as_deref(), Some(component), "{tag}");
            assert_eq!(read.ranks[0], [tag], "{tag}");
            assert!(read.ranks.last().is_some_and(|rank| rank.contains(&version.to_owned())), "{tag}: {read:?}");
        }
        assert_eq!(read("release-2.1.3").component, None);
        assert_eq!(read("hotfix/2.1.3").component, None);
    }

    #[test]
    fn a_candidate_is_no_release() {
        assert!(!names("v2.0.0-rc.1").contains(&"2.0.0".to_owned()));
        assert!(names("2.0.0+build5").contains(&"2.0.0".to_owned()));
    }
}
