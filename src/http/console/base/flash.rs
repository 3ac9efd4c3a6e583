//! Messages for the next page: what the last act did, and a form that undoes it where it can be undone. They stay until
//! the next page, and are sent as a name from a list, so that nobody can put words of their own on a page. A message
//! with an undo is there again where its page is loaded again: the cookie then says on which page it was shown.

use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::HttpRequest;

use super::cookie;
use crate::domain::base::Id;
use crate::domain::words::console::Words;

const COOKIE: &str = "hearback_message";
/// How long a message waits for its page, in seconds.
const WAITS: i64 = 300;
/// How long a message with an undo can be shown again on its page, in seconds.
const STAYS: i64 = 3_600;

/// Declares the messages: each with the name in its cookie, and its words.
macro_rules! messages {
    ($($name:ident $text:literal $say:ident;)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flash { $($name),* }

        impl Flash {
            fn as_str(self) -> &'static str { match self { $(Flash::$name => $text),* } }

            fn named(text: &str) -> Option<Self> {
                match text { $($text => Some(Flash::$name),)* _ => None }
            }

            /// The message in words.
            pub fn say(self, t: Words) -> String { match self { $(Flash::$name => t.$say()),* } }
        }
    };
}

messages! {
    SignedOut "signed_out" flash_signed_out;
    Saved "saved" flash_saved;
    ReviewSigned "review_signed" flash_review_signed;
    PartyAdded "party_added" flash_party_added;
    PartyRemoved "party_removed" flash_party_removed;
    Invited "invited" flash_invited;
    Activated "activated" flash_activated;
    Deactivated "deactivated" flash_deactivated;
    TokenRevoked "token_revoked" flash_token_revoked;
    ProductMade "product_made" flash_product_made;
    ProductArchived "product_archived" flash_product_archived;
    ProductRestored "product_restored" flash_product_restored;
    TestSent "test_sent" flash_test_sent;
    Enabled "enabled" flash_enabled;
    Disabled "disabled" flash_disabled;
    WebhookDeleted "webhook_deleted" flash_webhook_deleted;
    SentAgain "sent_again" flash_sent_again;
    ImportQueued "import_queued" flash_import_queued;
    ReleasePlanned "release_planned" flash_release_planned;
    OnBoard "on_board" flash_on_board;
    TakenOff "taken_off" flash_taken_off;
    ReleaseFrozen "release_frozen" flash_release_frozen;
    ReleaseUnfrozen "release_unfrozen" flash_release_unfrozen;
    Shipped "shipped" flash_shipped;
    RolledBack "rolled_back" flash_rolled_back;
    Yanked "yanked" flash_yanked;
    MetricDefined "metric_defined" flash_metric_defined;
    MetricArchived "metric_archived" flash_metric_archived;
    MetricRestored "metric_restored" flash_metric_restored;
    Moved "moved" flash_moved;
    Declined "declined" flash_declined;
    Filed "filed" flash_filed;
    FiledAgain "filed_again" flash_filed_again;
    DeviceOut "device_out" flash_device_out;
    DevicesOut "devices_out" flash_devices_out;
    PasswordSet "password_set" flash_password_set;
    Welcome "welcome" flash_welcome;
    Renamed "renamed" flash_renamed;
    Muted "muted" flash_muted;
    Unmuted "unmuted" flash_unmuted;
    ViewSaved "view_saved" flash_view_saved;
    ViewDeleted "view_deleted" flash_view_deleted;
    DraftDiscarded "draft_discarded" flash_draft_discarded;
    Undone "undone" flash_undone;
    Merged "merged" flash_merged;
    Split "split" flash_split;
    MovedFeedback "moved_feedback" flash_moved_feedback;
    Drafted "drafted" flash_drafted;
    Quoted "quoted" flash_quoted;
    Accepted "accepted" flash_accepted;
    Attached "attached" flash_attached;
    Detached "detached" flash_detached;
    Signed "signed" flash_signed;
    Withdrawn "withdrawn" flash_withdrawn;
    Linked "linked" flash_linked;
    Unlinked "unlinked" flash_unlinked;
    IssueAsked "issue_asked" flash_issue_asked;
    TrialRecorded "trial_recorded" flash_trial_recorded;
    Aboard "aboard" flash_aboard;
    Rejected "rejected" flash_rejected;
    Granular "granular" flash_granular;
    Recalled "recalled" flash_recalled;
    Nothing "nothing" flash_nothing;
    ActUndone "act_undone" flash_act_undone;
    ActDismissed "act_dismissed" flash_act_dismissed;
    ActRestored "act_restored" flash_act_restored;
    ActMoved "act_moved" flash_act_moved;
    ActTagged "act_tagged" flash_act_tagged;
    ActUntagged "act_untagged" flash_act_untagged;
    ActAside "act_aside" flash_act_aside;
    ActTaken "act_taken" flash_act_taken;
    FiledTogether "filed_together" flash_filed_together;
    NoteSaved "note_saved" flash_note_saved;
    NoteUnknown "note_unknown" flash_note_unknown;
    NoteDeleted "note_deleted" flash_note_deleted;
    Told "told" flash_told;
    AnswerConfirmed "answer_confirmed" flash_answer_confirmed;
    AnswerReopened "answer_reopened" flash_answer_reopened;
    AnswerUndone "answer_undone" flash_answer_undone;
    TellUndone "tell_undone" flash_tell_undone;
    Unreachable "unreachable" flash_unreachable;
    Taken "taken" flash_taken;
    CustomersMerged "customers_merged" flash_customers_merged;
    Erased "erased" flash_erased;
    RotaMade "rota_made" flash_rota_made;
    RotaDeleted "rota_deleted" flash_rota_deleted;
    ErasureWaits "erasure_waits" flash_erasure_waits;
    RequestFiled "request_filed" flash_request_filed;
    IdentityChecked "identity_checked" flash_identity_checked;
    RequestExtended "request_extended" flash_request_extended;
    RequestDone "request_done" flash_request_done;
    RequestWaits "request_waits" flash_request_waits;
    RequestRefused "request_refused" flash_request_refused;
    RuleAdded "rule_added" flash_rule_added;
    RuleDeleted "rule_deleted" flash_rule_deleted;
    HoldPlaced "hold_placed" flash_hold_placed;
    HoldEnded "hold_ended" flash_hold_ended;
    BreachOpened "breach_opened" flash_breach_opened;
    NoticeRecorded "notice_recorded" flash_notice_recorded;
    BreachClosed "breach_closed" flash_breach_closed;
    BreachReopened "breach_reopened" flash_breach_reopened;
    ConsentRecorded "consent_recorded" flash_consent_recorded;
    ConsentWithdrawn "consent_withdrawn" flash_consent_withdrawn;
    ChecklistAdopted "checklist_adopted" flash_checklist_adopted;
    ChecklistDropped "checklist_dropped" flash_checklist_dropped;
    ShiftTaken "shift_taken" flash_shift_taken;
    CoverAsked "cover_asked" flash_cover_asked;
    CoverDeclined "cover_declined" flash_cover_declined;
    CoverWithdrawn "cover_withdrawn" flash_cover_withdrawn;
    IncidentOpened "incident_opened" flash_incident_opened;
    IncidentAcknowledged "incident_acknowledged" flash_incident_acknowledged;
    IncidentMitigated "incident_mitigated" flash_incident_mitigated;
    IncidentReopened "incident_reopened" flash_incident_reopened;
    IncidentResolved "incident_resolved" flash_incident_resolved;
    HandOffOffered "hand_off_offered" flash_hand_off_offered;
    HandOffAccepted "hand_off_accepted" flash_hand_off_accepted;
    HandOffDeclined "hand_off_declined" flash_hand_off_declined;
    HandOffWithdrawn "hand_off_withdrawn" flash_hand_off_withdrawn;
    SwarmCalled "swarm_called" flash_swarm_called;
    EntryAdded "entry_added" flash_entry_added;
    CustomersTold "customers_told" flash_customers_told;
    EscalationSaved "escalation_saved" flash_escalation_saved;
}

