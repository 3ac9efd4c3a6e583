//! What an English text says beside the matter: its consequence, the step at which it occurs, what was tried, and a
//! workaround. A part is taken only where its words mark it; where they may mean something else, there is none.

use super::english::consequence::consequence;
use super::english::effort::{tried, workaround};
use super::english::sentence::{Sentence, sentences};
use super::english::step::step;
use super::said::Said;
use crate::engine::READ_LIMIT;

/// Reads these parts of a text.
pub(in crate::engine) fn said(text: &str) -> Said {
    let end = text.char_indices().nth(READ_LIMIT).map_or(text.len(), |(at, _)| at);
    let sentences: Vec<Sentence<'_>> = sentences(&text[..end]);
    let first = |find: fn(&Sentence<'_>) -> Option<String>| sentences.iter().find_map(find);
    Said { consequence: first(consequence), step: first(step), tried: first(tried), workaround: first(workaround) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_consequence_is_what_follows_for_the_customer() {
        let of = |text: &str| said(text).consequence;
        assert_eq!(of("The payout is late again, so I can't pay my suppliers."), some("I can't pay my suppliers"));
        assert_eq!(
            of("The calendar double books, which means we lose patients. Please fix!"),
            some("we lose patients")
        );
        assert_eq!(
            of("My save file vanished and now I have to start from level one"),
            some("I have to start from level one")
        );
        assert_eq!(of("driver never came so my kids went to bed hungry, thanks"), some("my kids went to bed hungry"));
        assert_eq!(of("Because of this we missed the deadline."), some("we missed the deadline"));
    }

    #[test]
    fn what_only_looks_like_a_consequence_is_none() {
        for text in [
            "so far so good, I like it",
            "The app is so slow",
            "so I wanted to ask about my refund",
            "Add a filter so that I can find old orders",
            "My card was declined, so please help",
            "now I see the new menu",
            "So can I get a refund?",
            "add a dark theme so I can read at night",
            "great, now I need a table for two",
        ] {
            assert_eq!(said(text).consequence, None, "{text}");
        }
    }

    #[test]
    fn a_step_is_when_it_happens() {
        let of = |text: &str| said(text).step;
        assert_eq!(of("App crashes after the update. Pixel 7"), some("after the update"));
        assert_eq!(of("it closes itself when I tap pay, every day"), some("when I tap pay"));
        assert_eq!(of("The voucher field disappears on checkout"), some("on checkout"));
        assert_eq!(of("game freezes whenever I open the shop"), some("whenever I open the shop"));
        assert_eq!(of("Every time I upload a scan it logs me out"), some("Every time I upload a scan"));
        assert_eq!(of("After the update the app is slow"), some("After the update"));
        assert_eq!(of("When our guests pay by code the camera takes ages"), some("When our guests pay by code"));
        assert_eq!(of("error while booking an appointment"), some("while booking an appointment"));
    }

    #[test]
    fn a_time_or_a_question_is_no_step() {
        for text in [
            "when will my order arrive?",
            "Nothing happened after 3 days",
            "Tell me when it is fixed",
            "since monday I wait",
            "I loved this when I was young",
            "locked out since the code never came",
            "please say when the refund will arrive",
        ] {
            assert_eq!(said(text).step, None, "{text}");
        }
    }

    #[test]
    fn attempts_and_workarounds_are_what_the_customer_did() {
        assert_eq!(
            said("Screen stays black. I reinstalled the app twice, no change").tried,
            some("I reinstalled the app twice")
        );
        assert_eq!(said("reader won't pair, tried a reset, only blinks").tried, some("tried a reset"));
        assert_eq!(said("Restarting the phone does not help.").tried, some("Restarting the phone does not help"));
        assert_eq!(said("I tried to pay with my card").tried, None);
        assert_eq!(said("If I reinstalled the app, would my levels be gone?").tried, None);
        assert_eq!(
            said("No event for failures. At the moment we poll the API every minute").workaround,
            some("we poll the API every minute")
        );
        assert_eq!(
            said("Export is broken. For now, I copy the rows by hand.").workaround,
            some("I copy the rows by hand")
        );
        assert_eq!(said("we take cash for now").workaround, some("we take cash"));
        assert_eq!(said("I want a refund instead").workaround, None);
        assert_eq!(said("at the moment I can't log in").workaround, None);
    }

    proptest! {
        #[test]
        fn parts_stand_in_the_text(text in "\\PC{0,100}|[\\x00-\\x{10ffff}]{0,40}|(so |when |I |can't |after |the |app |for now |, ){0,20}") {
            let Said { consequence, step, tried, workaround } = said(&text);
            for part in [consequence, step, tried, workaround].into_iter().flatten() {
                prop_assert!(text.contains(&part));
            }
        }
    }
}
