### The texts for customers and members in English (Fluent syntax, https://projectfluent.org). `mod.rs` lists the messages;
### ko.ftl has the same ones with the same arguments.

## A day, and what stands for a title that may quote a customer

date_of = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
neutral_title = What customers asked for

## Subjects of mails to customers

subject_release = [{ $product }] Is it solved? { $title }
subject_decline = [{ $product }] What became of it: { $title }
subject_roll_back = [{ $product }] Taken back for now: { $title }

## Mails and pages

is_it_solved = Is it solved for you?
should_we_know = Is there something we should know?
tell_us_more = Tell us more
this_is_changed = This is what we changed:

## Mails to customers

mail_hello = Hello,
mail_hello_name = Hello { $name },
mail_told_on = On { $date } you told us:
mail_noted_on = On { $date } you told us that something was wrong or missing.
mail_noted = You told us that something was wrong or missing.
mail_changed_before = We changed this and asked whether it helps:
mail_declined = Thank you. We thought about it and will not do this, for the reason below:
mail_taken_back = We told you that we changed this. We had to take the change back for now; you hear from us when it is there again:
mail_in_release = It is in release { $release }.
mail_was_in_release = It was in release { $release }.
mail_answer = Answer: solved, or not solved
mail_how_to_answer = One click, no login. You can answer until { $until }. What you write if it is not solved goes straight to the team.
mail_how_to_write = No login, and no need to answer. Until { $until } you can write to us there; it goes straight to the team.
mail_why = You get this because you told us about it; it is the only reason we write.
mail_stop = No more mail like this:

## Mails that ask members to take over an incident or a shift

ask_hand_off = { $by } asks you to take over { $number }.
ask_shift = { $by } asks you to take a shift.
ask_until = Please answer until { $until }. Without an answer it stays with its owner.
ask_somebody = Somebody
ask_why = Nothing changes until you accept. You can also decline.
ask_revisit = An evaluation of solutions should be looked at again.
ask_revisit_day = It was to be looked at again on { $day }. Does the decision still hold?
ask_revisit_why = You get this because you decide this evaluation, or began it. Set a later day to be reminded again.

## Mails that page members for an incident

paging_subject = SEV{ $severity } { $number }: { $title }
paging_opened = An incident was opened and nobody has acknowledged it yet.
paging_reopened = An incident was reopened and nobody has acknowledged it yet.
paging_expired = The incident was acknowledged a long time ago and is not resolved. The acknowledgement has expired.
paging_shift_ended = The shift of the member who acknowledged the incident has ended, and it is not resolved.
paging_returned = Nobody accepted the offer of this incident in time, so it came back to its owner.
paging_repeat = All steps were taken before, and nobody acknowledged: this is a repetition.
paging_ask = Acknowledge it if you work on it. That ends paging.
paging_why_owner = You are paged because you own the incident.
paging_why_rota = You are paged because you are on the rota of this product.
paging_why_member = You are paged because the escalation of this product names you.
paging_why_product_owner = You are paged because you stand in for the product: as its owner, or as an admin.

## Mails to members with a link to the console

invitation_subject = Your link to Hearback
invitation_sentence = With this link you set a password and sign in to Hearback. It works once, for seven days:
invitation_why = You get this because an admin of Hearback invited you. If you do not expect it, ignore it.

## Mails to members who are mentioned in a note

mention_by_name = { $by } mentioned you in a note about { $place }.
mention_by_somebody = Somebody mentioned you in a note about { $place }.
mention_story = a story
mention_case_of = a customer's case in { $number }
mention_case = a customer's case
mention_feedback = a piece of feedback
mention_customer = a customer
mention_why = This is internal: please do not forward it to customers. The whole note stands under /notes of this address; sign in with your token.

## Pages on which customers answer

