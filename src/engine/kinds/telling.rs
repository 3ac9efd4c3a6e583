//! What a text is: its kind, how the customer feels, and how severe a problem is.

use super::features::{Features, features_of};
use super::lessons::{Taught, learnt, nearness};
use super::model::{KINDS, PerKind, distinctive, probabilities, scores};
use crate::domain::feedback::recognition::{Read, Recognised, recognise};
use crate::domain::feedback::{Kind, Sentiment, Severity};
use crate::engine::text::meaning::MEANING;
use crate::engine::text::words::is_korean;

/// How much is added to the score of the kind that the phrases alone show. Both err in different places.
const PHRASES: f32 = 0.5;
/// How much stars say about praise and complaints.
const STARS: f32 = 1.0;
/// A kind less probable than this is not known: the text is `other`.
const UNSURE: f32 = 0.3;
/// What the words of impact count against other severities.
const IMPACT: f32 = 2.0;

const SENTIMENTS: usize = Sentiment::ALL.len();
const SEVERITIES: usize = Severity::ALL.len();

/// What was told from a text.
#[derive(Clone, Debug)]
pub struct Telling {
    recognised: Recognised,
    rating: Option<Sentiment>,
    kinds: PerKind,
    severities: [f32; SEVERITIES],
    own: [f32; MEANING],
}

/// The values that a person gave to a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    pub kind: Option<Kind>,
    pub sentiment: Option<Sentiment>,
    pub severity: Option<Severity>,
}

/// A text that a person corrected.
#[derive(Clone, Debug)]
pub struct Lesson {
    telling: Telling,
    corrected: Corrected,
}

/// The corrections of a product.
pub type Lessons = [Lesson];

/// Tells what a text is by itself.
pub fn tell(read: &Read<'_>) -> Telling {
    let recognised = recognise(read);
    let features = features_of(read.words, &recognised.signs);
    let mut kinds = scores(&features);
    kinds[recognised.kind as usize] += PHRASES;
    let rating = by_rating(read);
    match rating {
        Some(Sentiment::Positive) => kinds[Kind::Praise as usize] += STARS,
        Some(Sentiment::Negative) => {
            kinds[Kind::Complaint as usize] += STARS;
            kinds[Kind::Praise as usize] -= STARS;
        }
        _ => {}
    }
    let mut severities = [0.0; SEVERITIES];
    severities[recognised.impact as usize] = IMPACT;
    Telling { own: own(&features, read.words), recognised, rating, kinds, severities }
}

fn own(features: &Features, words: &str) -> [f32; MEANING] {
    distinctive(features, is_korean(words))
}

/// What a rating or a net promoter score says about the customer's feelings.
fn by_rating(read: &Read<'_>) -> Option<Sentiment> {
    Some(match (read.rating, read.nps) {
        (Some(4..), _) | (None, Some(9..)) => Sentiment::Positive,
        (Some(3), _) | (None, Some(7..=8)) => Sentiment::Neutral,
        (Some(_), _) | (None, Some(_)) => Sentiment::Negative,
        (None, None) => return None,
    })
}

impl Lesson {
    /// From a text and what a person said that it is.
    pub fn new(telling: Telling, corrected: Corrected) -> Self {
        Self { telling, corrected }
    }
}

impl Telling {
    /// What the phrases alone show, among it whether the text is noise.
    pub fn recognised(&self) -> &Recognised {
        &self.recognised
    }

    /// The kind; `other` for noise and where none is probable.
    pub fn kind(&self, lessons: &Lessons) -> Kind {
        if self.recognised.set_aside.is_some() {
            return Kind::Other;
        }
        let scores = self.taught(lessons, self.kinds, |lesson| {
            Some(Taught { scores: lesson.telling.kinds, right: lesson.corrected.kind? as usize })
        });
        let best = best(&scores);
        if probabilities(&scores)[best] < UNSURE { Kind::Other } else { Kind::ALL[best] }
    }

    /// How the customer feels: by the rating where there is one, else by the kind that was given, else by the words.
    pub fn sentiment(&self, given: Option<Kind>, lessons: &Lessons) -> Sentiment {
        if let Some(rated) = self.rating {
            return rated;
        }
        if self.recognised.set_aside.is_some() {
            return Sentiment::Neutral;
        }
        let mut scores = self.sentiments();
        match given {
            Some(Kind::Bug | Kind::Complaint) => scores[Sentiment::Negative as usize] += IMPACT,
            Some(Kind::Praise) => scores[Sentiment::Positive as usize] += IMPACT,
            Some(_) => scores[Sentiment::Neutral as usize] += IMPACT,
            None => {}
        }
        let scores = self.taught(lessons, scores, |lesson| {
            let right = lesson.corrected.sentiment? as usize;
            Some(Taught { scores: lesson.telling.sentiments(), right })
        });
        Sentiment::ALL[best(&scores)]
    }