/// A message that waits for its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub flash: Flash,
    /// The correction that the act made. The page shows a form that undoes it.
    pub undo: Option<Id>,
}

/// What the cookie holds: a message, and the mark of the page that has shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    message: Waiting,
    shown_on: Option<u64>,
}

impl Held {
    fn written(self) -> String {
        let name = self.message.flash.as_str();
        let undo = self.message.undo.map(|undo| format!(".{undo}")).unwrap_or_default();
        let page = self.shown_on.map(|page| format!(".{page:x}")).unwrap_or_default();
        format!("{name}{undo}{page}")
    }

    fn read(value: &str) -> Option<Self> {
        let mut parts = value.split('.');
        let flash = Flash::named(parts.next()?)?;
        let undo = parts.next().and_then(|id| id.parse().ok());
        let shown_on = parts.next().and_then(|page| u64::from_str_radix(page, 16).ok());
        Some(Self { message: Waiting { flash, undo }, shown_on })
    }

    /// The message, where it was not shown yet, or was shown on this page.
    fn on(self, page: u64) -> Option<Waiting> {
        self.shown_on.is_none_or(|shown| shown == page).then_some(self.message)
    }
}

impl Waiting {
    /// The header that keeps the message for the next page.
    pub fn keep(self, request: &HttpRequest) -> String {
        cookie::set(request, COOKIE, &Held { message: self, shown_on: None }.written(), WAITS)
    }
}

/// The mark of a page: of its address with the query.
fn mark(request: &HttpRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.uri().path_and_query().map(|address| address.as_str()).hash(&mut hasher);
    hasher.finish()
}

/// The message that waits for this page.
pub fn waiting(request: &HttpRequest) -> Option<Waiting> {
    Held::read(&cookie::value(request, COOKIE)?)?.on(mark(request))
}

/// The header that follows from showing this page: it keeps a message with an undo for when the page is loaded again, and
/// deletes any other message.
pub fn shown(request: &HttpRequest) -> Option<String> {
    cookie::value(request, COOKIE)?;
    let stays = waiting(request).filter(|message| message.undo.is_some());
    let held = stays.map(|message| Held { message, shown_on: Some(mark(request)) }.written());
    Some(match held {
        Some(held) => cookie::set(request, COOKIE, &held, STAYS),
        None => cookie::set(request, COOKIE, "", 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(flash: Flash, undo: Option<Id>, shown_on: Option<u64>) -> Held {
        Held { message: Waiting { flash, undo }, shown_on }
    }

    #[test]
    fn a_message_is_a_name_of_the_list_with_an_id_and_a_page_at_most() {
        let id = Id::next();
        for known in [
            held(Flash::Merged, None, None),
            held(Flash::Merged, Some(id), None),
            held(Flash::ActMoved, Some(id), Some(u64::MAX)),
        ] {
            assert_eq!(Held::read(&known.written()), Some(known));
        }
        assert_eq!(Held::read("merged.<script>.<script>"), Some(held(Flash::Merged, None, None)));
        assert_eq!((Held::read("anything else"), Held::read(".")), (None, None));
    }

    #[test]
    fn a_message_that_was_shown_belongs_to_its_page() {
        let waits = held(Flash::Merged, Some(Id::next()), None);
        let shown = Held { shown_on: Some(7), ..waits };
        assert_eq!((waits.on(7), shown.on(7), shown.on(8)), (Some(waits.message), Some(waits.message), None));
    }
}