page_told = You told us:
page_declined = What became of it
page_taken_back = Taken back for now
page_not_done = We thought about it and will not do this:
page_undone = We had to take this change back for now; you hear from us when it is there again:
page_solved = Yes, it is solved
page_not_solved = No, not solved
page_understood = Understood
page_what_is_not_solved = What is not solved?
page_say_what_is_not_solved = Please say what is not solved.
page_say_more = Please write what we should know.
page_choose = Please choose one of the two.
page_too_long = At most 5,000 characters, please.
page_thanks = Thank you!
page_thanks_close = You can close this page.
page_thanks_solved = We are glad that it is solved. You can close this page.
page_thanks_for_words = Thank you for telling us
page_words_are_with_the_team = Your words are with the team now. When there is something new, you hear back.
page_no_more_mail = No more mail?
page_no_more_mail_means = Then we will not write to you again when something you asked for is done.
page_stop_mail = Send me no more mail
page_unsubscribed = You get no more mail
page_unsubscribed_close = We will not write to you again. You can close this page.
page_answered = You have answered already
page_answered_once = Thank you! This link takes one answer. If there is more to say, tell our support.
page_gone = This link is no longer good
page_gone_means = Its time is over. If something is still not solved, tell our support.
page_not_found = There is nothing here
page_not_found_means = Please open the whole link from the mail; a part of it may be missing.
page_failed = Something went wrong here
page_failed_means = Nothing was lost; please try again in a moment.
page_unreadable = That could not be read
page_unreadable_means = Please go back and send the form again.

## Issues at a tracker, in Markdown

issue_as_a = As a { $who }
issue_as_an = As an { $who }
issue_i_want = I want { $what }
issue_so_that = so that { $why }
issue_asked_for = Asked for by { $customers ->
    [one] { $customers } customer
   *[other] { $customers } customers
}, in { $feedback ->
    [one] { $feedback } piece
   *[other] { $feedback } pieces
} of feedback.
issue_criteria = Acceptance criteria
issue_in_scope = In scope
issue_out_of_scope = Out of scope
issue_words_stay = What customers said stays in Hearback.
issue_name_it = { $story } in Hearback: name its number in branches, commits and pull requests.

## Titles where customers share no more than one word, or none

numbered_fix = Problem { $number }
numbered_build = Request { $number }
numbered_answer = Question { $number }
numbered_keep = Praise { $number }
numbered_any = Feedback { $number }
about_fix = Problem with { $word }
about_build = Request about { $word }
about_answer = Question about { $word }
about_keep = Praise for { $word }
about_any = Feedback about { $word }

## Drafted stories

draft_customer = customer
draft_customer_of = { $segment } customer
draft_fix_untitled = what I reported to be solved
draft_build_untitled = what I asked for
draft_answer_untitled = a clear answer
draft_keep_untitled = this to stay as good as it is

# What is wanted, after "I want".
want_observed = { $subject } { $request }
want_customers = { $request }
want_able = to { $verb }
want_no = no more { $matter }
want_without = the problem with { $matter } to be solved
want_have = { $matter }
want_asked = my request about { $matter } to be met
want_know = to know { $matter }
want_stay = { $matter } to stay as good as it is

# What can be observed then: the end of a criterion.
then_observed = { $subject } { $observed }
then_customers = customers { $observed }
then_able = customers can { $verb }
then_no = customers have no { $matter }
then_without = the problem with { $matter } no longer occurs
then_have = { $matter } is available
then_have_many = { $matter } are available
then_asked = the request about { $matter } is met
then_know = customers find out { $matter } without asking support
then_stay = { $matter } stays as good as it is
then_fixed = what these customers reported no longer happens
then_built = customers can do what these customers asked for
then_answered = customers find the answer without asking support
then_kept = what these customers praise stays as it is

# Criteria: the condition, then what can be observed, then how many customers said so.
criterion_given = given { $given }, { $then }
criterion_when = { $when }, { $then }
criterion_both = given { $given }, { $when }, { $then }
criterion_counted = { $text }. ({ $customers ->
    [one] { $customers } customer
   *[other] { $customers } customers
})
criterion_said = { $text }. ({ $times ->
    [one] once
   *[other] { $times } times
})
circumstance_version = version { $value }
circumstance_on = a customer on { $value }
circumstance_in = a customer in { $value }
circumstance_after_update = after an update
circumstance_update = an update
circumstance_tablet = a tablet
circumstance_minutes = { $number ->
    [1] { $number } minute
   *[other] { $number } minutes
}
circumstance_hours = { $number ->
    [1] { $number } hour
   *[other] { $number } hours
}
circumstance_days = { $number ->
    [1] { $number } day
   *[other] { $number } days
}
circumstance_weeks = { $number ->
    [1] { $number } week
   *[other] { $number } weeks
}
circumstance_months = { $number ->
    [1] { $number } month
   *[other] { $number } months
}
scope_line = { $what } ({ $customers ->
    [one] { $customers } customer
   *[other] { $customers } customers
})
scope_said = { $what } ({ $times ->
    [one] once
   *[other] { $times } times
})

