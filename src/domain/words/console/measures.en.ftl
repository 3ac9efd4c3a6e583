### The words of metrics and of the effect of a release.

nav_metrics = Metrics
flash_metric_defined = The metric is defined. Send its first samples.
flash_metric_archived = The metric is archived: it takes no more samples.
flash_metric_restored = The metric takes samples again.
met_about = The numbers that the whole team shares, with releases drawn in.
met_empty = No metrics yet
met_empty_about = Define the numbers by which you all see whether the product gets better: sign-ups, response time, errors.
met_no_samples = No samples yet
met_define = Define a metric
met_current = Metrics in use
met_archived = Archived metrics
met_is_archived = Archived
met_archive = Archive
met_archive_about = It takes no more samples; its series stay.
met_restore = Take samples again
met_key = Key
met_key_hint = The name that programs use, such as signups. It can’t be changed later.
met_unit = Unit
met_unit_hint = Such as ms, people or %.
met_direction = Direction
met_target = Target
met_query = Prometheus expression
met_query_hint = Asked for every minute. Leave it empty where samples are sent.
met_url = Address of Prometheus
met_url_hint = That of the settings, where it is empty.
met_selector = Series of a remote write
met_selector_hint = Such as http_requests_total{"{"}job="api",code=~"5.."{"}"}: the series that are kept of what a Prometheus sends.
met_counter = It is a counter
met_counter_hint = Its readings only grow: what is kept is how much it grew.
met_trend = { $now } in the last 7 days, { $before } in the 7 before
met_pull_failed = Prometheus did not answer
met_period = Period
met_days =
    { $days ->
    [one] 1 day
   *[other] { $days } days
}
met_nothing_drawn = There are no samples in this period.
met_how_to_send = Send samples to
met_chart_about =
    { $lines ->
    [one] One line
   *[other] { $lines } lines
} over time, with { $marks ->
    [one] one mark
   *[other] { $marks } marks
} of releases, deployments and incidents. The numbers are in the table.
met_left_out = { $count } more series are in the table
met_happened =
    { $count ->
    [one] 1 thing happened
   *[other] { $count } things happened
}
met_step = One point is { $step }. Days in { $zone }.
met_series = Series
met_increase = Increase
met_mean = Mean
met_least = Least
met_most = Most
met_samples = Samples
met_intake = What came in
met_replaced = Replaced
met_resets = Resets
met_asked_at = Prometheus asked
met_effect = Before and after
met_windows = { $weeks } weeks on each side: { $before_from } to { $before_to }, and { $after_from } to { $after_to }.
met_measured = Measured
met_before = Before
met_after = After
met_interval = Change, and its interval at 95%
met_verdict = What can be said
met_placebo = rank { $rank } of { $all } days
met_looked_at = { $count } numbers were looked at: of twenty without any change, one is expected to seem changed. Nothing here says that the release is the cause.

metric-kind-business = Business
metric-kind-technical = Technical
metric-direction-up = Higher is better
metric-direction-down = Lower is better
annotation-release = Release
annotation-deployment = Deployment
annotation-incident = Incident
sample-problem-too_old = Refused: too old
sample-problem-in_future = Refused: in the future
sample-problem-not_finite = Refused: no number
sample-problem-too_many_series = Refused: too many series
sample-problem-too_frequent = Refused: too many in an hour
effect-verdict-fell = Complaints about what this release is for fell after it.
effect-verdict-rose = Complaints about what this release is for rose after it.
effect-verdict-cannot_tell = It can’t be told yet whether complaints about what this release is for changed.
effect-word-fell = fell
effect-word-rose = rose
effect-word-cannot_tell = cannot tell
effect-subject-complaints = Feedback on its themes
effect-subject-theme = Theme
effect-subject-recurrences = Recurrences in the product
effect-subject-metric = Metric
effect-reason-not_shipped = not shipped
effect-reason-too_short = fewer than two whole weeks on both sides
effect-reason-too_few_values = too few days with values
effect-reason-no_data = the records begin too late
effect-reason-within_chance = within chance
effect-reason-ordinary = such changes are ordinary
effect-clip-release = Shortened by the release
effect-clip-incident = Shortened by the incident
effect-clip-records = Shortened by the begin of the records
effect-clip-today = Shortened by today
