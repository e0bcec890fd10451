notification-settings-this-browser = This browser
notification-settings-browser = Show notifications of the browser
notification-settings-browser-hint = While Taskbell is open in a tab that you do not see. It applies to this browser only.
notification-settings-browser-denied = The browser does not allow it. Change that in the browser’s settings of this site.
notification-settings-browser-unsupported = This browser cannot do this.
notification-settings-kinds = What you are told of
notification-settings-kinds-hint = The inbox always gets everything. “Live” shows it at once in open pages. Each change is saved at once.
notification-settings-kind = Notification
notification-settings-push = Live
notification-settings-email = E-mail
notification-settings-email-immediate = At once
notification-settings-email-daily = Daily
notification-settings-email-off = Never
notification-settings-group-you = About you
notification-settings-group-deadlines = Deadlines
notification-settings-group-tasks = Your tasks and those that you watch
notification-settings-group-reports = Reports
notification-settings-kind-task_assigned = A task is assigned to you
notification-settings-kind-task_unassigned = A task is no longer assigned to you
notification-settings-kind-mentioned = Somebody mentions you
notification-settings-kind-added_to_project = You are added to a project
notification-settings-kind-task_due_soon = A task is due soon
notification-settings-kind-task_overdue = A task is overdue
notification-settings-kind-task_commented = New comments
notification-settings-kind-task_status_changed = The status changes
notification-settings-kind-task_updated = Something else changes
notification-settings-kind-task_created = New tasks in projects that you watch
notification-settings-kind-task_deleted = A task goes to the trash
notification-settings-kind-report_ready = A report is ready
notification-settings-times = Times
notification-settings-quiet = Quiet hours
notification-settings-quiet-hint = E-mails and live notifications wait until they end. Times are in { $zone }.
notification-settings-quiet-same = The end must differ from the beginning.
notification-settings-from = From
notification-settings-to = to
notification-settings-at = At
notification-settings-summary = Daily summary by e-mail
notification-settings-summary-hint = It has your tasks that are due, and what is set to “Daily” above.
notification-settings-reminders = Reminders
notification-settings-reminders-hint = You are reminded of tasks that are assigned to you or that you watch.
notification-settings-no-reminders = You are not reminded before a deadline.
notification-settings-before = { $time } before
notification-settings-before-deadline = before the deadline
notification-settings-number = How many
notification-settings-unit = Unit
notification-settings-unit-minutes = minutes
notification-settings-unit-hours = hours
notification-settings-unit-days = days
notification-settings-unit-weeks = weeks
notification-settings-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
notification-settings-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
notification-settings-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
notification-settings-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
notification-settings-reminder-invalid = At most 30 days before.
notification-settings-reminder-known = It is there already.
