//! Rows of an export put back with their ids, where they are not there yet.
//!
//! Feedback comes back in its theme but without its vector: the grouping job finds it by the event and embeds it.

use std::collections::HashSet;

use serde_json::json;

use super::export_rows::*;
use crate::domain::base::Id;
use crate::domain::base::text::{email_fold, fold};
use crate::domain::closure::{Channel, ClosureKind, ClosureState};
use crate::domain::feedback::{Kind, KindSource, SetAside, Severity, Source, State};
use crate::domain::integrations::{MessageFormat, new_webhook_secret};
use crate::domain::releases::{DeploymentHeld, DeploymentState, ReleaseState, Section};
use crate::domain::stories::priority::{Factors, SetFactors};
use crate::domain::stories::stage::Stage;
use crate::domain::stories::{Criterion, Decision, LinkKind, LinkProvider, LinkReason, LinkState, TrialKind, Verdict};
use crate::domain::team::{NoteAuthor, NoteSubject, Role};
use crate::domain::themes::{CorrectionKind, ProposalKind, ProposalNumbers, ProposalState, RefinementKind};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::base::query::*;
use crate::store::base::types::DbId;
use crate::store::closure::closures::ClosureRow;
use crate::store::feedback::customers::{AccountRow, CustomerRow};
use crate::store::feedback::rows::{self as feedback_store, FeedbackRow};
use crate::store::schema::{
    accounts, closures, correction_items, corrections, customer_identities, customers, deployments, draft_sources,
    erased_feedback, feedback, left_behind, links, members, note_mentions, notes, products, proposal_items, proposals,
    recurrences, refinements, release_stories, release_texts, releases, roll_backs, signoffs, stories, story_evidence,
    story_feedback, story_texts, story_themes, tell_choices, text_checks, themes, trials, webhooks,
};

/// How a row of an export is put back.
pub(in crate::store) trait Restore {
    /// See [`super::export::ExportRow::restore`].
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool>;
}

/// 422 where a row holds what this version does not know.
fn known(holds: bool, field: &str) -> Result<()> {
    let refused = || Error::field(format!("/{field}"), "unknown", "is not known to this version");
    holds.then_some(()).ok_or_else(refused)
}

fn is_name<T: std::str::FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

fn is_optional_name<T: std::str::FromStr>(text: Option<&str>) -> bool {
    text.is_none_or(is_name::<T>)
}

fn holds<T: serde::de::DeserializeOwned>(text: &str) -> bool {
    serde_json::from_str::<T>(text).is_ok()
}

/// Whether a table has a row with this id.
macro_rules! is_there {
    ($tx:expr, $table:ident, $id:expr) => {
        $table::table.filter($table::id.eq($id)).count().get_result::<i64>($tx.conn)? > 0
    };
}

/// Inserts where the id is new, with an event.
macro_rules! by_id {
    ($($row:ident of $table:ident as $event:literal in $product:expr, $prepare:expr;)*) => {$(
        impl Restore for $row {
            fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
                if is_there!(tx, $table, self.id) {
                    return Ok(false);
                }
                let prepare: fn(&mut $row) -> Result<()> = $prepare;
                let product: fn(&$row) -> Option<DbId> = $product;
                let mut row = self.clone();
                prepare(&mut row)?;
                diesel::insert_into($table::table).values(&row).execute(tx.conn)?;
                tx.event($event, row.id.into(), product(&row).map(Id::from), json!({}));
                Ok(true)
            }
        }
    )*};
}

