app-name = Taskbell
just-now = just now

# Actions
save = Save
cancel = Cancel
close = Close
delete = Delete
edit = Edit
create = Create
retry = Try again
undo = Undo
undone = Undone.
undo-nothing = There is nothing to undo.
more = More
back = Back
remove = Remove
add = Add
search = Search
copy-link = Copy link
link-copied = The link is copied.
loading = Loading…
none = None

# Navigation
nav-main = Main
nav-my-work = My work
nav-inbox = Inbox
nav-projects = Projects
nav-calendar = Calendar
nav-search = Search
nav-reports = Reports
nav-trash = Trash
nav-settings = Settings
nav-people = People
nav-menu = Menu
nav-skip = Skip to content
nav-new-task = New task
nav-new-project = New project
nav-commands = Commands
nav-keys = Keyboard shortcuts
log-out = Log out
unread-count = { $count } unread

# Connection
connection-lost = Connection lost. Trying again…
connection-offline = You are offline. Changes are sent when you are back.
changes-waiting = { $count ->
    [one] One change is not saved yet.
   *[other] { $count } changes are not saved yet.
}
changes-held = { $count ->
    [one] One change needs your decision.
   *[other] { $count } changes need your decision.
}
changes-show = Show
change-refused = Not saved: { $reason }

# Fields of a task
status = Status
status-todo = To do
status-in_progress = In progress
status-done = Done
status-cancelled = Cancelled
priority = Priority
priority-low = Low
priority-medium = Medium
priority-high = High
priority-urgent = Urgent
due = Due
due-none = No date
overdue = Overdue
assignee = Assignee
assignee-none = Nobody
labels = Labels
project = Project
personal-project = My tasks
title = Title
description = Description
someone = Someone
you = you

# What was done, with an offer to undo it
task-status-changed = { $task } is now “{ $status }”.
task-changed = { $task } is changed.
task-deleted = { $task } is in the trash.

# States of lists
list-empty = Nothing here
list-error = This could not be loaded
list-no-access = Not found
list-no-access-hint = It does not exist, or you do not have access.

# Titles of pages
task = Task
not-found = Page not found
log-in = Log in
register = Create an account
forgot-password = Forgotten password
reset-password = New password
verify-email = Confirm your e-mail address
unsubscribe = Unsubscribe

# Groups of keyboard shortcuts
keys-everywhere = Everywhere
keys-go-to = Go to

# Logging out
log-out-keep = { $count ->
    [one] One draft or unsaved change is left. Keep it in this browser?
   *[other] { $count } drafts and unsaved changes are left. Keep them in this browser?
}
log-out-keep-hint = They are there again when you log in here. Without them, nothing of yours stays.
keep = Keep

# Of lists and the sidebar
projects-open-count = { $count ->
    [0] No open tasks
    [one] 1 open task
    [1000] 1,000 open tasks or more
   *[other] { $count } open tasks
}
tasks-complete = Complete “{ $title }”
