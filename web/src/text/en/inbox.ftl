inbox-tabs = Parts of the inbox
inbox-tab-inbox = Inbox
inbox-tab-snoozed = Snoozed
inbox-tab-archived = Done
inbox-only-unread = Unread only
inbox-list = Notifications
inbox-open = The open notification
inbox-unread = Unread
inbox-count = { $count ->
    [one] { $count } notification
   *[other] { $count } notifications
}

# What one can do
inbox-done = Done
inbox-put-back = Back to the inbox
inbox-mark-read = Mark as read
inbox-mark-unread = Mark as unread
inbox-snooze = Snooze
inbox-snooze-later = Later today
inbox-snooze-tomorrow = Tomorrow morning
inbox-snooze-week = Next week
inbox-snooze-choose = Choose a time…
inbox-snooze-until = Until when?
inbox-snooze-invalid = Choose a time in the future, at most a year ahead.
inbox-until = Until { $time }
inbox-mute = Mute the task
inbox-unmute = Unmute the task
inbox-up-to-here = This and everything older
inbox-up-to-here-done = Mark as done
inbox-up-to-here-read = Mark as read
inbox-go-to-task = Open as a page
inbox-go-to-project = Open the project
inbox-go-to-reports = Open the reports

# What was done
inbox-did-done = { $count ->
    [one] Done.
   *[other] { $count } notifications are done.
}
inbox-did-put-back = { $count ->
    [one] It is back in the inbox.
   *[other] { $count } notifications are back in the inbox.
}
inbox-did-read = Marked as read.
inbox-did-unread = Marked as unread.
inbox-did-read-all = This and everything older is marked as read.
inbox-did-snooze = Snoozed until { $time }.
inbox-did-mute = { $task } is muted.
inbox-did-unmute = { $task } is no longer muted.
inbox-offline = The server cannot be reached. The inbox can be read, but not changed.

# What happened. The task is named beside it.
inbox-hidden = You can no longer see what this was about.
inbox-assigned = { $actor } assigned it to you
inbox-assigned-due = { $actor } assigned it to you, due { $due }
inbox-unassigned = { $actor } unassigned you
inbox-created = { $actor } created it
inbox-commented = { $actor } commented: “{ $text }”
inbox-mentioned = { $actor } mentioned you: “{ $text }”
inbox-mentioned-description = { $actor } mentioned you in the description
inbox-due-soon = It is due { $due }
inbox-overdue = It was due { $due }
inbox-deleted = { $actor } moved it to the trash
inbox-deleted-tree = { $count ->
    [one] { $actor } moved it and a subtask to the trash
   *[other] { $actor } moved it and { $count } subtasks to the trash
}
inbox-completed = { $actor } completed it
inbox-status = { $actor } set the status to “{ $status }”
inbox-priority = { $actor } set the priority to “{ $priority }”
inbox-due = { $actor } set the due date to { $due }
inbox-due-removed = { $actor } removed the due date
inbox-renamed = { $actor } renamed it to “{ $title }”
inbox-changed = { $actor } changed { $fields }
inbox-added = { $actor } added you to the project
inbox-report = Your report is ready
inbox-report-failed = Your report could not be made
inbox-field-title = the title
inbox-field-description = the description
inbox-field-status = the status
inbox-field-priority = the priority
inbox-field-due_at = the due date
inbox-field-assignee_id = the assignee
inbox-field-parent_id = the parent task
inbox-field-labels = the labels
inbox-field-recurrence = the repetition
inbox-field-comment = a comment
inbox-field-other = something else
inbox-a-task = A task
inbox-a-project = A project
inbox-a-report = A report

# Why one is told
inbox-reason-mentioned = You are mentioned
inbox-reason-assignee = It is assigned to you
inbox-reason-creator = You created it
inbox-reason-watcher = You watch it
inbox-reason-project_watcher = You watch the project
inbox-reason-view = It is in a view that you follow
inbox-reason-member = You are a member
inbox-reason-requested = You asked for it

# Empty lists
inbox-empty = You are up to date
inbox-empty-hint = Here you read what others do with your tasks, and what is due.
inbox-empty-unread = Nothing is unread
inbox-empty-snoozed = Nothing is snoozed
inbox-empty-snoozed-hint = A snoozed notification comes back at the time that you choose.
inbox-empty-archived = Nothing is done yet
inbox-empty-archived-hint = What you mark as done is here. Notifications that you have read are deleted after 180 days.
inbox-choose = Choose a notification to read it here
inbox-choose-keys = j and k move, Enter opens, e is done.

# Keys
inbox-keys = Inbox
inbox-key-next = Next notification
inbox-key-previous = Previous notification
inbox-key-done = Done
inbox-key-read = Read or unread
inbox-key-snooze = Snooze
inbox-key-mute = Mute the task
inbox-key-all-done = This and everything older is done
