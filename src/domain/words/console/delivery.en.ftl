### The words of the delivery figures and the dashboard.

dlv_title = Delivery of { $product }
dlv_figures = Delivery figures
dlv-frequency = Deployments
dlv-lead = Lead time of changes
dlv-fail = Failed deployments
dlv-rework = Unplanned deployments
dlv-recovery = Recovery from failed deployments
dlv_a_day = { $count } a day
dlv_minutes = { $count } min
dlv_hours = { $count } h
dlv_days = { $count } days
dlv_frequency_of = { $count ->
    [one] { $count } deployment
   *[other] { $count } deployments
} on { $days ->
    [one] { $days } day
   *[other] { $days } days
}
dlv_lead_of = median of { $count ->
    [one] { $count } change
   *[other] { $count } changes
}{ $unknown ->
    [0] {""}
    [one] ; the changes of { $unknown } deployment are unknown
   *[other] ; the changes of { $unknown } deployments are unknown
}
dlv_part_of = { $part } of { $all } deployments
dlv_recovery_of = median of { $count }{ $open ->
    [0] {""}
   *[other] ; { $open } not over
}
dlv_references = To compare with, not as targets: some teams deploy { $count } times a day, and the best about { $times } times as often as others, with half the failures.
dlv_incomplete = There were more deployments than are read at once: the earliest are missing. Choose a shorter period.
dlv_empty = No deployments in this period
dlv_empty_about = Report deployments to POST /v1/deployments, or let GitHub, GitLab or CDEvents send them to /v1/hooks.
dlv_from = From
dlv_to = Before
dlv_environment = Environment
dlv_service = Service
dlv_links = Links to incidents
dlv_with_inferred = also inferred ones
dlv_only_confirmed = only confirmed ones
dlv_deployment = Deployment
dlv_when = When
dlv_counted_as = Counted as
dlv_change = Change
dlv_committed = First commit
dlv_reached = Reached customers
dlv_time = Time
dlv_known_by = Known by
dlv_rolled_back = Rolled back
dlv_incidents = Incidents
dlv_inferred = inferred
dlv_because = Because
dlv_recovered = Recovered
dlv_open = not yet
dlv_none_failed = No deployment failed.
dlv_none_unplanned = All deployments were planned.
band-elite = band of 2023: elite
band-high = band of 2023: high
band-medium = band of 2023: medium
band-low = band of 2023: low
arrival-deployed = deployment
arrival-roll_back = roll-back
arrival-same = the same, reported again
arrival-redeploy = ran already
arrival-failed = did not reach customers
origin-explicit = its reporter
origin-pushed = pushes
origin-story = stories
change-inconsistent = later than its deployment
change-unknown = changes unknown
change-committed_late = committed after its merge
rework-roll_back = roll-back
rework-fixes = fixes an incident
rework-hotfix = its release carries the fix of an incident
dash_at_a_glance = At a glance
dash_title = { $product } at a glance
dash_voice = Voice of customer
dash_volume = Feedback in the last eight weeks
dash_week = Week from
dash_items = Feedback
dash_rating = Mean rating
dash_no_rating = no ratings
dash_rising = Growing themes
dash_no_rising = No theme is growing.
dash_promises = Promises
dash_overdue = Overdue answers
dash_none_overdue = Nothing is overdue.
dash_waiting = Customers waiting to hear back
dash_incidents = Incidents
dash_no_incidents = No incident is open.
dash_index = Passed on for each incident (finger-pointing index)
dash_bounces = passed on { $count } times in { $incidents ->
    [one] { $incidents } incident
   *[other] { $incidents } incidents
}
dash_to_own = Until somebody took it, median
dash_to_mitigate = Until it was mitigated, median
dash_last_28 = last 28 days
dash_all_rows = Rows behind the figures
risk_title = What it carries
risk_about = Plain numbers, and how deployments of the last 180 days fared. They judge nothing.
risk_carries = Stories: { $stories }, commits and pull requests: { $changes }
risk_authors = Authors: { $count }, of whom { $new } had nothing deployed here before
risk_at = Goes out on { $day } at { $hour } ({ $zone })
risk_day_off = not a working day
risk_since = Days since the last deployment: { $days }
risk_incidents = Open incidents: { $count }
risk_none_before = Nothing was deployed in the last 180 days.
risk_earlier = Earlier deployments
risk_which = Alike in
risk_failed = Failed
riskkind-all = all
riskkind-same_weekday = same day of the week
riskkind-same_hour = within two hours of the same time
riskkind-same_size = about as many changes
riskkind-day_off = not on a working day
