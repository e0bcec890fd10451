trash-text = What was deleted stays here for 30 days.
trash-kind = What to show
trash-tasks = Tasks
trash-projects = Projects
trash-project = Project
trash-project-any = All projects
trash-restore = Restore
trash-restore-name = Restore { $name }
trash-restored = { $name } is restored.
trash-deleted = Deleted { $when }
trash-purge = { $days ->
    [0] goes for good today
    [one] goes for good tomorrow
   *[other] goes for good in { $days } days
}
trash-expired = It is being deleted for good and cannot be restored any more.
trash-project-gone = Its project is in the trash: restore the project.
trash-parent-gone = Part of { $parent }, which is in the trash, too: restore that first.
trash-owner-only = Only its owner and administrators can restore it.
trash-creator-only = Only its creator and managers can restore it.
trash-empty-tasks = No deleted tasks
trash-empty-projects = No deleted projects
trash-empty-hint = What you delete comes here, and can be restored for 30 days.