by_id! {
    AccountRow of accounts as "account.imported" in |_| None, |row| {
        row.name_folded = fold(&row.name);
        Ok(())
    };
    CustomerRow of customers as "customer.imported" in |_| None, |row| {
        row.email_folded = row.email.as_deref().map(email_fold);
        Ok(())
    };
    MemberRow of members as "member.imported" in |_| None, |row| {
        row.email_folded = email_fold(&row.email);
        known(is_name::<Role>(&row.role), "role")
    };
    ThemeRow of themes as "theme.imported" in |row| Some(row.product_id), |_| Ok(());
    CorrectionRow of corrections as "correction.imported" in |row| Some(row.product_id), |row| {
        known(is_name::<CorrectionKind>(&row.kind), "kind")
    };
    ReleaseRow of releases as "release.imported" in |row| Some(row.product_id), |row| {
        known(is_name::<ReleaseState>(&row.state), "state")
    };
    DeploymentRow of deployments as "deployment.imported" in |row| Some(row.product_id), |row| {
        known(is_name::<DeploymentState>(&row.state), "state")?;
        known(is_optional_name::<DeploymentHeld>(row.held.as_deref()), "held")
    };
    TrialRow of trials as "trial.imported" in |_| None, |row| {
        known(is_name::<TrialKind>(&row.kind), "kind")?;
        known(is_name::<Verdict>(&row.verdict), "verdict")
    };
    SignoffRow of signoffs as "signoff.imported" in |_| None, |row| {
        known(is_name::<Decision>(&row.decision), "decision")
    };
    RefinementRow of refinements as "refinement.imported" in |row| Some(row.product_id), |row| {
        known(is_name::<RefinementKind>(&row.kind), "kind")
    };
    ProposalRow of proposals as "proposal.imported" in |row| Some(row.product_id), |row| {
        known(is_name::<ProposalKind>(&row.kind), "kind")?;
        known(is_name::<ProposalState>(&row.state), "state")?;
        known(holds::<ProposalNumbers>(&row.numbers), "numbers")
    };
    LinkRow of links as "link.imported" in |_| None, |row| {
        known(is_name::<LinkProvider>(&row.provider), "provider")?;
        known(is_name::<LinkKind>(&row.kind), "kind")?;
        known(is_optional_name::<LinkState>(row.state.as_deref()), "state")?;
        known(is_name::<LinkReason>(&row.reason), "reason")
    };
    // Not `closure.opened`: who was told is not told again.
    ClosureRow of closures as "closure.imported" in |row| Some(row.product_id), |row| {
        known(is_name::<ClosureState>(&row.state), "state")?;
        known(is_name::<ClosureKind>(&row.kind), "kind")?;
        known(is_name::<Channel>(&row.channel), "channel")
    };
}

/// Why a webhook of an export sends nothing yet.
const WITHOUT_SECRET: &str = "It came with an export, which holds no secrets: rotate its secret, then enable it.";

impl Restore for WebhookRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if is_there!(tx, webhooks, self.id) {
            return Ok(false);
        }
        known(holds::<Vec<String>>(&self.events), "events")?;
        known(is_name::<MessageFormat>(&self.format), "format")?;
        let disabled = (
            webhooks::secret.eq(new_webhook_secret()?),
            webhooks::active.eq(false),
            webhooks::disabled_reason.eq(WITHOUT_SECRET),
        );
        diesel::insert_into(webhooks::table).values((self, disabled)).execute(tx.conn)?;
        tx.event("webhook.imported", self.id.into(), self.product_id.map(Id::from), json!({}));
        Ok(true)
    }
}

impl Restore for ProductRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let product = Some(self.id.into());
        if !is_there!(tx, products, self.id) {
            diesel::insert_into(products::table).values(self).execute(tx.conn)?;
            tx.event("product.created", self.id.into(), product, json!({ "key": self.key }));
            return Ok(true);
        }
        // The product that every instance starts with gives way as long as nothing was done to it.
        let untouched = products::version.eq(1).and(products::last_story_number.eq(0));
        let fresh = products::table.filter(products::id.eq(self.id)).filter(untouched);
        let is_used = is_used(tx, self.id)?;
        if is_used || fresh.count().get_result::<i64>(tx.conn)? == 0 {
            return Ok(false);
        }
        diesel::update(products::table.find(self.id))
            .set((
                products::key.eq(&self.key),
                products::name.eq(&self.name),
                products::currency.eq(&self.currency),
                products::settings.eq(&self.settings),
                products::last_story_number.eq(self.last_story_number),
                products::version.eq(self.version),
                products::created_at.eq(self.created_at),
                products::updated_at.eq(self.updated_at),
            ))
            .execute(tx.conn)?;
        tx.event("product.updated", self.id.into(), product, json!({}));
        Ok(true)
    }
}

