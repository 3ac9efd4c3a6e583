### The words of the pages about privacy: the access log, the data map and the ledger of erasures.

nav_privacy = Privacy
priv_about = Who saw whose data, what is kept and why, and whether what was erased is gone.
acc_log = Access log
acc_log_about = Who read, changed or downloaded the data of which customers. Kept for { $days } days; each entry is sealed by the next.
acc_off = No access log is kept: HEARBACK_ACCESS_DAYS is 0.
acc_whose = Whose data
acc_customer = Id of a customer
acc_reason = Reason
acc_reason_given = With a reason
acc_reason_missing = Without a reason
acc_feedback = { $count ->
    [one] { $count } feedback
   *[other] { $count } feedback
}
acc_more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
acc_empty = No entry
acc_empty_about = Nobody did this in this time. Choose another person, kind or time.
acc_of = Who saw the data of { $name }
acc_seen_by = Who saw this person
acc_bad_customer = must be the id of a customer, as in the address of their page
rev_title = Monthly review
rev_about = What to look at before you sign: downloads without a reason, accesses at night, many people on one day, and addresses that are new.
rev_month = Month
rev_show = Show
rev_zone = Days and nights are those of { $zone }.
rev_entries = Accesses
rev_customers = Customers
rev_readers = Readers
rev_downloads = Downloads
rev_without_reason = Downloads without a reason
rev_at_night = At night (22:00 to 06:00)
rev_many = Many customers on one day
rev_new_addresses = New addresses
rev_nothing = None.
rev_chain_whole = { $entries ->
    [one] The log is whole: { $entries } entry was checked.
   *[other] The log is whole: { $entries } entries were checked.
}
rev_chain_broken = The log was changed: entry { $seq } does not fit. Do not sign; find out who may write to the database.
rev_times = { $count ->
    [one] { $count } access
   *[other] { $count } accesses
}
rev_sign = Sign the review
rev_sign_about = Your signature keeps these numbers and the last entry of the log.
rev_note = What you looked at, found and did
rev_signed = Signed
rev_not_signed = Nobody has signed this month yet.
flash_review_signed = The review is signed.
dmap_title = Data map
dmap_about = What each column of the database holds, why, and for how long. It is made from the program itself.
dmap_english = Record of processing in English
dmap_korean = Record of processing in Korean
dmap_parties = Who handles data
dmap_no_parties = Nobody is named yet. Add the controller, its protection officer, and each processor, such as the sender of your mails.
dmap_add = Add
dmap_role = Part
dmap_contact = Contact
dmap_purpose = What for
dmap_data = Which data
dmap_country = Country (two letters)
dmap_transfer = What allows the transfer there
dmap_remove = Remove
dmap_systems = Systems outside, by the settings
dmap_redacted = personal data is taken out first
dmap_tables = What is kept
dmap_table = Table
dmap_columns = Columns with personal data
dmap_kept = Kept
dmap_days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
flash_party_added = Added to the record of processing.
flash_party_removed = Removed from the record of processing.
era_title = Erasures
era_about = The ledger of erasures is a file outside the database, with hashes of everybody who was erased. A restored backup is cleaned by it before the server answers anybody.
era_file = File
era_no_file = There is no file, so a restored backup would bring erased people back. Set HEARBACK_ERASURE_LEDGER.
era_in_file = Erasures in the file
era_in_database = Erasures that the database knows
era_open = Not applied
era_all_applied = All erasures are applied.
era_not_applied = { $count ->
    [one] { $count } erasure is not applied to this database. Start the server again.
   *[other] { $count } erasures are not applied to this database. Start the server again.
}
era_last = Last erasure
era_look = Prove that somebody is gone
era_find = Look
era_found = Erased
era_in_both = in the ledger outside the database
era_database_only = only in the database
era_not_found = The ledger knows no erasure of this customer.
setting-masking = Masking at intake
hint-masking = Ticked kinds are masked in the texts of new feedback before they are stored, whichever way it comes in. What is masked can't be brought back. The customer's own address stays: they are told by it.
field-mask_at_intake = Masking at intake
mask-email = E-mail addresses
mask-phone = Telephone numbers
mask-card = Payment cards
mask-resident_number = Resident and social security numbers
mask-passport = Passport numbers
mask-account = Bank accounts
accact-read = read
accact-write = changed
accact-download = downloaded
accact-permission = changed permissions
accop-export = the whole database, by command
accop-console = a page of their own
accop-list_feedback = list of feedback
accop-get_feedback = feedback
accop-list_customers = list of customers
accop-get_customer = customer
accop-list_closures = list of people to tell
accop-get_closure = person to tell
accop-list_events = events
accop-get_story = story
accop-list_stories = backlog
accop-get_theme = theme
accop-list_themes = themes
party-controller = Controller
party-joint_controller = Joint controller
party-representative = Representative
party-protection_officer = Protection officer
party-processor = Processor
party-sub_processor = Processor of a processor
party-recipient = Recipient
datamap-party-controller = Controller
datamap-party-joint_controller = Joint controller
datamap-party-representative = Representative
datamap-party-protection_officer = Data protection officer
datamap-party-processor = Processor
datamap-party-sub_processor = Sub-processor
datamap-party-recipient = Recipient
datamap-record-title = Record of processing activities
datamap-record-made = Made at
datamap-record-parties = Controller, processors and recipients
datamap-record-no_parties = Nobody is named yet.
datamap-record-role = Part
datamap-record-name = Name
datamap-record-contact = Contact
datamap-record-purpose = Purpose
datamap-record-data = Data
datamap-record-country = Country
datamap-record-transfer = Basis of the transfer
datamap-record-systems = Systems that the settings name
datamap-record-redacted = personal data is taken out before anything is sent
datamap-record-purposes = Purposes
datamap-record-basis = Legal basis
datamap-record-persons = Persons
datamap-record-kept = Time limit
datamap-record-measures = Technical and organisational measures
datamap-record-measures_list = Roles by operation and product; hashed passwords and tokens; sessions that end; an access log of reads with a hash chain, reviewed every month; an audit log; erasure in every table and in the files of the database; a ledger of erasures outside the database; masking before storage where a product asks for it; personal data taken out of what goes to embedders and language models.
datamap-record-columns = Columns with personal data
datamap-record-table = Table
datamap-record-column = Column
datamap-record-holds = Holds
datamap-record-erasure = When a person is erased
datamap-holds-person = data of a person
datamap-holds-account = data of a business
datamap-holds-words = words of or about customers
datamap-holds-secret = secrets and hashes
datamap-holds-none = nothing personal
datamap-purpose-listening = Taking in and understanding feedback
datamap-purpose-planning = Planning and building what customers ask for
datamap-purpose-closing = Telling customers what became of their feedback
datamap-purpose-operating = Handling incidents and measuring the service
datamap-purpose-access = Accounts and access of the team
datamap-purpose-privacy = Proving how personal data is handled
datamap-purpose-running = Running the program
datamap-persons-listening = customers and users
datamap-persons-planning = customers, users and the team
datamap-persons-closing = customers
datamap-persons-operating = the team, customers
datamap-persons-access = the team
datamap-persons-privacy = the team, customers
datamap-persons-running = the team
datamap-basis-contract = contract (GDPR 6(1)(b); PIPA 15(1)4)
datamap-basis-legitimate_interest = legitimate interest (GDPR 6(1)(f); PIPA 15(1)6)
datamap-basis-legal_obligation = legal obligation (GDPR 6(1)(c); PIPA 15(1)2)
datamap-kept-until_erased = until the person is erased
datamap-kept-while_used = while it is used
datamap-kept-audit_days = days of the audit log
datamap-kept-access_days = days of the access log
datamap-kept-ledger_days = days of the ledger of commits
datamap-kept-short = a day at most
datamap-erasure-replaced = replaced where it names or quotes the person
datamap-erasure-row_by_row = removed
datamap-erasure-nothing = stays
datamap-system-mail_server = Mail server
datamap-system-embedder = Embedder
datamap-system-language_model = Language model
datamap-system-github = GitHub
datamap-system-gitlab = GitLab
datamap-system-prometheus = Prometheus
datamap-system-identity_provider = Sign-in provider
