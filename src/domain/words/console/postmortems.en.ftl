### The words of postmortems.

nav_postmortems = Postmortems
pm_about = What the team learnt from incidents, and what it does about it.
pm_write_one = Write a postmortem
pm_incident_number = Number of the incident
pm_draft_it = Draft the postmortem
pm_read_it = Read its postmortem
pm_late = Overdue postmortems
pm_due = Due
pm_overdue = overdue
pm_open_actions = Open actions
pm_counts =
    { $open ->
        [one] { $open } open action
       *[other] { $open } open actions
    }, { $overdue } overdue
pm_done_rate = Done:
pm_no_actions = No action is open.
pm_no_actions_here = No action yet. An action is a story with an owner and a due date.
pm_action = Action
pm_from = Postmortem of
pm_action_of = An action of the postmortem of { $number }
pm_owner = Owner
pm_age = Age
pm_days =
    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
pm_any = Any
pm_none = There is no postmortem yet.
pm_none_about = The program drafts one as soon as a SEV1 or SEV2 incident is mitigated or resolved.
pm_postmortem = Postmortem
pm_draft = Draft
pm_in_review = In review
pm_published = Published
pm_lasted = Lasted
pm_customers =
    { $count ->
        [one] { $count } customer said something
       *[other] { $count } customers said something
    }
pm_facilitator = Facilitator
pm_title = Title
pm_save = Save
pm_next = Next step
pm_ask_review = Ask for review
pm_publish = Publish to the team
pm_reopen = Back to draft
pm_actions = Actions
pm_add_action = Add an action
pm_action_title = What is to be done
pm_or_story = Or the number of a story
pm_add_it = Add
pm_timeline = Timeline
pm_said = What customers said
pm_outside = Version without personal data
pm_outside_about = Without names and addresses, to be read outside of the team.
pm_repeats = Similar postmortems
pm_no_repeats = No earlier postmortem is like this incident.
pm_no_repeats_about = They are found by the title, the summary and the first lines of the timeline.
pm_hint_person = "{ $words }" stands beside a word for failure. What made the failure possible?
pm_hint_hindsight = "{ $words }" judges with what is known only now. What did people see then?
pm_hint_error = "{ $words }" ends the search for causes. What led to it?
