### The words of dependencies, plans and evaluations of solutions.

dep_title = Dependencies
dep_blocked = Blocked
dep_only_blocked = Only blocked
dep_none = It needs nothing that is not there. Find a story on this page to say what it needs.
dep_hidden = A story of another product
dep_in_place = In its place:
dep_lag =
    { $days ->
        [one] { $days } working day between them
       *[other] { $days } working days between them
    }
dep_lag_label = Working days between
dep_at_ready = Enough once it is ready.
dep_decide = A decision is needed
dep_decide_about = A story that this one needs was declined. Remove the dependency, name another story, or have the declined one considered again.
dep_to_decide = Waiting for a decision
dep_none_to_decide = No story needs one that was declined.
my_work = Waiting for you
dep_close = It is there
dep_reopen = It is not there after all
dep_add = Add a dependency
dep_find = Number or words of the other story
dep_search = Find
dep_no_match = No other story has these words.
dep_outside = Something outside: another team, a vendor
dep_outside_title = What is needed
dep_party = From
dep_team = a team
dep_vendor = a vendor
dep_who = Name
dep_graph = Graph of dependencies
dep_graph_about = Each story points to those that wait for it; the table below says the same.
dep_graph_reads = what is needed stands on the left
dep_open_page = All dependencies, plan and slip
plan_title = Plan
plan_about = When each story can be done at the earliest and must be done at the latest, in working days of this product.
plan_from = Work begins
plan_again = Compute
plan_empty = Nothing is in development.
plan_length =
    { $days ->
        [one] { $days } working day
       *[other] { $days } working days
    }
plan_finishes = Done on
plan_doubts =
    { $count ->
        [one] { $count } reason why the dates may be wrong
       *[other] { $count } reasons why the dates may be wrong
    }
plan_days = Days
plan_days_label = Working days it takes
plan_earliest = Earliest
plan_latest = Latest
plan_slack = Slack
plan_critical = critical path
plan_late =
    { $days ->
        [one] { $days } day after its due date
       *[other] { $days } days after its due date
    }
plan_assumed_short = assumed
plan_assumed = { $of }: nobody said how long it takes; five days are assumed.
plan_undated = { $of }: has no date.
plan_past_due = { $of }: should be there already.
plan_declined = { $of }: is needed and was declined.
slip_title = What would a slip move?
slip_about = A trial: nothing is changed.
slip_days = Later by working days
slip_to = or to
slip_try = Show what moves
slip_moves =
    { $count ->
        [one] { $count } story moves
       *[other] { $count } stories move
    }
slip_because = because of { $numbers }
slip_hidden =
    { $count ->
        [one] { $count } of them belongs to another product.
       *[other] { $count } of them belong to other products.
    }
slip_missed = without { $numbers }
slip_next = · next train
slip_waiting = Who waits
slip_counts = Customers: { $customers }, accounts: { $accounts }
slip_value = { $value } a year
ev_title = Evaluations
ev_about = Build, buy or open source: what was compared, what was chosen, and why.
ev_begin = Begin an evaluation
ev_name = What is to be decided
ev_need = What is needed, in a sentence
ev_story_number = Number of the story it serves
ev_criteria = Criteria
ev_criteria_hint = One a line, with its weight: Price 5. An exclamation mark makes it a must-have: Law! 1
ev_options = Options
ev_options_hint = One a line
ev_empty = No evaluation yet.
ev_empty_about = Begin one before you build or buy something, so that the reasons are kept.
ev_due = To be looked at again
ev_due_only = Only those to be looked at again
ev_revisit = Look at it again on
ev_status = Status
ev_chosen = Chosen
ev_scores = Scores
ev_criterion = Criterion
ev_weight = Weight
ev_must = must have, at least { $least }
ev_no_score = no score
ev_result = Result
ev_licence = Licence
ev_kind = Kind
ev_costs = Costs now / a year / to leave
ev_supplier = Supplier
ev_risks = Risks
ev_card = OpenSSF Scorecard
ev_inconclusive = inconclusive
ev_out_must = out: fails { $criteria }
ev_out_missing = not ranked: no score for { $criteria }
ev_winner = { $name } is ahead.
ev_tied = Tied: { $names }
ev_nobody = No option has all its scores yet.
ev_fragile = Fragile
ev_stable = Stable
ev_change = If “{ $criterion }” had the weight { $to } instead of { $from }, { $rival } would be as good ({ $at }).
ev_no_change = No change of one weight makes another option win.
ev_all_changes = For each weight
ev_serves = It serves
ev_decide = Decide
ev_because = Because
ev_save = Save
ev_give = Give a score
ev_option = Option
ev_score = Score, 0 to 5
ev_why = Why
ev_add_option = Add an option
ev_option_name = Name
ev_edit = Edit
ev_edit_option = Describe { $name }
ev_version = Version
ev_costs_of = Costs
ev_costs_hint = In the product's currency, or with another one: 1200 EUR
ev_cost_now = Now
ev_cost_year = A year
ev_cost_leave = To leave it again
ev_effort = Effort in person-months
ev_effort_of = Effort: { $months } person-months
ev_links = Links, one a line
ev_import_card = Import an OpenSSF Scorecard
ev_card_hint = Paste the file that scorecard --format json wrote.
ev_import = Import
ev_markdown = As Markdown (MADR)
ev_deciders = Deciders
ev_day = Decided on
ev_superseded = Superseded by
ev_new_for_story = Evaluate solutions
ev_weights = Change the weights

dep-needs = Needs
dep-blocks = Blocks
dep-relates = Relates to
depadd-needs = needs it
depadd-blocks = blocks it
depadd-relates = relates to it
depstate-open = not there yet
depstate-satisfied = there
depstate-declined = declined
evstatus-proposed = Proposed
evstatus-accepted = Accepted
evstatus-rejected = Rejected
evstatus-deprecated = Deprecated
evstatus-superseded = Superseded
evkind-build = Build
evkind-buy = Buy
evkind-open_source = Open source
licence-allowed = allowed
licence-denied = denied
licence-not_listed = not allowed
