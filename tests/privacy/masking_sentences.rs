//! Masking on sentences of our own in English and Korean, with personal data and with look-alikes: order numbers, versions,
//! dates, amounts.

use hearback::domain::privacy::redact::kinds::{MaskCounts, MaskKind, mask};

const ENGLISH: &str = include_str!("sentences.en.txt");
const KOREAN: &str = include_str!("sentences.ko.txt");
/// The fewest sentences of a language with personal data, and without.
const FEWEST: usize = 60;

/// A sentence, and what must become of it.
struct Sentence {
    said: String,
    masked: String,
    kinds: Vec<MaskKind>,
}

impl Sentence {
    /// Reads `{what|kind}`; the kind `none` stays as it is.
    fn of(line: &str) -> Self {
        let (mut said, mut masked, mut kinds) = (String::new(), String::new(), Vec::new());
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}').expect("a closing brace");
            let (what, kind) = inside.rsplit_once('|').expect("a kind");
            said += before;
            masked += before;
            said += what;
            match kind.parse::<MaskKind>() {
                Ok(kind) => {
                    masked += kind.mark();
                    kinds.push(kind);
                }
                Err(()) => masked += what,
            }
            rest = after;
        }
        Self { said: said + rest, masked: masked + rest, kinds }
    }
}

fn sentences(text: &str) -> Vec<Sentence> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(Sentence::of).collect()
}

#[test]
fn what_is_personal_is_masked_and_look_alikes_stay() {
    for (language, text) in [("English", ENGLISH), ("Korean", KOREAN)] {
        let all = sentences(text);
        let with = all.iter().filter(|sentence| !sentence.kinds.is_empty()).count();
        assert!(with >= FEWEST && all.len() - with >= FEWEST, "{language}: {with} of {}", all.len());
        let mut wrong = Vec::new();
        for sentence in &all {
            let mut counts = MaskCounts::new();
            let masked = mask(&sentence.said, MaskKind::ALL, &mut counts);
            if masked != sentence.masked {
                wrong.push(format!("{}\n   became {masked}", sentence.said));
            } else if counts.values().sum::<usize>() != sentence.kinds.len() {
                wrong.push(format!("{}\n   was counted as {counts:?}", sentence.said));
            }
        }
        assert!(wrong.is_empty(), "{language}, {} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
    }
}

#[test]
fn masking_twice_changes_nothing_and_no_kind_masks_another() {
    for sentence in sentences(ENGLISH).iter().chain(&sentences(KOREAN)) {
        let mut counts = MaskCounts::new();
        let once = mask(&sentence.said, MaskKind::ALL, &mut counts);
        assert_eq!(mask(&once, MaskKind::ALL, &mut MaskCounts::new()), once);
        for kind in MaskKind::ALL {
            let mut counts = MaskCounts::new();
            let masked = mask(&sentence.said, &[*kind], &mut counts);
            let expected = sentence.kinds.iter().filter(|found| *found == kind).count();
            assert_eq!(counts.values().sum::<usize>(), expected, "{kind} in {}: {masked}", sentence.said);
        }
        assert_eq!(mask(&sentence.said, &[], &mut MaskCounts::new()), sentence.said);
    }
}
