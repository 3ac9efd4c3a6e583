### The words of themes, the backlog and stories.
undo = Undo
flash_undone = Undone. Everything is as it was before.
flash_merged = The themes were merged.
flash_split = The feedback is a theme of its own now.
flash_moved_feedback = The feedback was moved.
flash_drafted = The story was drafted from the theme.
flash_quoted = The quote was added to the story.
flash_accepted = The proposal was carried out.
flash_attached = Added to the evidence of the story.
flash_detached = Removed from the evidence of the story.
flash_signed = Signed.
flash_withdrawn = The signature was withdrawn.
flash_linked = The link was added.
flash_unlinked = The link was removed.
flash_issue_asked = The issue was requested. Its link appears here once the tracker has made it.
flash_trial_recorded = The trial was recorded.
flash_aboard = The story is in the release.
flash_rejected = The proposal was rejected, and will not be made again.
flash_granular = The granularity was set. The themes follow within seconds.
flash_recalled = The messages that had not left were recalled.
flash_nothing = Nothing had to change.
choose_feedback = Choose this feedback
details = Details
use_as_quote = Use as quote
words_to_quote = Words to quote, exactly as written
criterion_of = Acceptance criterion of { $number }
a_new_criterion = A new criterion
new_criterion = Text of the new criterion
timeline_about = Bars for { $weeks ->
    [1] 1 week
   *[other] { $weeks } weeks
}, { $items } pieces of feedback in all. Lines mark releases. The numbers are in the table.
releases_drawn = Releases
released_then = Released
sub_themes = Sub-themes
show_sub_themes = Show the parts of this theme
no_sub_themes = This theme does not fall into parts.
split_part = Make it a theme of its own
quote_needs_story = To quote customers, draft a story first.
typical = Typical
move_chosen_to = Move the chosen feedback to
a_new_theme = A new theme
another_theme = Another theme …
no_story_yet = No story yet.
draft_story = Draft a story
merge = Merge
other_theme = Find another theme
search_it = Search
nearest_themes = Nearest themes
found_themes = Themes found
no_near_themes = No near themes are known yet. Search for one.
merge_these = Merge these two themes?
merge_about = All feedback of one moves to the other. You can undo it.
merge_with_which = Merge with which theme?
before = Before
after = After
after_merge = One theme with { $feedback } pieces of feedback, of up to { $customers ->
    [1] 1 customer
   *[other] { $customers } customers
}
merge_stories = The theme that stays keeps its story; the other story is proposed as its duplicate.
keep_theme = Merge, and keep “{ $label }”
move_title = Where do { $count ->
    [1] 1 piece of feedback
   *[other] { $count } pieces of feedback
} belong?
nothing_chosen = Nothing is chosen
nothing_chosen_about = Choose feedback on the page of the theme:
move_here = Move here
move_to_new = Move to a new theme
new_theme_hint = Without a name, Hearback finds one.
chosen = Chosen feedback
field-feedback = Feedback
field-feedback_ids = Feedback
field-theme_id = Other theme
field-new_criterion = New criterion
field-criterion = Criterion
wrong-unknown = is not known here
wrong-all = can't be all of it
wrong-itself = must be another one
wrong-not_said = does not contain these words
wrong-full = has no more room
views_of_themes = Views of themes
as_list = List
as_map = Map
proposals = Proposals
granularity = Granularity
with_story = With a story
without_story = Without a story
yearly_value = Value a year
twelve_weeks = Last 12 weeks
map_title = Themes by meaning
map_about = Themes that mean something alike lie near each other. The larger the circle, the more feedback.
map_desc = A map of { $count ->
    [1] 1 theme
   *[other] { $count } themes
}: each circle is a link to its theme. The table below has the same themes.
map_loading = The themes are still being loaded
map_loading_about = Open this page again in a moment.
show_it = Show
proposals_about = Changes that Hearback suggests where people have decided something, and themes that seem to say the same. Nothing changes until you accept.
no_proposals = Nothing to decide
no_proposals_about = Proposals appear here after a refinement of the themes.
propose_merge = Merge two themes
propose_split = Split { $count ->
    [1] 1 piece of feedback
   *[other] { $count } pieces of feedback
} off into a new theme
propose_move = Move { $count ->
    [1] 1 piece of feedback
   *[other] { $count } pieces of feedback
} to another theme
pieces = { $count ->
    [1] 1 piece of feedback
   *[other] { $count } pieces of feedback
}
why = Why:
why_alike = The feedback of the two is as near to each other as to its own to { $percent }%.
why_refined = When the themes were computed anew, { $moving } of { $size } pieces of feedback came out there.
nearest_quotes = Nearest quotes
would_move = Would move
accept_it = Accept
reject_it = Reject
granularity_about = How fine the themes are: a higher value gives more and smaller themes. What people decided stays as it is.
granularity_now = Granularity now:
granularity_set = A member set it for this product.
granularity_default = This value is used until there is enough feedback to choose from.
granularity_chosen = Chosen from the feedback: the best of { $count } values tried on { $items } items.
refinement_due = themes are being computed anew
let_feedback_choose = Let the feedback choose
candidates_tried = Values tried
candidates_about = Stability: how much of the themes stays when a fifth of the texts is left out. Purity: how often the nearest texts are in the same theme.
stability = Stability
purity = Purity
in_use = in use
preview = Preview
preview_of = What the themes of { $items } items would be. Nothing has changed.
preview_part = Time was too short for more values.
alone = In no theme
use_this = Use this
preview_about = See how many themes other values would give, before you change anything. It takes a moment, with much feedback up to 20 seconds.
show_preview = Show the preview
field-settings = Settings
field-granularity = Granularity
views_of_backlog = Views of the backlog
ranked = Ranked
my_stories = My stories
board = Board
board_about = Open stories by stage, most valuable first in each.
anyone = Anyone
me = Me
only_late = late only
no_own_stories = No open story is yours. The page of a story lets you take it.
empty_column = Nothing here
all_of_column = All of this stage
confirm_quotes_about = These texts leave the team as they are. Reword them, or confirm that they may quote customers.
confirm_quotes = Confirm the quotes
seems_duplicate = This seems to be a duplicate of
is_duplicate = Mark as duplicate
is_no_duplicate = Not a duplicate
change_evidence = Add or remove
unreachable_why = To close it with { $count ->
    [1] 1 customer
   *[other] { $count } customers
} still waiting: why they can't be reached
goes_back = back
decline_first = Decline …
plan = Plan
nobody = Nobody
take_it = I take it
in_release = In release
put_into_release = Put into release
add_it = Add
remove_it = Remove
gates = Gates
needed_for = needed for { $stage }
gate_evidence = What was checked, or a link
sign = Sign
withdraw = Withdraw
reason = Reason
links = Branches, pull requests and issues
no_links = Nothing is linked. Commits and pull requests that name the story appear here by themselves.
make_issue = Make an issue at the tracker
add_link = Add a link
address = Address
address_hint = The address of a pull request, issue, commit or branch at GitHub or GitLab says all.
by_parts = Without an address, or of another system
provider = System
repository = Repository
reference = Number, hash or name
trials = Trials with customers
no_trials = Nobody has tried it yet.
record_trial = Record a trial
who_tried = Who tried it
result = Result
what_they_found = What they found
recall_waiting = Recall the messages of { $count ->
    [1] 1 customer who waits
   *[other] { $count } customers who wait
}
decline_title = Decline { $number }
see_message = See what customers will read
they_will_read = What customers will read
nobody_is_told = No customer is told.
nobody_to_tell = There is no customer to tell.
no_text_in = The story has no text in this language ({ $language }), so another is used.
still_quotes = These words still quote a customer. Reword the story, or confirm them, before customers are told.
decline_and_tell = Decline, and tell { $count ->
    [1] 1 customer
   *[other] { $count } customers
}
decline_quietly = Decline
recall_hint = The messages wait { $minutes ->
    [1] 1 minute
   *[other] { $minutes } minutes
} before they leave. Until then they can be recalled on the page of the story.
who_is_told = Who is told
by_mail = By e-mail
by_desk = By their support desk
by_agent = By a member of the team
their_names = Their names
evidence_title = Evidence of { $number }
add_evidence = Add feedback
told_late = This story is released or declined: customers of what you add are told of it.
find_feedback = Find feedback
gate-open = open
gate-signed = signed
gate-overridden = overridden
linkkind-branch = Branch
linkkind-commit = Commit
linkkind-pull_request = Pull request
linkkind-issue = Issue
linkstate-open = open
linkstate-draft = draft
linkstate-merged = merged
linkstate-closed = closed
linkstate-deleted = deleted
linkstate-reverted = reverted
provider-github = GitHub
provider-gitlab = GitLab
provider-other = Other
verdict-passed = passed
verdict-mixed = mixed
verdict-failed = failed
trialkind-trial = Trial
trialkind-demo = Demo
nottold-praise = Not told: praise
nottold-noise = Not told: not feedback
nottold-probably_not_about_this = Not told: probably about something else
nottold-taken_out = Not told: taken out by a member
nottold-already_told = Not told: told already
nottold-recalled = Not told: recalled
nottold-given_up = Not told: given up
nottold-withdrawn = Not told: withdrawn
nottold-erased = Not told: erased
nottold-objected = Not told: they objected to messages
field-evidence = Evidence
field-tried_by = Who tried it
field-repository = Repository
field-reference = Number, hash or name
field-url = Address
field-owner_id = Owner
field-due_at = Due
field-release = Release
field-unreachable_reason = Why they can't be reached
wrong-enum = is not one of the choices
