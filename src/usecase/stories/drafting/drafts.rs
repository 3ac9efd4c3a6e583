//! Drafts: a theme with enough customers gets a draft story, and drafts follow the changes of their themes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::json;

use super::{draft_subjects, story_facts};
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::feedback::ERASED;
use crate::domain::stories::priority::{self, Evidence, SetFactors};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Criterion, CriterionQuote, DraftWords, Facts, Story, StoryText};
use crate::domain::team::Product;
use crate::engine::{self, Background, DraftOf, ThemeItem};
use crate::error::Result;
use crate::store::stories::evidence::{self, DraftTheme};
use crate::store::stories::{facts as stored_facts, llm_drafts, story_items, texts as stored_texts};
use crate::store::team::products;
use crate::store::{Conn, Tx, feedback, stories};
use crate::usecase::stories::duplicates::become_duplicate;
use crate::usecase::stories::quoting;
use crate::usecase::stories::ranking::recompute;
use crate::usecase::team::known_names::KnownNames;
use crate::usecase::themes::wording::{Heard, ThemeTexts};

/// The most feedback of a theme that is read for a title.
const READ: i64 = 200;

/// The engine's data of a changed theme.
#[derive(Clone, Debug)]
pub struct ThemeDraft {
    /// The theme.
    pub theme: Id,
    /// The texts of a draft, for the themes of [`needs_words`].
    pub words: Option<DraftWords>,
    /// Whether the theme is still about the subject of its draft; if not, the draft gets no new texts.
    pub same_subject: bool,
    /// What its customers mentioned, where it has a story or gets one.
    pub facts: Option<Facts>,
    /// The mean cosine between its feedback and its centre, 0 to 1.
    pub cohesion: f32,
}

/// The themes that need texts from the engine: they get a draft, or their draft is refreshed.
pub fn needs_words(conn: &mut Conn, product: &Product, themes: &[Id]) -> Result<Vec<Id>> {
    Ok(wanted(conn, product, themes)?.into_iter().map(|(theme, _)| theme).collect())
}

/// The items that the drafts of these themes were drafted from, by theme.
pub fn drafted_from(conn: &mut Conn, themes: &[Id]) -> Result<HashMap<Id, Vec<Id>>> {
    let ids: Vec<Id> = stories::rows::of_themes(conn, themes)?.into_values().flatten().collect();
    let mut drafts = stories::rows::get_many(conn, &ids)?;
    drafts.retain(Story::follows_theme);
    let mut origins = draft_subjects::origins(conn, &drafts)?;
    Ok(drafts.iter().filter_map(|story| Some((story.theme_ids[0], origins.remove(&story.id)?))).collect())
}

/// The themes that need texts, each with the story to refresh, or `None` where a draft is due. A theme gets one draft
/// in its life, so a declined story is not drafted again.
fn wanted(conn: &mut Conn, product: &Product, themes: &[Id]) -> Result<Vec<(Id, Option<Story>)>> {
    let of_themes = stories::rows::of_themes(conn, themes)?;
    let ids: Vec<Id> = of_themes.values().flatten().copied().collect();
    // Drafts of a language model are refreshed by another job, and less often.
    let follows = |story: &Story| story.follows_theme() && story.drafted_by == "builtin";
    let mut wanted: BTreeMap<Id, Option<Story>> = BTreeMap::new();
    for story in stories::rows::get_many(conn, &ids)?.into_iter().filter(follows) {
        wanted.entry(story.theme_ids[0]).or_insert(Some(story));
    }
    let followed: Vec<Id> = themes.iter().copied().filter(|theme| wanted.contains_key(theme)).collect();
    let said = evidence::with_feedback(conn, &followed)?;
    wanted.retain(|theme, _| said.contains(theme));
    // Only themes without a story are counted: themes with one are large and counted elsewhere.
    let free: Vec<Id> = themes.iter().copied().filter(|theme| !of_themes.contains_key(theme)).collect();
    let due = evidence::of_themes(conn, &free)?.into_iter().filter(|theme| is_due(theme, product));
    wanted.extend(due.map(|theme| (theme.id, None)));
    Ok(wanted.into_iter().collect())
}