## Messages to chats in the format `full`: what they are about

chat_test = This is a test message from Hearback.
chat_theme = theme “{ $label }”
chat_release = release { $name }
chat_some_theme = a theme
chat_some_release = a release
chat_some_feedback = a feedback
chat_some_product = a product
chat_some_story = a story
chat_incident = incident { $number }
chat_some_incident = an incident
owner_on_duty = On duty when the incident was opened.
owner_of_product = Nobody is on duty, so the owner of the product owns it.
owner_first_admin = Nobody is on duty and the product has no owner, so the first admin owns it.
owner_hand_off = Accepted a hand-off.
owner_taken_over = Took it over.
owner_escalated = Nobody acknowledged it in time, so it was escalated.
owner_left = The owner before is no longer active.
incident_subject_start = { $product }: we know about the problem
incident_subject_end = { $product }: the problem is over
incident_is_it_over = Is it over for you too?
incident_call = You are called to { $number } (SEV{ $severity }).
incident_call_why = This is internal: please do not forward it to customers.
postmortem_impact = SEV{ $severity }. Customers were affected for { $duration }.
postmortem_impact_open = SEV{ $severity }. It is not over yet.
postmortem_services = Affected services: { $services }.
postmortem_customers = 
    { $customers ->
        [one] { $customers } customer
       *[other] { $customers } customers
    } said something about it ({ $feedback } feedback in all).
postmortem_detection = Noticed by { $source } at { $at }; opened here { $opened } later.
postmortem_acknowledged = Acknowledged { $duration } after it was noticed.
postmortem_deployment = Deployment of { $at } (service: { $service }).
incident_source = 
    { $source ->
        [person] a person
        [alertmanager] Alertmanager
        [grafana] Grafana
        [pagerduty] PagerDuty
        [cdevents] CDEvents
        [sentry] Sentry
        [feedback] feedback of customers
       *[other] { $source }
    }
postmortem_section_summary = Summary
postmortem_section_impact = Impact
postmortem_section_detection = Detection
postmortem_section_trigger = Trigger
postmortem_section_root_causes = Root causes
postmortem_section_contributing_factors = Contributing factors
postmortem_section_resolution = Resolution
postmortem_section_went_well = What went well
postmortem_section_went_wrong = What went wrong
postmortem_section_lucky = Where we were lucky
postmortem_section_open_questions = Open questions
postmortem_heading_timeline = Timeline
postmortem_heading_customers = Customers
postmortem_heading_actions = Actions
postmortem_facts_line = { $number }, SEV{ $severity }, { $duration }
postmortem_action_due = due { $due }
chat_postmortem = the postmortem of { $number }
chat_some_postmortem = a postmortem
chat_report = the { $kind } report
chat_some_report = a report
chat_some_subscription = a subscription to reports

## Words of the data of events, by `value-` and the word

value-draft = draft
value-accepted = accepted
value-scoped = scoped
value-designing = designing
value-building = building
value-testing = testing
value-ready = ready
value-released = released
value-closing = closing
value-closed = closed
value-declined = declined
value-duplicate = duplicate
value-release = release
value-decline = decline
value-roll_back = roll back
value-succeeded = succeeded
value-failed = failed
value-rolled_back = rolled back
value-scheduled = scheduled
value-done = done
value-not_shipped = not shipped
value-ambiguous = ambiguous
value-branch = branch
value-commit = commit
value-pull_request = pull request
value-issue = issue
value-auto_reply = auto reply
value-bounce = bounce
value-spam = spam
value-test = test
value-greeting = greeting
value-nothing = nothing to say
value-admin = admin
value-product = product
value-developer = developer
value-support = support
value-viewer = viewer
value-ingest = ingest
value-rename = rename
value-merge = merge
value-split = split
value-mute = mute
value-unmute = unmute
value-move = move
value-dismiss = dismiss
value-restore = restore
value-passed = passed
value-mark_duplicate = mark duplicate
value-weekly = weekly
value-monthly = monthly
value-summary = counts and sums
value-unsubscribed = unsubscribed

## Events, by `event-` and their kind with - in place of the dot: the sentence of messages in the format `full`. `subject` is what it happened to, other gaps are fields of its data

