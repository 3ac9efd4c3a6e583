### The words of the releases.

nav_releases = Releases
flash_release_planned = The release is planned. Put stories on board.
flash_on_board = On board.
flash_taken_off = The story was taken off the release.
flash_release_frozen = The release is frozen: nothing more gets in.
flash_release_unfrozen = Stories can be put on board again.
flash_shipped = The release was shipped.
flash_rolled_back = The release was rolled back.
flash_yanked = The release is marked as withdrawn.
rel_releases_about = What goes out when, what is on board, and what customers will hear.
rel_my_stories = My stories
rel_plan_release = Plan a release
rel_plan_it = Plan
rel_release_name_hint = The version, such as 1.4.0.
rel_planned_for = Planned for
rel_planned_for_hint = Empty for the day of the train.
rel_train = Train
rel_no_train = without a train
rel_releases_empty = No releases yet
rel_releases_empty_about = Plan one, put stories on board, and ship it: then customers hear that it is solved.
rel_undated = Without a date
rel_month_name = { $month ->
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
rel_stories_aboard = { $count ->
    [0] nothing on board
    [1] 1 story on board
   *[other] { $count } stories on board
}
rel_stories_missed = { $count ->
    [1] 1 missed the train
   *[other] { $count } missed the train
}
rel_train_without_release = A train without a release
rel_waits_to_be_shipped = deployed, waits to be shipped
rel_public_changelog = The public changelog
rel_train_leaves = Train of
rel_shipped_at = Shipped
rel_deployed_at = In production since
rel_not_done = That was not done
rel_held_about = This release is in production already, but nobody has shipped it. Customers hear of it once somebody does.
rel_ship_preview = Ship: see who hears what
rel_roll_back_preview = Roll back: see who hears what
rel_freeze = Freeze
rel_unfreeze = Unfreeze
rel_yank = Withdraw this version
rel_yank_about = The changelog marks it as withdrawn. Its stories stay released; to take them back, roll it back.
rel_on_board = On board
rel_not_ready_yet = { $count ->
    [1] 1 story is not ready
   *[other] { $count } stories are not ready
}
rel_nothing_aboard = Nothing on board
rel_nothing_aboard_about = Put stories on board below.
rel_gates = Gates
rel_in_changelog = In the changelog
rel_still_in_stage = Still in “{ $stage }”
rel_waits_for_gates = Waits for: { $gates }
rel_section = Section
rel_changelog_entry = Entry in the changelog
rel_take_off = Take off
rel_put_on_board = Put stories on board
rel_ready_stories = Ready, and in no release
rel_other_stories = Other stories, by number
rel_missed_train = Missed the train
rel_missed_why = It was not ready when the train left.
rel_goes_with = It goes with
rel_deployments = Deployments
rel_no_deployments = No deployment of this release was reported.
rel_environment = Environment
rel_reported_by = Reported by
rel_held = held
rel_changelog_preview = Changelog, as readers will see it
rel_changelog_empty = Nothing to say yet.
rel_release_notes = Text above the entries
rel_ship_title = Ship { $name }
rel_roll_back_title = Roll back { $name }
rel_ship_tells = { $count ->
    [0] Nobody is told.
    [1] 1 customer will be told.
   *[other] { $count } customers will be told.
}
rel_roll_back_tells = { $count ->
    [0] Nobody was told so far.
    [1] 1 customer was told and can hear of it.
   *[other] { $count } customers were told and can hear of it.
}
rel_recall_within = { $minutes ->
    [0] Messages leave at once.
    [1] Messages can be recalled for 1 minute.
   *[other] Messages can be recalled for { $minutes } minutes.
}
rel_who_hears_what = Who hears what
rel_nobody_is_told = No story changes for customers.
rel_told_customers = { $count ->
    [0] nobody is told
    [1] 1 customer
   *[other] { $count } customers
}
rel_by_mail = { $count } by mail
rel_by_desk = { $count } by the support desk
rel_by_agent = { $count } by one of you
rel_still_quotes = This text still quotes a customer. Reword or confirm it on the story before you ship.
rel_no_text_in_language = no text in this language
rel_who_exactly = Who exactly
rel_move_unready = Leave stories behind that are not ready: they go with the next train
rel_is_deployed = It is in production now
rel_is_deployed_hint = Otherwise customers hear of it once the deployment to production is reported.
rel_ship_it = Ship it
rel_roll_back_reason = Reason
rel_tell_of_roll_back = Tell the customers who were told
rel_as_the_product_says = as the product's settings say
rel_tell_yes = yes
rel_tell_no = no
rel_new_in = What is new in { $product }
rel_feed = Feed
rel_nothing_new = Nothing was released yet.
rel_older = Older releases
rel_roll_it_back = Roll it back
release-planned = planned
release-frozen = frozen
release-shipped = shipped
release-rolled_back = rolled back
release-yanked = withdrawn
deployment-succeeded = succeeded
deployment-failed = failed
deployment-rolled_back = rolled back
deployment-scheduled = scheduled
section-added = Added
section-changed = Changed
section-deprecated = Deprecated
section-removed = Removed
section-fixed = Fixed
section-security = Security
channel-email = by mail
channel-desk = by the support desk
channel-agent = by one of you
leftout-praise = not told: they only praised
leftout-noise = not told: not feedback
leftout-probably_not_about_this = not told: probably not about this
leftout-taken_out = left out by a member
leftout-already_told = told already
leftout-recalled = recalled
leftout-given_up = not reachable
leftout-withdrawn = no longer behind the story
leftout-erased = erased
leftout-objected = objected to messages