/// Whether a theme has so much feedback that it gets a draft even where nothing can be said of what its customers share. A
/// few texts that share nothing make no story until more customers ask; a person can always make one.
fn asked_often(conn: &mut Conn, product: &Product, theme: Id) -> Result<bool> {
    let counted = evidence::of_themes(conn, &[theme])?;
    Ok(counted.iter().any(|theme| theme.items >= product.settings.draft_items.into()))
}

fn is_due(theme: &DraftTheme, product: &Product) -> bool {
    let settings = &product.settings;
    let enough = theme.customers >= settings.draft_customers.into() || theme.items >= settings.draft_items.into();
    // Praise asks for nothing, and neither does what shows no kind at all, such as thanks and answers to somebody else.
    let asks = theme.praise * 2 <= theme.items && (theme.praise + theme.unclear) * 3 <= theme.items * 2;
    enough && asks && !theme.closed
}

/// Updates a product's stories after themes changed: creates due drafts, refreshes unedited drafts, counts and ranks
/// again, and closes untouched drafts whose feedback now belongs to another story. An untouched draft without feedback
/// stays, unranked, until feedback returns to its theme.
pub fn follow(tx: &mut Tx<'_>, product: &Product, drafts: &[ThemeDraft]) -> Result<()> {
    let themes: Vec<Id> = drafts.iter().map(|d| d.theme).collect();
    for draft in drafts {
        evidence::set_cohesion(tx, draft.theme, draft.cohesion)?;
    }
    let of_themes: Vec<Id> = stories::rows::of_themes(tx.conn, &themes)?.into_values().flatten().collect();
    let stand = stories::rows::lock(tx, &of_themes)?;
    let mut touched: BTreeSet<Id> = of_themes.into_iter().collect();
    touched.extend(draft_subjects::follow(tx, stand, None)?);
    touched.extend(story_items::decided_about(tx.conn, &themes, &[])?);

    let mut words: HashMap<Id, &ThemeDraft> = drafts.iter().map(|draft| (draft.theme, draft)).collect();
    let mut drafted = false;
    for (theme, story) in wanted(tx.conn, product, &themes)? {
        let Some((told, words)) = words.remove(&theme).and_then(|told| Some((told, told.words.clone()?))) else {
            continue;
        };
        match story {
            None if words.title.is_empty() && !asked_often(tx.conn, product, theme)? => {}
            None => {
                touched.extend([draft(tx, product, theme, words)?]);
                drafted = true;
            }
            Some(story) if told.same_subject => {
                draft_subjects::note(tx, story.id, theme)?;
                refresh(tx, story, words)?;
            }
            Some(_) => {}
        }
    }
    for told in drafts {
        if let Some(facts) = &told.facts {
            story_facts::update(tx, told.theme, facts)?;
        }
    }
    if drafted {
        draft_subjects::gather(tx, product.id)?;
    }
    let touched: Vec<Id> = touched.into_iter().collect();
    for story in recompute(tx, &touched)? {
        if story.feedback_count == 0 && story.is_untouched() && story.proposed_duplicate_of.is_none() {
            absorb(tx, story)?;
        }
    }
    Ok(())
}

fn draft(tx: &mut Tx<'_>, product: &Product, theme: Id, words: DraftWords) -> Result<Id> {
    let number = products::next_story_number(tx, product.id)?;
    let story = new_story(tx.now, product, vec![theme], words.fitted().titled(number));
    stories::rows::insert(tx, &story, number)?;
    draft_subjects::note(tx, story.id, theme)?;
    let data = json!({ "number": format!("{}-{number}", product.key), "theme_ids": [theme] });
    tx.event("story.drafted", story.id, Some(product.id), data);
    Ok(story.id)
}

