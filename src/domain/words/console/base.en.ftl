### The words of the console in English. `console.rs` lists the messages; console_ko.ftl has the same ones.

skip = Skip to the content
nav = Main
nav_group_customers = Customers
nav_group_product = Product
nav_group_operations = Operations
nav_group_administration = Administration
nav_inbox = Inbox
nav_themes = Themes
nav_backlog = Backlog
nav_search = Search
sign_in = Sign in
sign_out = Sign out
sign_in_help = No account, or a lost password? An admin can send you a link, or run “hearback invite” on the server.
sign_in_wrong = The e-mail address or the password is wrong.
sign_in_wait = Too many attempts. Try again in { $seconds ->
    [1] one second
   *[other] { $seconds } seconds
}.
sign_in_other = Sign in with your company account
sign_in_elsewhere = It opens in another tab. Come back here afterwards and send your form again.
send_again = I am signed in: send it again
oidc_failed = The sign-in with your company account did not work. Try again; if it fails again, an admin finds the reason in the server’s log.
entry_unknown = Nobody is known here with this e-mail address. Ask an admin to add you.
entry_inactive = This account is no longer active. Ask an admin.
entry_unverified = Your company account has no e-mail address that it confirms as yours. Ask an admin.
entry_no_group = Your company account is in none of the groups that may sign in here. Ask an admin.
entry_other_account = The member with your e-mail address signs in with another company account. Ask an admin to change that member’s address.
email = E-mail
password = Password
new_password = New password
repeat_password = The new password again
current_password = Current password
password_hint = At least 10 characters. A few words that only you would put together are best.
invite_title = Join Hearback
your_name = Your name
join = Set password and sign in
account = Your account
profile = Profile
language_label = Language
time_zone = Time zone
zone_of_browser = That of the browser
save = Save
cancel = Cancel
edit = Edit
change_password = Change password
devices = Signed-in devices
this_device = this device
last_used = last used
sign_out_others = Sign out all other devices
correct_these = Please correct these fields
request_id = Request id:
back_to_start = Back to the start
error_in_title = Error: { $title }
flash_signed_out = You are signed out.
flash_saved = Saved.
flash_moved = The story was moved.
flash_declined = The story was declined.
flash_filed = Filed. It gets its theme within seconds.
flash_filed_again = This was filed before; nothing was added.
flash_device_out = The device was signed out.
flash_devices_out = All other devices were signed out.
flash_password_set = The password was changed, and all other devices were signed out.
flash_welcome = Welcome. You are signed in.
flash_renamed = The theme was renamed.
flash_muted = The theme is muted.
flash_unmuted = The theme is no longer muted.
short_date = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $year }
pages = Pages
first_page = First page
next_page = Next page
filter = Filter
clear = Clear
product = Product
all_products = All products
only_archived = Archived products only
stage = Stage
words_label = Words
rank = Rank
story = Story
customers = Customers
score = Score
reach = Reach
impact = Impact
confidence = Confidence
effort = Effort
detractors = Detractors
account_value = Account value
backlog_about = What customers ask for, most valuable first. Open a score to see where it comes from.
backlog_empty = No stories yet
backlog_empty_about = Hearback drafts a story once several customers say the same. File feedback, or import some.
no_match = Nothing matches
no_match_about = Try fewer words, or clear the filter.
asked_by = Asked for by { $customers ->
    [1] 1 customer
   *[other] { $customers } customers
}, { $feedback ->
    [1] 1 piece of feedback
   *[other] { $feedback } pieces of feedback
}
owner = Owner
due = Due
late = late
sentence = Sentence
no_sentence = Nobody has written a sentence yet.
as_a = As
i_want = I want
so_that = so that
criteria = Acceptance criteria
criteria_hint = One criterion a line. A line that you do not change keeps its quotes.
no_criteria = No criteria yet.
facts = Facts
facts_seen = Said from { $first } to { $last }.
fact_customers = { $count ->
    [1] 1 customer
   *[other] { $count } customers
}
in_scope = In scope
out_of_scope = Candidates for later
other_title = Title in { $language }
quotes_count = { $count ->
    [1] 1 quote
   *[other] { $count } quotes
}
evidence = What customers said
no_evidence = No feedback stands behind this story.
all_feedback = All { $count } pieces of feedback
some_customer = A customer
accept = Accept
decline = Decline
move_to = Move to
move_it = Move
reason_when_back = Reason (needed for going back)
decline_reason = Reason, which the customers will read
decline_tell = Tell the { $count ->
    [1] customer
   *[other] { $count } customers
} who asked
set_factors = Set factors
factors_hint = An empty field is computed from the feedback.
computed = computed
customers_told = What customers were told
history = History
title_label = Title
edit_title = Edit { $number }
conflict = Somebody changed this story while you were writing
conflict_about = Nothing was saved. Your text is in the fields; what the story says now stands below each field that differs. Save again to keep yours.
is_now = It says now:
themes_about = Groups of feedback that say the same, in every language. Hearback groups; what people correct stays.
themes_empty = No themes yet
themes_empty_about = Themes appear once feedback is filed or imported.
theme = Theme
theme_name = Name of the theme
sort_by = Sort by
shown = Shown
not_muted = Not muted
only_muted = Only muted
muted = muted
size = Feedback
trend = Trend
languages = Languages
timeline = Feedback per week
week = Week of
as_table = As a table
annual_value = { $value } a year
merged_away = This theme was merged into another. Open that one.
no_quotes_yet = The typical quotes are being chosen.
rename = Rename
mute = Mute
unmute = Show again
mute_about = A muted theme gets no story, and is left out of lists and of “similar”.
conflict_theme = Somebody changed this theme meanwhile; nothing was saved
feedback = Feedback
stories = Stories
open = Open
all = All
state = State
kind = Kind
source_label = Source
filed_by_me = filed by me
inbox_about = What customers said, newest first. File what you hear; Hearback finds who else asked.
inbox_empty = Nothing here yet
inbox_empty_about = File the first feedback with the form, or import a file.
file_heading = File what a customer said
what_they_said = In their words
where_they_said = Where they said it
customer_name = Customer
company = Company
file_it = File
file_another = File another
nearest = Who else asked
nearest_partial = Feedback is still being loaded after a start; there may be more.
nearest_unknown = Not available just now; the feedback is grouped all the same.
nearest_none = Nobody said the like yet.
said_alike = Said alike
customers_waiting = { $customers ->
    [1] 1 customer
   *[other] { $customers } customers
}, { $waiting ->
    [0] none waiting to be told
    [1] 1 waiting to be told
   *[other] { $waiting } waiting to be told
}
feedback_of = Feedback of
search_all = search everything
search_about = Search stories, themes and everything customers said. Two letters are enough in Korean.
search_none = All words must occur. Try fewer or shorter ones.
signed_out_meanwhile = You were signed out meanwhile. Sign in again: what you wrote is kept, and you can send it then.
unsent = Send it now?
unsent_about = This was not saved, because you had been signed out. Nothing of it is lost.
send_now = Send
palette = Go to …
palette_hint = A page, an act, a story, a customer …
keys = Keyboard shortcuts
keys_rows = Next, previous row
keys_open = Open
keys_select = Select
keys_send = Send the form
keys_here = On this page
keys_off = Switch single keys on or off in your account
keys_on = Single keys as shortcuts (press ? for the list)
close = Close

