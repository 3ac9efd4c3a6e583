//! Story references: the story numbers in a text by which its author says that the work is for these stories.

use super::denial;
use super::markdown::{MarkdownKind, own_words};
use crate::domain::stories::StoryNumber;

/// Accounts that update dependencies. The numbers in their texts belong to other projects.
const UPDATERS: &[&str] = &[
    "dependabot",
    "renovate",
    "greenkeeper",
    "snyk",
    "depfu",
    "pyup",
    "scala-steward",
    "mend-",
    "deps-bot",
    "whitesource",
];

/// The kind of author, which decides what the numbers in a text mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A person, who names the stories they work on.
    Person,
    /// A bot that works for people. Numbers in its descriptions come from changelogs.
    Bot,
    /// A bot that updates dependencies.
    Updater,
}

impl Author {
    /// Decides by the account's name, by whether it is known to be a bot, and by the branch.
    pub fn of(login: &str, is_bot: bool, branch: &str) -> Self {
        let (login, branch) = (login.to_ascii_lowercase(), branch.to_ascii_lowercase());
        let updates = |text: &str| UPDATERS.iter().any(|name| text.starts_with(name));
        let bot = is_bot || login.ends_with("[bot]") || login.ends_with("-bot") || login.ends_with("_bot");
        let own_branch =
            UPDATERS.iter().any(|name| branch.starts_with(&format!("{name}/")) || branch.starts_with("snyk-"));
        if own_branch || updates(login.trim_start_matches('@')) && (bot || login.contains("bot") || login == "renovate")
        {
            return Author::Updater;
        }
        // GitLab's own bots: `project_123_bot_4ffca233d8298ea1`, `group_1_bot`.
        let gitlab = (login.starts_with("project_") || login.starts_with("group_")) && login.contains("_bot");
        if bot || gitlab { Author::Bot } else { Author::Person }
    }
}

/// The stories that a title, a description and a branch name, each once.
pub fn of_request(author: Author, title: &str, body: &str, branch: &str) -> Vec<StoryNumber> {
    let mut named = match author {
        Author::Updater => return Vec::new(),
        Author::Bot => Vec::new(),
        Author::Person => in_words(&own_words(body, MarkdownKind::Description)),
    };
    named.extend(in_words(&own_words(title, MarkdownKind::Plain)));
    named.extend(of_branch(branch));
    unique(named)
}

/// The stories that a commit message names; for bots only its first line counts.
pub fn of_message(author: Author, message: &str) -> Vec<StoryNumber> {
    let read = match author {
        Author::Updater => return Vec::new(),
        Author::Bot => message.lines().next().unwrap_or_default(),
        Author::Person => message,
    };
    unique(in_words(&own_words(read, MarkdownKind::Plain)))
}

/// The stories in the name of a branch.
pub fn of_branch(name: &str) -> Vec<StoryNumber> {
    match Author::of("", false, name) {
        Author::Updater => Vec::new(),
        Author::Bot | Author::Person => unique(StoryNumber::all_in(name).collect()),
    }
}

fn unique(mut named: Vec<StoryNumber>) -> Vec<StoryNumber> {
    named.sort();
    named.dedup();
    named
}

/// A line with at least this many bytes that has a next line was wrapped.
const WRAPPED: usize = 50;

/// The text with wrapped lines joined again.
fn unwrapped(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut length = 0;
    for line in text.lines() {
        let goes_on = line.starts_with(|c: char| c.is_alphanumeric()) && length >= WRAPPED;
        whole.push(if goes_on { ' ' } else { '\n' });
        whole.push_str(line);
        length = line.len();
    }
    whole
}

/// The numbers in the author's own words that are not negated.
fn in_words(text: &str) -> Vec<StoryNumber> {
    let text = unwrapped(text).replace("e.g.", "eg ").replace("E.g.", "eg ").replace('’', "'");
    let mut named = Vec::new();
    for clause in
        text.split(['\n', ';', '!', '?']).flat_map(|line| line.split(". ")).flat_map(|part| part.split(" but "))
    {
        for (start, end, number) in StoryNumber::spans_in(clause) {
            let (before, after) = (&clause[..start], &clause[end..]);
            if !is_file(after) && !denial::before(before) && !denial::after(after) {
                named.push(number);
            }
        }
    }
    named
}