/// A draft with the engine's texts, without evidence and number.
pub(in crate::usecase) fn new_story(now: Time, product: &Product, theme_ids: Vec<Id>, words: DraftWords) -> Story {
    let set = SetFactors::default();
    Story {
        id: Id::next(),
        product_id: product.id,
        number: String::new(),
        title: words.title,
        as_a: words.as_a,
        i_want: words.i_want,
        so_that: words.so_that,
        acceptance_criteria: words.acceptance_criteria,
        in_scope: words.in_scope,
        out_of_scope: words.out_of_scope,
        texts: words.texts,
        facts: words.facts.unwrap_or_default(),
        effort: None,
        days: None,
        blocked: false,
        owner_id: None,
        stage: Stage::Draft,
        stage_reason: None,
        theme_ids,
        feedback_count: 0,
        customer_count: 0,
        drafted_by: "builtin".to_owned(),
        priority: priority::rice(&Evidence::default(), &set, &product.settings.score_weights),
        duplicate_of: None,
        proposed_duplicate_of: None,
        due_at: None,
        respond_by: Some(product.respond_by(now)),
        overdue_at: None,
        released_at: None,
        round: 0,
        recurrences: 0,
        roll_back_to_tell: None,
        version: 1,
        created_at: now,
        updated_at: now,
        set,
        edited: false,
    }
}

/// The state of a draft when a language model was asked about it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The story.
    pub story: Id,
    /// Its themes at that time.
    pub themes: Vec<Id>,
    /// Its number of feedback at that time.
    pub feedback: i32,
}

/// Writes a language model's texts to a draft, unless a person edited, moved or merged it meanwhile or its quotes were
/// erased. In any case it records the request; the model is asked again when the feedback has doubled. Answers the
/// outcome: the given one, `overtaken`, or `refused` where the texts quote or name a customer.
pub fn take_llm_draft(
    tx: &mut Tx<'_>,
    asked: &Asked,
    words: Option<DraftWords>,
    by: &str,
    outcome: &'static str,
) -> Result<&'static str> {
    let Some(story) = stories::rows::lock(tx, &[asked.story])?.pop() else { return Ok("overtaken") };
    let again = asked.feedback.saturating_mul(2).max(asked.feedback.saturating_add(10));
    let Some(words) = words else {
        llm_drafts::note(tx, story.id, outcome, again)?;
        return Ok(outcome);
    };
    let outcome = if !is_as_asked(tx, asked, &story, &words)? {
        "overtaken"
    } else if quoting::quotes(tx.conn, &story, &words)? {
        "refused"
    } else {
        outcome
    };
    llm_drafts::note(tx, story.id, outcome, again)?;
    if matches!(outcome, "overtaken" | "refused") {
        return Ok(outcome);
    }
    // The model is not asked for a scope: the built-in proposals stay.
    let (in_scope, out_of_scope) = (story.in_scope.clone(), story.out_of_scope.clone());
    refresh(tx, Story { drafted_by: by.to_owned(), ..story }, DraftWords { in_scope, out_of_scope, ..words })?;
    Ok(outcome)
}

/// Whether a story is still an untouched draft of the same themes, and everything that the texts cite is still there.
fn is_as_asked(tx: &mut Tx<'_>, asked: &Asked, story: &Story, words: &DraftWords) -> Result<bool> {
    let cited: BTreeSet<Id> = words.acceptance_criteria.iter().flat_map(|c| c.feedback_ids.iter().copied()).collect();
    let cited: Vec<Id> = cited.into_iter().collect();
    let said = feedback::rows::rows(tx.conn, &cited)?;
    let there = said.len() == cited.len() && said.iter().all(|row| row.text != ERASED);
    Ok(there && story.follows_theme() && story.theme_ids == asked.themes)
}

