# Keys
tasks-keys = Tasks
tasks-key-next = Next task
tasks-key-previous = Previous task
tasks-key-open = Open
tasks-key-toggle-done = Complete, or open again
tasks-key-status = Status
tasks-key-assignee = Assignee
tasks-key-priority = Priority
tasks-key-labels = Labels
tasks-key-due = Due date
tasks-key-delete = Move to the trash

# Fields
tasks-label-create = New label “{ $label }”
tasks-due-today = Today
tasks-due-tomorrow = Tomorrow
tasks-due-next-week = Next week
tasks-due-time = Time
tasks-month-before = Previous month
tasks-month-after = Next month
tasks-parent = Part of
tasks-read-only = You can read and comment, but not change this task.
tasks-changed-elsewhere = Someone else changed this while you were typing. Your text replaces theirs when it is saved.
tasks-use-theirs = Take theirs
tasks-in-trash = This task is in the trash.
tasks-restore = Restore

# Actions of a task
tasks-watch = Watch
tasks-watching = Watching
tasks-mute = Mute
tasks-unmute = Unmute
tasks-muted = Muted: you are told only of mentions and of what is assigned to you.
tasks-open-page = Open as a page
tasks-actions = More actions

# Description, Markdown
tasks-description-add = Add a description…
tasks-description-edit = Edit the description
tasks-write = Write
tasks-preview = Preview
tasks-preview-empty = Nothing to preview
tasks-markdown-hint = Markdown. @ mentions someone.
tasks-mention = Mention
tasks-mention-count = { $count ->
    [0] No matching people
    [one] One person. Arrow keys and Enter choose.
   *[other] { $count } people. Arrow keys and Enter choose.
}

# Subtasks
tasks-subtasks = Subtasks
tasks-subtasks-done = { $done } of { $total } done
tasks-subtask-add = Add a subtask
tasks-subtask-title = Title of the new subtask
tasks-show-all = Show all

# Comments
tasks-comments = Comments
tasks-comment = Comment
tasks-comment-write = Write a comment…
tasks-comment-send = Send
tasks-comment-edited = edited
tasks-comment-sending = waiting to be sent
tasks-comment-delete = Delete this comment?
tasks-comment-delete-hint = This cannot be undone.

# Repetition
tasks-repeat = Repeats
tasks-repeat-never = Never
tasks-repeat-daily = Every day
tasks-repeat-weekdays = Every weekday
tasks-repeat-weekly = Every week
tasks-repeat-weekly-on = Every week on { $days }
tasks-repeat-monthly = Every month
tasks-repeat-yearly = Every year
tasks-repeat-every = { $unit ->
    [daily] Every { $count } days
    [weekly] Every { $count } weeks
    [monthly] Every { $count } months
   *[yearly] Every { $count } years
}
tasks-repeat-every-on = Every { $count } weeks on { $days }
tasks-repeat-custom = Own rule
tasks-repeat-rule = Rule (RRULE)
tasks-repeat-rule-hint = For example FREQ=MONTHLY;BYDAY=-1FR for the last Friday of each month.
tasks-repeat-from = Next date counted from
tasks-repeat-from-schedule = the due date
tasks-repeat-from-completion = when it is completed
tasks-repeat-needs-due = Choose a due date first.
tasks-repeat-after-completion = { $rule }, after it is completed

# History
tasks-history = History
tasks-history-more = Show older
tasks-history-created = created the task
tasks-history-moved = moved the task
tasks-history-assigned = changed the assignee
tasks-history-status_changed = changed the status
tasks-history-updated = changed the task
tasks-history-deleted = moved the task to the trash
tasks-history-restored = restored the task
tasks-history-commented = wrote a comment
tasks-history-comment_updated = changed a comment
tasks-history-comment_deleted = deleted a comment
tasks-history-nothing = empty
tasks-history-text-changed = the text was changed
tasks-history-from-to = { $field }: { $from } → { $to }
tasks-history-another-task = a task
tasks-history-another-project = another project

# Changes that wait for a decision
held-title = Changes that need your decision
held-none = There is nothing left to decide.
held-created = New task
held-commented = Comment on { $task }
held-changed = Changes of { $task }
held-deleted = Move { $task } to the trash
held-restored = Restore { $task }
held-moved = Move { $task }
held-conflict = Someone else changed this, too. Which version do you want to keep?
held-old = You made this { $when }, while the server could not be reached.
held-refused = It was refused: { $reason }
held-mine = Mine
held-theirs = Theirs
held-apply = Save
held-send = Send now
held-again = Try again
held-copy = Copy the text
held-copied = The text is copied.
held-discard = Discard
