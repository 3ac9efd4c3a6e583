### The words of reports, their links and subscriptions.

nav_reports = Reports
repsection-themes = What customers talk about
repsection-shipped = Shipped, and who heard back
repsection-promises = Overdue promises
repsection-backlog = What comes next
repsection-incidents = Incidents and open actions
repsection-delivery = Delivery
repsection-metrics = Metrics
repsection-value = The money behind it
repsection-todos = Waiting for somebody
repkind-weekly = weekly
repkind-monthly = monthly
repkind-release = per release
repstate-draft = draft
repstate-approved = approved
repstate-sent = sent
substate-pending = not confirmed yet
substate-active = active
substate-ended = ended
repreader-webhook = a chat (webhook)
repday-monday = Monday
repday-tuesday = Tuesday
repday-wednesday = Wednesday
repday-thursday = Thursday
repday-friday = Friday
repday-saturday = Saturday
repday-sunday = Sunday
rep_product_for = { $product } for { $account }
rep_title_weekly = { $product }: week to { $day }
rep_title_monthly = { $product }: month to { $day }
rep_title_release = { $product }: release { $release }
rep_period = { $from } to { $to } ({ $zone })
rep_lead = In this period: { $changes }.
rep_lead_since = Since { $day }: { $changes }.
rep_quiet = Nothing new in this period.
rep_quiet_since = Nothing new since { $day }.
rep_still_overdue = { $count ->
    [one] { $count } promise is still overdue.
   *[other] { $count } promises are still overdue.
}
rep_lead_feedback = { $count ->
    [one] { $count } piece of feedback
   *[other] { $count } pieces of feedback
} from { $customers ->
    [one] { $customers } customer
   *[other] { $customers } customers
} ({ $before } in the period before)
rep_lead_new_themes = { $count ->
    [one] { $count } new theme
   *[other] { $count } new themes
}
rep_lead_shipped = { $count ->
    [one] { $count } story shipped
   *[other] { $count } stories shipped
}
rep_lead_told = { $count ->
    [one] { $count } customer told
   *[other] { $count } customers told
}
rep_lead_solved = { $count ->
    [one] { $count } says it is solved
   *[other] { $count } say it is solved
}
rep_lead_not_solved = { $count ->
    [one] { $count } says it is not
   *[other] { $count } say it is not
}
rep_lead_newly_overdue = { $count ->
    [one] { $count } promise became overdue
   *[other] { $count } promises became overdue
}
rep_lead_incidents = { $count ->
    [one] { $count } incident
   *[other] { $count } incidents
}
rep_nothing_in = Nothing to tell: { $sections }.
rep_some_theme = a theme without a name that may leave the team
rep_new = new
rep_rising = rising
rep_theme = Theme
rep_feedback = Feedback
rep_before = Before
rep_customers = Customers
rep_more_themes = { $count ->
    [one] and { $count } more theme
   *[other] and { $count } more themes
}
rep_release_on = { $name }, shipped on { $day }
rep_no_stories = without stories
rep_more_stories = { $count ->
    [one] and { $count } more story
   *[other] and { $count } more stories
}
rep_told = { $count } told
rep_solved = { $count ->
    [one] { $count } says it is solved
   *[other] { $count } say it is solved
}
rep_not_solved = { $count ->
    [one] { $count } says it is not
   *[other] { $count } say it is not
}
rep_waiting = { $count ->
    [one] { $count } still waits to hear
   *[other] { $count } still wait to hear
}
rep_heard_back = heard back: { $names }
rep_nobody_asked = no customer was to be told
rep_more_promises = { $count ->
    [one] and { $count } more that is overdue
   *[other] and { $count } more that are overdue
}
rep_promise_response = to be answered by { $day }, { $late ->
    [one] { $late } day late
   *[other] { $late } days late
}
rep_promise_due = to be released by { $day }, { $late ->
    [one] { $late } day late
   *[other] { $late } days late
}
rep_customer_count = { $count ->
    [one] { $count } customer
   *[other] { $count } customers
}
rep_owner = { $name } owns it
rep_no_owner = nobody owns it
rep_story = Story
rep_value_a_year = Value a year
rep_up_from = up from { $rank }
rep_down_from = down from { $rank }
rep_new_here = new among the first
rep_due = due { $day }
rep_was_due = was due { $day }
rep_open_actions = Open actions from earlier incidents
rep_action_of = from { $number }
rep_open_for = { $days ->
    [0] open since today
    [one] open for { $days } day
   *[other] open for { $days } days
}
rep_opened = opened { $day }
rep_lasted = lasted { $duration }
rep_not_over = not over yet
rep_figure = Figure
rep_this_period = This period
rep_metric = Metric
rep_last_7_days = Last 7 days
rep_7_days_before = 7 days before
rep_target = target { $value }
rep_value = { $accounts ->
    [one] { $accounts } account with feedback in this period is
   *[other] { $accounts } accounts with feedback in this period are together
} worth { $amount } a year.
rep_value_unknown = { $count ->
    [one] The value of { $count } of them is not known.
   *[other] The value of { $count } of them is not known.
}
rep_value_other_currency = { $count ->
    [one] { $count } of them pays in another currency and is not added.
   *[other] { $count } of them pay in other currencies and are not added.
}
rep_account = Account
rep_todo_drafts = { $count ->
    [one] { $count } draft waits to be accepted or declined
   *[other] { $count } drafts wait to be accepted or declined
}
rep_todo_to_tell = { $count ->
    [one] { $count } customer waits to hear what became of their feedback
   *[other] { $count } customers wait to hear what became of their feedback
}
rep_todo_postmortems = { $count ->
    [one] { $count } postmortem is overdue
   *[other] { $count } postmortems are overdue
}
rep_todo_actions = { $count ->
    [one] { $count } action from an incident is overdue
   *[other] { $count } actions from incidents are overdue
}
rep_mail_cut = This report is too long for a mail. On its page you also find: { $sections }.
rep_mail_cut_no_page = This report is too long for a mail. In Hearback you also find: { $sections }.
rep_files = As a file
rep_print = To print
rep_only_account = Only what concerns this account
rep_account_hint = The name of the account; empty for the whole product.
rep_subscribe_account = Subscribe to reports of this account
rep_read_online = Read it in the browser
rep_mail_why = You get this report because you subscribed to it.
rep_mail_why_member = You get this report because you subscribed to it in Hearback.
rep_mail_stop = No more of these reports:
rep_confirm_subject = Do you want reports about { $product }?
rep_confirm_text = Somebody asked for { $kind } reports about { $product } to be sent to this address.
rep_confirm_member = { $name } asked for it.
rep_confirm_ask = If you want them, confirm here:
rep_confirm_ignore = If not, do nothing: you will hear no more about it.
rep_confirm_page = Do you want { $kind } reports about { $product }?
rep_confirm_button = Yes, send me reports
rep_confirmed = You will get reports
rep_confirmed_about = The next { $kind } report about { $product } comes by mail. Each has a link that ends it.
rep_end_page = No more reports?
rep_end_page_about = You get { $kind } reports about { $product }.
rep_end_button = Send me no more of them
rep_ended = No more reports
rep_ended_about = You get no more of these reports. You can close this page.
rep_gone = This report can't be read any more
rep_gone_about = The link has expired or was withdrawn. Ask the sender for a new one.
rep_about = What stakeholders read, without signing in: by mail, as a page or as a file.
rep_make = Make a report
rep_make_it = Make the report
rep_kind = Kind
rep_language = Language
rep_need_approval = Somebody approves it before it is sent
rep_to_approve = To approve
rep_all = All reports
rep_none = There is no report yet.
rep_none_about = Make one above, or subscribe: reports are then made by themselves.
rep_report = Report
rep_made = Made
rep_approve = Approve
rep_approve_about = It waits for approval. Once approved, it is sent to its subscribers.
rep_send = Send
rep_send_about = It is then kept as it is now.
rep_send_nobody = It was made for nobody yet. Choose who gets it now, or share a link.
rep_no_subscribers = Nobody has subscribed to reports of this product.
rep_sent = This is the report as it was sent.
rep_sent_to = { $count ->
    [0] No subscriber got it by mail.
    [one] { $count } subscriber got it.
   *[other] { $count } subscribers got it.
}
rep_introduction = Introduction
rep_introduction_hint = Some sentences of your own, above the report.
rep_save = Save
rep_delete = Delete the draft
rep_links = Links to share
rep_links_about = Anyone who has a link reads the report without signing in.
rep_no_links = No links yet.
rep_make_link = Make a link
rep_link_days = Days it can be read
rep_scope = Readers see
rep_scope_summary = counts and sums only
rep_scope_customers = also who the customers are
rep_revoke = Withdraw
rep_revoked = withdrawn
rep_expired = expired
rep_link_until = until { $day }, { $readings ->
    [0] not read yet
    [one] read once
   *[other] read { $readings } times
}
rep_subscriptions = Who gets reports
rep_subscriptions_about = Members, people without an account, and chats. Nobody gets a report before they confirmed it.
rep_subscribe = Subscribe
rep_subscribe_me = Subscribe, or let somebody else have reports
rep_subscribe_it = Subscribe
rep_subscriber = Reader
rep_subscriber_email = Somebody else's address
rep_email_hint = Empty for yourself. Others get a mail first, with a link to confirm.
rep_products = Products
rep_when = When
rep_weekday = Day of the week
rep_day_of_month = Day of the month
rep_day_hint = For monthly reports. 31 is the last day of every month.
rep_hour = Hour
rep_time_zone = Time zone
rep_next = Next
rep_no_subscriptions = Nobody gets reports yet.
rep_no_subscriptions_about = Subscribe above to read what changed every Monday, without opening Hearback.
rep_end_it = End
rep_every_week = every { $day } at { $hour }
rep_every_month = on day { $day } of the month at { $hour }
rep_every_release = when a release is shipped
rep_customers_named = names customers
rep_sections = Sections
rep_sections_hint = None chosen means all.
sales_title = { $account }: for sales
sales_see = For sales: asked, promised, shipped, told
sales_about = Read this before you call them.
sales_counts = { $customers ->
    [one] { $customers } person
   *[other] { $customers } people
}, { $feedback ->
    [one] { $feedback } piece of feedback
   *[other] { $feedback } pieces of feedback
}
sales_asked = Asked for, not decided
sales_asked_none = Nothing of what they asked for waits for a decision.
sales_promised = Promised
sales_promised_none = Nothing is promised to them at present.
sales_shipped = Shipped
sales_shipped_none = Nothing that they asked for was shipped yet.
sales_declined = Declined
sales_unplanned = Said, without a story yet
sales_feedback = { $count ->
    [one] { $count } piece of their feedback
   *[other] { $count } pieces of their feedback
}
sales_no_date = no date yet
sales_in_release = planned for { $name }
sales_released = released { $day }
sales_told = { $name } was told on { $day }
sales_to_tell = { $name } waits to be told
sales_incomplete = They are behind more stories than are shown.
sales_nothing = They have said nothing yet.
sales_nothing_about = As soon as feedback of their people is filed, it is here with what became of it.