/// Whether the text after a number makes it a file name or a version: `HB-1.md`, `HB-1.2`.
fn is_file(after: &str) -> bool {
    let mut next = after.chars();
    next.next() == Some('.') && next.next().is_some_and(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(text: &str) -> Vec<String> {
        of_message(Author::Person, text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_negated_sentence_names_no_story() {
        for text in [
            "Does not fix HB-3",
            "The refunds are shown with their day now, but this does not\nfix HB-3",
            "This doesn't fix HB-3 yet.",
            "This does not yet fully close the story HB-3",
            "does not fix HB-3 or HB-4",
            "Doesn’t fix HB-3 and HB-4",
            "does not fix HB-3 or close HB-4",
            "Unrelated to HB-3",
            "Not related to HB-3.",
            "not HB-3",
            "not part of HB-3",
            "Nothing to do with HB-3",
            "First step: does not fix HB-3",
            "In this step, we don't fix HB-3",
            "It never fixes HB-3",
            "Refunds, without HB-3",
            "Everything except HB-3",
            "This can't be a fix for HB-3",
            "Instead of HB-3",
            "Link the story, e.g. HB-3",
            "Link the story, for example HB-3",
            "Blocked by HB-3",
            "Depends on HB-3",
            "HB-3 is not fixed by this",
            "HB-3 isn't fixed",
            "HB-3 remains open",
            "HB-3 is unrelated",
            "HB-3은 고치지 않습니다",
            "HB-3을 아직 해결하지 못했습니다",
            "HB-3과 무관",
            "HB-3와는 관계없음",
            "HB-3 제외",
            "이야기를 적어 주세요. 예: HB-3",
        ] {
            assert_eq!(named(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_denial_of_something_else_denies_no_number() {
        for text in [
            "Do not show refunds twice (HB-3)",
            "HB-3: not logged in after a restart",
            "HB-3: dialog is not closed",
            "HB-3 the dialog does not close",
            "Fix the crash that never ends, HB-3",
            "fixes HB-3",
            "Does not crash any more. HB-3",
            "Does not crash any more; HB-3",
            "No longer crashes: HB-3",
            "Dialog does not close (HB-3)",
            "Does not close [HB-3]",
            "The refund button does not work HB-3",
            "Do not skip (HB-3)",
            "Login failed HB-3",
            "Card blocked HB-3",
            "Ask before closing HB-3",
            "Shows nothing HB-3",
            "Settings are not changed - HB-3",
            "HB-3: 알림이 울리지 않음",
            "HB-3을 고침",
            "HB-3: 관리자가 아니어도 볼 수 있게",
            "HB-3 로그인이 안 되는 문제",
        ] {
            assert_eq!(named(text), ["HB-3"], "{text}");
        }
        assert_eq!(named("Fixes HB-1, not HB-2"), ["HB-1"]);
        assert_eq!(named("Fixes HB-1 but does not fix HB-2"), ["HB-1"]);
        assert_eq!(named("Does not fix HB-1, fixes HB-2"), ["HB-2"]);
        assert_eq!(named("Does not fix HB-1 and closes HB-2"), ["HB-2"]);
    }

    #[test]
    fn files_versions_and_addresses_are_no_numbers() {
        assert_eq!(named("docs/HB-1.md HB-2.3 https://x.example/HB-4 `HB-5` HB-6."), ["HB-6"]);
    }

    #[test]
    fn bots_name_nothing_in_what_they_list() {
        let kind = |login: &str, branch: &str| Author::of(login, false, branch);
        assert_eq!(kind("dependabot[bot]", "x"), Author::Updater);
        assert_eq!(kind("ann", "renovate/hb-1.x"), Author::Updater);
        assert_eq!(kind("renovate-bot", "x"), Author::Updater);
        assert_eq!(kind("release-please[bot]", "x"), Author::Bot);
        assert_eq!(kind("project_1_bot_4ffc", "x"), Author::Bot);
        assert_eq!(kind("abbot", "hb-1"), Author::Person);
        assert_eq!(kind("renovatehouse", "hb-1"), Author::Person);
        let of = |author| of_request(author, "HB-1", "HB-2", "hb-3");
        assert_eq!(of(Author::Updater).len(), 0);
        assert_eq!(of(Author::Bot).iter().map(|n| n.number).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(of(Author::Person).len(), 3);
        assert_eq!(of_branch("dependabot/npm/hb-3-2.0").len(), 0);
    }

    proptest! {
        #[test]
        fn a_number_alone_is_named_whatever_surrounds_the_line(before in "[a-m \n.,]{0,30}", after in "[n-z \n.,]{0,30}") {
            let _ = named(&format!("{before}\nHB-7\n{after}"));
            prop_assert_eq!(named(&format!("{before}\nHB-7\n{after}")), ["HB-7"]);
        }
    }
}