    /// The logarithms of the probabilities of each sentiment: those of the kinds that go with it.
    fn sentiments(&self) -> [f32; SENTIMENTS] {
        let shares = probabilities(&self.kinds);
        let of = |kind: Kind| shares[kind as usize];
        let mut sentiments = [0.0; SENTIMENTS];
        sentiments[Sentiment::Negative as usize] = of(Kind::Bug) + of(Kind::Complaint);
        sentiments[Sentiment::Neutral as usize] = of(Kind::Request) + of(Kind::Question) + of(Kind::Other);
        sentiments[Sentiment::Positive as usize] = of(Kind::Praise);
        sentiments.map(|share| share.max(1e-6).ln())
    }

    /// How severe a problem is; none where the kind is no problem. Who gives good stars suffers little, unless the words
    /// say otherwise.
    pub fn severity(&self, kind: Option<Kind>, lessons: &Lessons) -> Option<Severity> {
        if !matches!(kind, Some(Kind::Bug | Kind::Complaint)) {
            return None;
        }
        let mut scores = self.severities;
        if self.rating == Some(Sentiment::Positive) && self.recognised.impact == Severity::Medium {
            scores[Severity::Low as usize] += 2.0 * IMPACT;
        }
        let scores = self.taught(lessons, scores, |lesson| {
            Some(Taught { scores: lesson.telling.severities, right: lesson.corrected.severity? as usize })
        });
        Some(Severity::ALL[best(&scores)])
    }

    /// The scores after what corrections of near texts teach.
    fn taught<const N: usize>(
        &self,
        lessons: &Lessons,
        scores: [f32; N],
        taught: impl Fn(&Lesson) -> Option<Taught<N>>,
    ) -> [f32; N] {
        let votes = lessons.iter().filter_map(|lesson| {
            let taught = taught(lesson)?;
            Some((nearness(&self.own, &lesson.telling.own), taught))
        });
        learnt(scores, votes)
    }
}

fn best<const N: usize>(scores: &[f32; N]) -> usize {
    (0..N).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default()
}

const _: () = assert!(KINDS == Kind::ALL.len());

#[cfg(test)]
mod tests {
    use super::*;

    fn said(words: &str) -> Telling {
        tell(&Read { words, ..Read::default() })
    }

    fn rated(words: &str, rating: i32) -> Telling {
        tell(&Read { words, rating: Some(rating), nps: None })
    }

    #[test]
    fn a_rating_decides_the_sentiment() {
        assert_eq!(said("The export fails every time").sentiment(None, &[]), Sentiment::Negative);
        assert_eq!(said("정말 만족합니다").sentiment(None, &[]), Sentiment::Positive);
        assert_eq!(said("How do I change my address?").sentiment(None, &[]), Sentiment::Neutral);
        assert_eq!(rated("The export fails every time", 5).sentiment(None, &[]), Sentiment::Positive);
        assert_eq!(rated("Great app", 1).sentiment(None, &[]), Sentiment::Negative);
    }

    #[test]
    fn a_problem_is_as_severe_as_its_words_say() {
        let severity = |words: &str| said(words).severity(Some(Kind::Bug), &[]);
        assert_eq!(severity("The menu does not open"), Some(Severity::Medium));
        assert_eq!(severity("There is a typo in the menu"), Some(Severity::Low));
        assert_eq!(severity("I was charged twice for one order"), Some(Severity::High));
        assert_eq!(severity("I see the data of another customer"), Some(Severity::Critical));
        assert_eq!(severity("전 직원이 접속을 못 하고 있습니다"), Some(Severity::Critical));
        assert_eq!(said("Add a dark mode").severity(Some(Kind::Request), &[]), None, "a wish is no problem");
        assert_eq!(rated("The menu does not open", 5).severity(Some(Kind::Bug), &[]), Some(Severity::Low));
    }

    #[test]
    fn corrections_reach_sibling_texts_and_leave_others_alone() {
        let siblings = [
            "My parcel still has not arrived",
            "the parcel has not arrived yet",
            "parcel not arrived, where is it",
            "my parcel did not arrive until today",
        ];
        let others = ["Please add a dark mode", "The app crashes when I open the camera", "Thank you, great service"];
        let before: Vec<Kind> = others.iter().map(|text| said(text).kind(&[])).collect();
        let right = Corrected { kind: Some(Kind::Request), ..Corrected::default() };
        let lessons: Vec<Lesson> = siblings[..3].iter().map(|text| Lesson::new(said(text), right)).collect();
        assert_ne!(said(siblings[3]).kind(&[]), Kind::Request);
        assert_eq!(said(siblings[3]).kind(&lessons), Kind::Request);
        let after: Vec<Kind> = others.iter().map(|text| said(text).kind(&lessons)).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn one_wrong_correction_does_not_outweigh_several_right_ones() {
        let lesson = |text: &str, kind| Lesson::new(said(text), Corrected { kind: Some(kind), ..Corrected::default() });
        let lessons = [
            lesson("The login page shows an error", Kind::Bug),
            lesson("login shows an error after the update", Kind::Bug),
            lesson("An error is shown on the login page", Kind::Praise),
        ];
        assert_eq!(said("The login shows an error").kind(&lessons), Kind::Bug);
    }
}