fn refresh(tx: &mut Tx<'_>, story: Story, words: DraftWords) -> Result<()> {
    let number = story.number.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or_default();
    let words = words.fitted().titled(number);
    let mut fields = Vec::new();
    let mut next = story.clone();
    macro_rules! take {
        ($($field:ident)*) => {$(
            if next.$field != words.$field {
                next.$field = words.$field;
                fields.push(stringify!($field));
            }
        )*};
    }
    take! { title as_a i_want so_that acceptance_criteria in_scope out_of_scope }
    // A language model that gives no texts leaves those of the built-in draft.
    if next.texts != words.texts && (next.drafted_by == "builtin" || !words.texts.is_empty()) {
        stored_texts::set_of_story(tx, next.id, &words.texts)?;
        fields.push("texts");
    }
    if let Some(facts) = words.facts.filter(|facts| *facts != next.facts) {
        stored_facts::set(tx, next.id, &facts)?;
    }
    if !fields.is_empty() {
        next.updated_at = tx.now;
        stories::rows::update(tx, &next)?;
        tx.event("story.updated", next.id, Some(next.product_id), json!({ "fields": fields }));
    }
    Ok(())
}

/// Closes an empty, untouched draft as a duplicate of the story that now has the feedback it quotes, if there is one.
/// Its theme can then get a new story, if feedback returns to it.
fn absorb(tx: &mut Tx<'_>, story: Story) -> Result<()> {
    let quoted: Vec<Id> = story.acceptance_criteria.iter().flat_map(|c| c.feedback_ids.iter().copied()).collect();
    let by = stories::rows::holding_most(tx.conn, &quoted)?.filter(|by| *by != story.id);
    match by {
        Some(by) => become_duplicate(tx, story, by),
        None => Ok(()),
    }
}

/// The built-in draft of a theme, for a story that a person creates, from the theme's latest feedback and its
/// representative quotes.
pub fn words_of(conn: &mut Conn, theme: &DraftTheme) -> Result<DraftWords> {
    let mut read = feedback::rows::rows(conn, &theme.quotes)?;
    let latest = evidence::latest_of(conn, theme.id, READ)?;
    let whole = latest.len() < READ as usize;
    read.extend(latest.into_iter().filter(|row| !theme.quotes.contains(&row.id)));
    let mut heard: Vec<Heard> = read.iter().map(|row| Heard::new(row, 1.0)).collect();
    Heard::look_up_accounts(conn, &mut heard)?;
    let items: Vec<ThemeItem<'_>> = heard.iter().map(Heard::item).collect();
    let names = KnownNames::load(conn)?;
    let naming = ThemeTexts::of(&items, whole, Background::none(), &names, &HashSet::new());
    let title = if theme.label_set { &theme.label } else { &naming.title };
    let of = DraftOf {
        title,
        keywords: &naming.keywords,
        items: &items,
        background: Background::none(),
        is_name: &|word: &str| names.holds(word, |_| false),
        likeness: None,
    };
    Ok(draft_words(engine::draft(&of), &heard, (None, None)))
}

/// A draft of the engine with what the program knows of the customers in these items. `seen` are the times of the
/// theme's oldest and newest feedback.
pub fn draft_words(draft: engine::Draft, heard: &[Heard], seen: (Option<Time>, Option<Time>)) -> DraftWords {
    let criterion = |c: engine::Criterion| Criterion {
        text: c.text,
        feedback_ids: c.feedback_ids.into_iter().map(Id).collect(),
        given: c.given,
        when: c.when,
        then: Some(c.then),
        customers: i32::try_from(c.customers).unwrap_or(i32::MAX),
        quotes: c.quotes.into_iter().map(|(id, text)| CriterionQuote { feedback_id: Id(id), text }).collect(),
    };
    let untitled = draft.title.is_empty().then(|| engine::numbered(Some(draft.wish), draft.korean, ""));
    let other = if draft.korean { Language::English } else { Language::Korean };
    let text = |title| (other.code().to_owned(), StoryText { title: Some(title), ..StoryText::default() });
    let words = DraftWords {
        untitled: untitled.map(|word| word.trim_end().to_owned()),
        texts: draft.other_title.map(text).into_iter().collect(),
        title: draft.title,
        as_a: draft.as_a,
        i_want: draft.i_want,
        so_that: draft.so_that,
        acceptance_criteria: draft.acceptance_criteria.into_iter().map(criterion).collect(),
        in_scope: draft.in_scope,
        out_of_scope: draft.out_of_scope,
        facts: Some(story_facts::facts_of(draft.facts, heard, seen)),
    };
    words.fitted()
}