/// Whether anything belongs to a product.
fn is_used(tx: &mut Tx<'_>, product: DbId) -> Result<bool> {
    let said: Option<DbId> = feedback::table
        .filter(feedback::product_id.eq(product))
        .select(feedback::id)
        .limit(1)
        .first(tx.conn)
        .optional()?;
    let themes: i64 = themes::table.filter(themes::product_id.eq(product)).count().get_result(tx.conn)?;
    Ok(said.is_some() || themes > 0)
}

impl Restore for StoryRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if is_there!(tx, stories, self.id) {
            return Ok(false);
        }
        known(is_name::<Stage>(&self.stage), "stage")?;
        known(holds::<Factors>(&self.factors), "factors")?;
        known(holds::<SetFactors>(&self.set_factors), "set_factors")?;
        known(holds::<Vec<Criterion>>(&self.acceptance_criteria), "acceptance_criteria")?;
        known(holds::<Vec<String>>(&self.in_scope), "in_scope")?;
        known(holds::<Vec<String>>(&self.out_of_scope), "out_of_scope")?;
        diesel::insert_into(stories::table).values(self).execute(tx.conn)?;
        // The next story's number comes after this one's, whatever the product said of itself.
        let behind = products::table.filter(products::id.eq(self.product_id));
        diesel::update(behind.filter(products::last_story_number.lt(self.number)))
            .set(products::last_story_number.eq(self.number))
            .execute(tx.conn)?;
        tx.event("story.imported", self.id.into(), Some(self.product_id.into()), json!({}));
        Ok(true)
    }
}

impl Restore for FeedbackRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        all_feedback(tx, &[self]).map(|restored| restored == [true])
    }
}

/// Puts feedback back in few statements; answers for each whether it was missing. As all else here it is all or nothing:
/// where one row does not fit, they are tried one by one.
///
/// # Errors
/// As for [`super::export::ExportRow::restore`].
pub fn all_feedback(tx: &mut Tx<'_>, rows: &[&FeedbackRow]) -> Result<Vec<bool>> {
    let ids = rows.iter().map(|row| row.id);
    let there: Vec<DbId> = feedback::table.filter(feedback::id.eq_any(ids)).select(feedback::id).load(tx.conn)?;
    let there: HashSet<DbId> = there.into_iter().collect();
    let missing: Vec<FeedbackRow> =
        rows.iter().filter(|row| !there.contains(&row.id)).map(|row| (*row).clone()).collect();
    missing.iter().try_for_each(check_feedback)?;
    feedback_store::insert(tx, &missing)?;
    for row in &missing {
        tx.event("feedback.imported", row.id.into(), Some(row.product_id.into()), json!({}));
    }
    Ok(rows.iter().map(|row| !there.contains(&row.id)).collect())
}

fn check_feedback(row: &FeedbackRow) -> Result<()> {
    known(is_name::<State>(&row.state), "state")?;
    known(is_name::<Source>(&row.source), "source")?;
    known(is_optional_name::<Kind>(row.kind.as_deref()), "kind")?;
    known(is_optional_name::<KindSource>(row.kind_source.as_deref()), "kind_source")?;
    known(is_optional_name::<SetAside>(row.set_aside.as_deref()), "set_aside")?;
    known(is_optional_name::<Severity>(row.severity.as_deref()), "severity")?;
    known(holds::<Vec<String>>(&row.tags), "tags")?;
    known(holds::<serde_json::Map<String, serde_json::Value>>(&row.fields), "fields")?;
    known(holds::<Vec<String>>(&row.edited), "edited")
}

