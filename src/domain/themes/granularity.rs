//! Granularity: how fine the themes of a product are, how the value was chosen, and what another value would give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::base::{Id, Time};
use crate::refusal::{Refusal, Result};

/// The granularity until one is chosen from the feedback.
const DEFAULT: f64 = 1.0;
/// The least number of different texts from which a granularity is chosen.
const CHOOSE_FROM: i32 = 20;
/// The finest setting there is.
const FINEST: f64 = 128.0;
/// The most settings in one preview.
const MOST: usize = 16;

/// A granularity that was tried, with its quality measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GranularityCandidate {
    #[schema(example = 8.0)]
    pub granularity: f64,
    /// How many themes of at least two items it gives.
    #[schema(example = 74)]
    pub themes: i64,
    /// How much of the themes stays the same when a fifth of the texts is left out; at most 1.
    #[schema(example = 0.9121)]
    pub stability: f64,
    /// Share of the 5 nearest neighbours (in a small theme: of as many as it has other items) in an item's own theme,
    /// minus the share expected from the sizes of the themes alone.
    #[schema(example = 0.8534)]
    pub purity: f64,
    /// The stability that feedback without any themes would have in as many pieces; 0 for choices made by older versions.
    #[serde(default)]
    #[schema(example = 0.3121)]
    pub by_chance: f64,
    /// Mean cosine of the meanings of two texts of a theme; 0 where it was not measured, as with an external embedder.
    #[serde(default)]
    #[schema(example = 0.2912)]
    pub coherence: f64,
    /// The measure that decides: the logarithm of stability beyond chance, plus that of purity, minus how far coherence
    /// and the number of themes are from what is usual, averaged with the neighbouring settings.
    #[schema(example = -0.3619)]
    pub score: f64,
}

/// A granularity that a cold refinement chose from the feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GranularityChoice {
    /// The setting chosen.
    pub granularity: f64,
    /// How many items it was chosen from.
    pub items: i32,
    /// Whether it is the choice of the previous run, kept because no other is clearly better.
    pub kept: bool,
    /// All candidates: the chosen one, then the others, best first.
    pub candidates: Vec<GranularityCandidate>,
}

/// The granularity of a product, with an explanation.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Granularity {
    /// The product's setting: 0 chooses the value from the feedback.
    #[schema(example = 0.0)]
    pub setting: f64,
    /// The value that the next refinement uses.
    #[schema(example = 8.0)]
    pub chosen: f64,
    /// Whether a refinement is due and has not run yet. Until then the themes are those of the previous one. A changed
    /// setting makes a cold refinement due.
    pub refinement_due: bool,
    /// When the last value was chosen from the feedback.
    pub chosen_at: Option<Time>,
    /// How many items it was chosen from.
    #[schema(example = 1_600)]
    pub items: Option<i32>,
    #[schema(example = "Of 9 settings tried on 1,600 items, 8 is the best.")]
    pub because: String,
    /// Whether the previous choice was kept because no other was clearly better.
    pub kept: bool,
    /// The last candidates: the chosen one, then the others, best first. Empty before the first choice.
    pub candidates: Vec<GranularityCandidate>,
}

impl Granularity {
    /// The granularity by the product's setting, the last choice from its feedback, and whether a refinement is due.
    pub fn explained(setting: f64, last: Option<(Time, GranularityChoice)>, refinement_due: bool) -> Self {
        let because = match (&last, setting > 0.0) {
            (_, true) => format!("It is set to {setting} for this product; with 0 the feedback would choose."),
            (None, false) => format!(
                "{DEFAULT} is used until a cold refinement of at least {} different texts has chosen from the feedback.",
                CHOOSE_FROM
            ),
            (Some((_, choice)), false) => reasons(choice),
        };
        let (chosen_at, choice) = last.unzip();
        let chosen = if setting > 0.0 { setting } else { choice.as_ref().map_or(DEFAULT, |c| c.granularity) };
        Self {
            setting,
            chosen,
            refinement_due,
            chosen_at,
            items: choice.as_ref().map(|c| c.items),
            because,
            kept: choice.as_ref().is_some_and(|c| c.kept),
            candidates: choice.map(|c| c.candidates).unwrap_or_default(),
        }
    }
}

impl Granularity {
    /// The next finer level at which themes are good: the next setting of at least twice the present one whose score is
    /// above those of its neighbours, if the feedback was examined.
    pub fn finer(&self) -> Option<f64> {
        let mut tried: Vec<&GranularityCandidate> = self.candidates.iter().collect();
        tried.sort_by(|a, b| a.granularity.total_cmp(&b.granularity));
        let is_peak = |three: &&[&GranularityCandidate]| {
            three[1].granularity >= 2.0 * self.chosen
                && three[1].score > three[0].score
                && three[1].score > three[2].score
        };
        tried.windows(3).find(is_peak).map(|three| three[1].granularity)
    }
}

fn reasons(choice: &GranularityChoice) -> String {
    let (count, items, g) = (choice.candidates.len(), thousands(choice.items), choice.granularity);
    let mut text = match choice.kept {
        true => format!(
            "{g} was chosen before and stays: of {count} settings tried on {items} items, none is clearly better."
        ),
        false => format!("Of {count} settings tried on {items} items, {g} is the best."),
    };
    if let Some(chosen) = choice.candidates.first() {
        let sentence = format!(
            " Its {} themes come out alike when a fifth of the texts is left out (stability {:.2}) and hold nearest neighbours \
             together (purity {:.2}).",
            thousands(chosen.themes.try_into().unwrap_or(i32::MAX)),
            chosen.stability,
            chosen.purity
        );
        text.push_str(&sentence);
        // Older versions did not measure it.
        if chosen.by_chance > 0.0 {
            text.push_str(&format!(" Without any themes stability would be {:.2}.", chosen.by_chance));
        }
    }
    if let (Some(chosen), Some(next)) = (choice.candidates.first(), choice.candidates.get(1)) {
        let sentence = format!(
            " Its score is {:.3}; that of {}, the best of the others, is {:.3}.",
            chosen.score, next.granularity, next.score
        );
        text.push_str(&sentence);
    }
    text
}