## Words that are found by a name of the API

source-ticket = ticket
source-chat = chat
source-email = e-mail
source-call = call
source-survey = survey
source-review = review
source-social = social media
source-sales = sales
source-interview = interview
source-monitoring = monitoring
source-other = other
closure-waiting = waiting
closure-told = told
closure-confirmed = confirmed
closure-reopened = not solved
closure-unreachable = unreachable
closure-expired = no answer
closure-recalled = recalled
closure-withdrawn = withdrawn
error-400 = That could not be read
error-401 = Please sign in again
error-403 = Not allowed
error-404 = There is nothing here
error-405 = This address can't do that
error-408 = The request took too long
error-409 = That is not possible now
error-410 = This link no longer works
error-412 = Somebody changed it meanwhile
error-413 = Too large
error-415 = That could not be read
error-422 = Something in the request is wrong
error-429 = Too many requests
error-500 = Something went wrong
error-503 = Not available at the moment
error-507 = The disk is full
text-400 = Go back and try again.
text-401 = You were signed out. Sign in in another tab, then come back and send this page again: your browser still has what you wrote.
text-403 = Your role may not do this, or the form came from another page. Ask an admin if you need it.
text-404 = The address may be mistyped, or it was removed.
text-405 = Go back and try again.
text-408 = Check the connection and send it again.
text-409 = It does not fit the state that it is in now.
text-410 = Links work once, and for a limited time. Ask for a new one.
text-412 = Look at what it says now, then decide.
text-413 = Send less at once.
text-415 = Go back and try again.
text-422 = Go back and correct it.
text-429 = Wait a moment and try again.
text-500 = It is our fault, and it is in the log. If it stays, tell an admin the id below.
text-503 = Try again in a moment. Nothing was lost.
text-507 = Nothing was written. An admin must free some space.
wrong-required = is required
wrong-too_short = is too short
wrong-too_long = is too long
wrong-format = has the wrong form
wrong-type = must be a number
wrong-range = is out of range
wrong-different = is not the same
wrong-wrong = is wrong
wrong-guessable = is too easy to guess
wrong-not_allowed = is not allowed
wrong-other = is wrong
field-name = Name
field-email = E-mail
field-password = Password
field-repeated = The second password
field-current = Current password
field-time_zone = Time zone
field-title = Title
field-as_a = As
field-i_want = I want
field-so_that = So that
field-acceptance_criteria = Acceptance criteria
field-reason = Reason
field-reach = Reach
field-impact = Impact
field-confidence = Confidence
field-effort = Effort
field-text = Text
field-label = Name
sort-arrival = arrival
sort-size = feedback
sort-customers = customers
sort-value = value
sort-recent = recent
sort-growth = growth
trend-rising = rising
trend-steady = steady
trend-falling = falling
fact-version = Version
fact-platform = Platform
fact-device = Device
fact-browser = Browser
fact-amount = Amount
fact-time = Time
fact-step = When
fact-segment = Segment
fact-account = Account
fact-language = Language
fact-tried = Tried
fact-workaround = Workaround
fact-consequence = Consequence
fact-quote = Also said
state-pending = being grouped
state-grouped = grouped
state-ungrouped = not grouped yet
state-dismissed = dismissed
state-set_aside = set aside
kind-bug = bug
kind-request = request
kind-question = question
kind-complaint = complaint
kind-praise = praise
kind-other = other