event-access_review-signed = Somebody signed the review of the access log for { $month }.
event-account-created = A new account is known.
event-account-imported = An account was imported.
event-account-updated = An account changed.
event-breach-closed = A breach was closed.
event-breach-noted = Somebody wrote a note into the timeline of a breach.
event-breach-notified = A notice about a breach was sent, and recorded.
event-breach-opened = A breach of personal data was opened, certain or possible.
event-breach-overdue = A notice about a breach was not sent in time.
event-breach-reopened = A closed breach was opened again.
event-breach-updated = What is known of a breach changed.
event-closure-answer_undone = { $subject }: the answer of a customer was taken back.
event-closure-assigned = { $subject }: who tells a customer was decided anew.
event-closure-confirmed = { $subject }: a customer confirmed it.
event-closure-expired = { $subject }: a customer did not answer in time.
event-closure-handed = { $subject }: the support desk took over telling a customer.
event-closure-imported = A closure was imported.
event-closure-opened = { $subject }: a customer is to be told ({ $kind }).
event-closure-recalled = { $subject }: a message to a customer was recalled.
event-closure-reinstated = { $subject }: a customer is behind it again.
event-closure-reminded = { $subject }: a customer was reminded.
event-closure-reminder_due = { $subject }: a customer is to be reminded.
event-closure-reopened = { $subject }: a customer says that it is not solved.
event-closure-resumed = { $subject }: a recalled message to a customer is sent after all.
event-closure-tell_undone = { $subject }: a customer was marked as told by mistake.
event-closure-told = { $subject }: a customer was told.
event-closure-unreachable = { $subject }: a customer can't be reached.
event-closure-withdrawn = { $subject }: a customer is no longer behind it.
event-correction-imported = A correction was imported.
event-correction-undone = A correction was undone ({ $kind }).
event-customer-bounced = A mail to a customer came back.
event-customer-consent_given = The basis on which a customer is contacted was recorded.
event-customer-consent_withdrawn = A customer withdrew a basis, or objected to messages.
event-customer-created = A new customer is known.
event-customer-erased = A customer was erased.
event-customer-erasure_waits = An erasure was asked for that waits for the end of a legal hold.
event-customer-imported = A customer was imported.
event-customer-merged = Two customers were merged.
event-customer-unsubscribed = A customer wants no more mails.
event-customer-updated = A customer changed.
event-data_party-created = Somebody was added to the record of processing ({ $role }).
event-data_party-deleted = Somebody was removed from the record of processing ({ $role }).
event-data_party-imported = A part of the record of processing was imported.
event-data_party-updated = The record of processing changed.
event-dependency-closed = { $subject }: something outside that it needs is there.
event-dependency-created = { $subject } got a dependency.
event-dependency-imported = A dependency was imported.
event-dependency-removed = { $subject }: a dependency was removed.
event-dependency-reopened = { $subject }: something outside that it needs is not there after all.
event-dependency-updated = { $subject }: a dependency changed.
event-deployment-held = The deployment of { $subject } waits for somebody ({ $held }).
event-deployment-imported = A deployment was imported.
event-deployment-recorded = A deployment of { $subject } was recorded ({ $state }).
event-embedder-switched = The engine compares texts by another embedder now.
event-evaluation-created = An evaluation of solutions was begun.
event-evaluation-decided = An evaluation of solutions is { $to } now.
event-evaluation-imported = An evaluation of solutions was imported.
event-evaluation-revisit_due = An evaluation of solutions should be looked at again.
event-evaluation-updated = An evaluation of solutions changed.
event-feedback-created = A new feedback was filed.
event-feedback-dismissed = A feedback was dismissed.
event-feedback-embedded = A feedback was read again.
event-feedback-erased = A feedback was erased.
event-feedback-grouped = A feedback was grouped.
event-feedback-imported = A feedback was imported.
event-feedback-moved = A feedback was moved to another theme.
event-feedback-restored = A feedback counts again.
event-feedback-set_aside = A text was set aside ({ $reason }).
event-feedback-taken_back = A text that was set aside is feedback after all.
event-feedback-transferred = A feedback went to another product.
event-feedback-ungrouped = Nothing like a feedback was found yet, so it has no theme.
event-feedback-updated = A feedback changed.
event-gate-overridden = { $subject } passed a gate that nobody had signed.
event-gate-signed = { $subject }: a gate was signed.
event-gate-withdrawn = { $subject }: the signature of a gate was withdrawn.
event-import-created = An import begins.
event-import-finished = An import has ended ({ $state }).
event-incident-acknowledged = { $subject } was acknowledged.
event-incident-acknowledgement_expired = { $subject }: the acknowledgement expired; members are paged again.
event-incident-alerted = { $subject }: alerts changed.
event-incident-customers_told = { $subject }: customers were told.
event-incident-diagnosed = { $subject }: a cause was confirmed.
event-incident-entry_added = { $subject }: the timeline has a new entry.
event-incident-hand_off_accepted = { $subject } was handed over.
event-incident-hand_off_declined = { $subject }: a hand-off was declined.
event-incident-hand_off_offered = { $subject } was offered to another member.
event-incident-hand_off_returned = { $subject }: nobody accepted the hand-off in time.
event-incident-hand_off_withdrawn = { $subject }: a hand-off was withdrawn.
event-incident-imported = An incident was imported.
event-incident-linked = { $subject } was linked.
event-incident-merged = { $subject } was merged into another incident.
event-incident-mitigated = { $subject } is mitigated.
event-incident-opened = { $subject } was opened (SEV{ $severity }).
event-incident-owner_changed = { $subject } has another owner.
event-incident-paged = { $subject }: a member was paged.
event-incident-reopened = { $subject } was reopened.
event-incident-repeat_found = { $subject } is like an earlier incident whose postmortem has { $open_actions } open actions.
event-incident-resolved = { $subject } is resolved.
event-incident-swarm_called = { $subject }: several members were called.
event-incident-unlinked = { $subject }: a link was removed.
event-incident-updated = { $subject } changed.
event-incident_proposal-accepted = A proposed incident was opened.
event-incident_proposal-created = A burst of feedback proposes an incident.
event-incident_proposal-rejected = A proposed incident was rejected.
event-issue-requested = { $subject }: an issue was asked for.
event-issue-reworded = { $subject }: the issue is written anew.
event-legal_hold-ended = A legal hold ended.
event-legal_hold-placed = A legal hold was placed on a customer, an account or a product.
event-link-created = { $subject }: a { $kind } was linked.
event-link-deleted = { $subject }: the link to a { $kind } was removed.
event-link-imported = A link was imported.
event-link-updated = { $subject }: a linked { $kind } changed.
event-member-account_linked = A member signed in with a company account for the first time.
event-member-created = A member joined.
event-member-imported = A member was imported.
event-member-invited = A member was invited ({ $role }).
event-member-password_set = A member set a password.
event-member-sign_in_failed = A sign-in failed.
event-member-product_role_removed = The role of a member in this product was removed.
event-member-product_role_set = A member got a role in this product.
event-member-signed_in = A member signed in.
event-member-signed_out = A device of a member was signed out.
event-member-updated = A member changed.
event-metric-created = A metric was defined.
event-metric-imported = A metric was imported.
event-metric-updated = The definition of a metric changed.
event-note-created = An internal note was written.
event-note-deleted = An internal note was deleted.
event-note-edited = An internal note was edited.
event-note-imported = An internal note was imported.
event-person_request-copied = A copy of a person's data was made for them.
event-person_request-done = A request of a person was answered.
event-person_request-extended = The time to answer a request of a person was extended.
event-person_request-identity_checked = The identity of a person who made a request was checked.
event-person_request-overdue = A request of a person was not answered in time.
event-person_request-received = A person made a request about their data.
event-person_request-refused = A request of a person was refused.
event-person_request-waits = A request for erasure waits for the end of a legal hold.
event-postmortem-action_added = { $subject } has a new action.
event-postmortem-action_removed = An action was taken out of { $subject }.
event-postmortem-drafted = { $subject } was drafted.
event-postmortem-edited = { $subject } changed.
event-postmortem-imported = A postmortem was imported.
event-postmortem-overdue = { $subject } is overdue.
event-postmortem-published = { $subject } was published.
event-postmortem-reopened = { $subject } is a draft again.
event-postmortem-submitted = { $subject } is ready to be reviewed.
event-product-archived = { $subject } was archived.
event-product-checklist_adopted = A product adopted the checklist of a law as gates.
event-product-checklist_dropped = A product dropped the checklist of a law.
event-product-created = { $subject } was created.
event-product-escalation_changed = Who is paged for the incidents of a product changed.
event-product-refined = { $subject }: the themes were refined, { $moved } feedback moved.
event-product-refinement_requested = { $subject }: somebody asked for the themes to be refined.
event-product-restored = { $subject } was taken out of the archive.
event-product-updated = { $subject } changed.
event-proposal-accepted = A proposal was accepted ({ $kind }).
event-proposal-imported = A proposal was imported.
event-proposal-opened = The engine proposes a change ({ $kind }).
event-proposal-outdated = A proposal no longer fits.
event-proposal-rejected = A proposal was turned down ({ $kind }).
event-refinement-imported = A refinement was imported.
event-release-created = { $subject } was planned.
event-release-frozen = { $subject } is frozen.
event-release-imported = A release was imported.
event-release-rolled_back = { $subject } was rolled back.
event-release-shipped = { $subject } was shipped.
event-release-story_added = A story got into { $subject }.
event-release-story_missed = A story missed { $subject }.
event-release-story_removed = A story was taken out of { $subject }.
event-release-unfrozen = { $subject } is open again.
event-release-updated = { $subject } changed.
event-release-yanked = { $subject } was withdrawn.
event-report-approved = { $subject } was approved.
event-report-deleted = A draft of a report was deleted.
event-report-digest_due = { $subject } is there.
event-report-edited = What stands above { $subject } changed.
event-report-imported = A report was imported.
event-report-link_made = A link to { $subject } was made.
event-report-link_revoked = A link to { $subject } was withdrawn.
event-report-made = { $subject } was made.
event-report-sent = { $subject } was sent.
event-retention_rule-created = A retention rule was added.
event-retention_rule-deleted = A retention rule was deleted.
event-retention_rule-removed = A retention rule removed data that was older than it allows.
event-retention_rule-updated = A retention rule changed.
event-rota-created = A rota was created.
event-rota-deleted = A rota was deleted.
event-rota-imported = A rota was imported.
event-rota-override_created = A shift of a rota was taken, or a member was asked to take it.
event-rota-override_decided = An override of a rota was accepted, declined or withdrawn.
event-rota-updated = A rota changed.
event-signoff-imported = A signature was imported.
event-story-blocker_declined = { $subject } was declined while others need it.
event-story-created = { $subject } was written.
event-story-declined = { $subject } was declined.
event-story-drafted = { $subject } was drafted.
event-story-feedback_attached = { $subject }: feedback was attached.
event-story-feedback_detached = { $subject }: feedback was taken off.
event-story-imported = { $subject } was imported.
event-story-moved = { $subject } moved from { $from } to { $to }.
event-story-overdue = { $subject } is overdue.
event-story-quotes_confirmed = { $subject }: the quotes in its texts were confirmed.
event-story-recurred = { $subject }: new feedback came after the release.
event-story-reopened = { $subject } is open again: it moved from { $from } to { $to }.
event-story-reverted = { $subject }: work was reverted.
event-story-roll_back_decided = { $subject }: whether customers hear of the roll-back was decided.
event-story-tell_choice = { $subject }: whether a customer is told was decided.
event-story-theme_attached = { $subject }: a theme was attached.
event-story-theme_detached = { $subject }: a theme was taken off.
event-story-updated = { $subject } changed.
event-subscription-confirmed = The reader of { $subject } confirmed it.
event-subscription-created = Somebody was subscribed to reports.
event-subscription-ended = A subscription to reports ended.
event-subscription-updated = { $subject } changed.
event-theme-imported = A theme was imported.
event-theme-merged = { $subject } was merged into another theme.
event-theme-muted = { $subject } was muted, or is heard again.
event-theme-opened = { $subject } was opened.
event-theme-renamed = { $subject } has a new name.
event-theme-split = { $subject } was split.
event-token-created = A token was created ({ $role }).
event-token-revoked = A token was revoked.
event-trial-imported = A trial was imported.
event-trial-recorded = { $subject }: a trial was recorded ({ $verdict }).
event-view-created = A view was saved.
event-view-deleted = A view was deleted.
event-view-imported = A view was imported.
event-view-updated = A view changed.
event-webhook-created = A webhook was created.
event-webhook-deleted = A webhook was deleted.
event-webhook-disabled = A webhook was disabled.
event-webhook-enabled = A webhook was enabled.
event-webhook-imported = A webhook was imported.
event-webhook-rotated = A webhook got a new secret.
event-webhook-updated = A webhook changed.