/// A number with separated thousands.
fn thousands(number: i32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The settings to preview.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// Up to 16 values above 0 and up to 128, separated by commas; 0.5, 1, 2, ... 128 where absent.
    #[param(max_length = 200, pattern = "^[0-9]+(\\.[0-9]+)?(,[0-9]+(\\.[0-9]+)?)*$", example = "0.5,1,2,4")]
    pub granularity: Option<String>,
}

impl PreviewQuery {
    /// The requested settings, if any.
    ///
    /// # Errors
    /// 422 where one is out of range, or where there are too many.
    pub fn settings(&self) -> Result<Option<Vec<f64>>> {
        let Some(text) = &self.granularity else { return Ok(None) };
        let settings: Vec<f64> = text.split(',').filter_map(|part| part.parse().ok()).collect();
        if settings.len() > MOST || settings.iter().any(|g| !(*g > 0.0 && *g <= FINEST)) {
            let detail = format!("must name at most {MOST} settings above 0 and up to {FINEST}");
            return Err(Refusal::field("/granularity", "range", detail));
        }
        Ok(Some(settings))
    }
}

/// The result of one setting.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PreviewedSetting {
    #[schema(example = 4.0)]
    pub granularity: f64,
    /// How many themes of at least two items it gives.
    #[schema(example = 41)]
    pub themes: i64,
    /// How many items are in none of these themes.
    #[schema(example = 6)]
    pub alone: i64,
}

/// The result of a cold refinement with each of several settings, if it ran now. Feedback that people assigned, and
/// themes that people changed, stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GranularityPreview {
    pub product_id: Id,
    /// How many items were examined.
    #[schema(example = 1_600)]
    pub items: i64,
    /// The settings, in the order of the request.
    pub data: Vec<PreviewedSetting>,
    /// Whether all requested settings are included and all items were examined. With very many items the time may not suffice,
    /// and for a while after a start they are still being loaded.
    pub complete: bool,
}

/// A sub-theme: a part of a theme whose feedback is more similar.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SubTheme {
    /// A label in the language of most of its feedback.
    #[schema(example = "Refund to a closed card")]
    pub label: String,
    /// Words that distinguish it.
    pub keywords: Vec<String>,
    pub item_count: i64,
    /// How many distinct customers are behind the items.
    pub customer_count: i64,
    /// The most central feedback, best first.
    pub quotes: Vec<Id>,
    /// Its feedback in order of arrival, the first 1,000: valid input for `POST /v1/themes/{id}/split`.
    pub feedback_ids: Vec<Id>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(granularity: f64, score: f64) -> GranularityCandidate {
        GranularityCandidate {
            granularity,
            themes: 1_074,
            stability: 0.9,
            purity: 0.8,
            by_chance: 0.31,
            coherence: 0.3,
            score,
        }
    }

    #[test]
    fn a_choice_says_why() {
        let open = Granularity::explained(0.0, None, false);
        assert_eq!((open.chosen, open.chosen_at, open.candidates.len()), (1.0, None, 0));
        assert!(open.because.contains("at least 20 different texts"), "{}", open.because);
        let candidates = vec![candidate(8.0, 0.73), candidate(4.0, 0.725)];
        let choice = GranularityChoice { granularity: 8.0, items: 12_345, kept: false, candidates };
        let explained = Granularity::explained(0.0, Some((Time(1), choice.clone())), true);
        assert_eq!((explained.chosen, explained.items, explained.kept), (8.0, Some(12_345), false));
        assert!(
            ["12,345 items", "1,074 themes", "would be 0.31", "that of 4", "8 is the best."]
                .iter()
                .all(|part| explained.because.contains(part))
        );
        let kept = GranularityChoice { kept: true, ..choice.clone() };
        assert!(Granularity::explained(0.0, Some((Time(1), kept)), false).because.starts_with("8 was chosen before"));
        let set = Granularity::explained(3.5, Some((Time(1), choice)), false);
        assert_eq!((set.chosen, set.candidates.len()), (3.5, 2));
        assert!(set.because.starts_with("It is set to 3.5"));
    }

    #[test]
    fn sub_themes_are_those_of_the_next_good_level() {
        let scores = [(1.0, -0.9), (2.0, -0.5), (4.0, -0.7), (8.0, -0.6), (16.0, -0.55), (32.0, -0.8)];
        let candidates = scores.into_iter().rev().map(|(g, score)| candidate(g, score)).collect();
        let choice = GranularityChoice { granularity: 2.0, items: 900, kept: false, candidates };
        let finer = |setting: f64| Granularity::explained(setting, Some((Time(1), choice.clone())), false).finer();
        assert_eq!((finer(0.0), finer(1.0), finer(16.0)), (Some(16.0), Some(2.0), None));
        assert_eq!(Granularity::explained(0.0, None, false).finer(), None);
    }

    #[test]
    fn settings_to_preview_are_checked() {
        let asked = |text: &str| PreviewQuery { granularity: Some(text.to_owned()) }.settings();
        assert_eq!(asked("0.5,1,128").unwrap(), Some(vec![0.5, 1.0, 128.0]));
        assert_eq!(PreviewQuery::default().settings().unwrap(), None);
        for wrong in ["0", "1,129", &["1"; 17].join(",")] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
    }
}