/// Inserts where the key is new.
macro_rules! by_key {
    ($($row:ident of $table:ident by $first:ident $($other:ident)*;)*) => {$(
        impl Restore for $row {
            fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
                let same = $table::$first.eq(&self.$first)$(.and($table::$other.eq(&self.$other)))*;
                if $table::table.filter(same).count().get_result::<i64>(tx.conn)? > 0 {
                    return Ok(false);
                }
                diesel::insert_into($table::table).values(self).execute(tx.conn)?;
                Ok(true)
            }
        }
    )*};
}

by_key! {
    IdentityRow of customer_identities by external_id origin;
    StoryThemeRow of story_themes by theme_id story_id;
    DraftSourceRow of draft_sources by story_id feedback_id;
    StoryFeedbackRow of story_feedback by story_id feedback_id;
    CorrectionItemRow of correction_items by correction_id feedback_id;
    ProposalItemRow of proposal_items by proposal_id feedback_id;
    ErasedRow of erased_feedback by key;
    StoryEvidenceRow of story_evidence by story_id round feedback_id;
    RecurrenceRow of recurrences by story_id feedback_id;
    TellChoiceRow of tell_choices by story_id customer_id;
    LeftBehindRow of left_behind by story_id;
    RollBackRow of roll_backs by story_id;
    NoteMentionRow of note_mentions by note_id member_id;
    StoryTextRow of story_texts by story_id language;
    ReleaseTextRow of release_texts by release_id language;
    TextCheckRow of text_checks by story_id;
}

impl Restore for ReleaseStoryRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        known(is_name::<Section>(&self.section), "section")?;
        let row = release_stories::table.find((self.release_id, self.story_id));
        if row.select(release_stories::story_id).first::<DbId>(tx.conn).optional()?.is_some() {
            return Ok(false);
        }
        diesel::insert_into(release_stories::table).values(self).execute(tx.conn)?;
        Ok(true)
    }
}

impl Restore for NoteRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        if is_there!(tx, notes, self.id) {
            return Ok(false);
        }
        known(is_name::<NoteAuthor>(&self.author_kind), "author_kind")?;
        known(is_name::<NoteSubject>(&self.subject_kind), "subject_kind")?;
        let is_known = match self.subject_kind.parse() {
            Ok(NoteSubject::Feedback) => is_there!(tx, feedback, self.subject_id),
            Ok(NoteSubject::Story) => is_there!(tx, stories, self.subject_id),
            Ok(NoteSubject::Customer) => is_there!(tx, customers, self.subject_id),
            Ok(NoteSubject::Closure) => is_there!(tx, closures, self.subject_id),
            Err(()) => false,
        };
        if !is_known {
            return Err(Error::new(Code::Conflict, "What the note is about is not there."));
        }
        diesel::insert_into(notes::table).values(self).execute(tx.conn)?;
        let id: Id = self.id.into();
        tx.event("note.imported", self.subject_id.into(), None, json!({ "note_id": id }));
        Ok(true)
    }
}

impl Restore for CustomerMergeRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let unmerged = customers::table.filter(customers::id.eq(self.id)).filter(customers::merged_into.is_null());
        Ok(diesel::update(unmerged).set(customers::merged_into.eq(self.merged_into)).execute(tx.conn)? > 0)
    }
}

impl Restore for ThemeMergeRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let unmerged = themes::table.filter(themes::id.eq(self.id)).filter(themes::merged_into.is_null());
        Ok(diesel::update(unmerged).set(themes::merged_into.eq(self.merged_into)).execute(tx.conn)? > 0)
    }
}

impl Restore for StoryDuplicateRow {
    fn restore(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let unmarked = stories::duplicate_of.is_null().and(stories::proposed_duplicate_of.is_null());
        let story = stories::table.filter(stories::id.eq(self.id)).filter(unmarked);
        let links = (
            stories::duplicate_of.eq(self.duplicate_of),
            stories::proposed_duplicate_of.eq(self.proposed_duplicate_of),
        );
        Ok(diesel::update(story).set(links).execute(tx.conn)? > 0)
    }
}
