# Lists of projects
projects-search = Find a project
projects-overdue-count = { $count } overdue
projects-personal-hint = Only you see these tasks.
projects-none-found = No matching projects
projects-empty = No projects yet
projects-empty-hint = A project holds the tasks of a team, and who may see them.
projects-empty-user = A manager creates projects and adds you to them. Until then, there is “My tasks”.

# New project
projects-name = Name
projects-key = Key
projects-key-hint = Its tasks are named { $key }-1, { $key }-2, … It cannot be changed later.
projects-key-invalid = Two to ten capital letters and digits, beginning with a letter.
projects-key-taken = Another project has the key { $key }.
projects-description = Description

# A project
projects-view = View
projects-list = List
projects-board = Board
projects-settings = Project settings
projects-members-of = Members: { $names }
projects-watch = Watch this project
projects-watch-hint = Be told of everything that happens here
projects-watching-hint = You are told of everything that happens here
projects-tasks-of = Tasks of { $project }
projects-new = This project is new
projects-new-hint = Write down the first thing to do, and add the people who do it with you.
projects-new-viewer = There are no tasks yet.
projects-first-task = Add the first task
projects-first-members = Add members
projects-all-done = No open tasks
projects-all-done-hint = Everything here is done or cancelled.
projects-show-all = Show all tasks
projects-nothing-found = No task fits these filters.
projects-labels-only = Only tasks with a label are shown.
projects-labels-none = No task of this project has a label yet.

# Filters
projects-filters = Filters
projects-filter-words = Filter by words
projects-filter-reset = Clear filters
projects-any = Any
projects-me = Me
projects-group = Group
projects-group-status = Status
projects-group-assignee = Assignee
projects-group-priority = Priority
projects-group-label = Label
projects-group-none = No groups
projects-sort = Order
projects-sort-rank = Manual order
projects-sort-due_at = Due date
projects-sort-priority = Priority
projects-sort-created_at = Created
projects-sort-updated_at = Last changed
projects-sort-title = Title
projects-sort-turn = Reverse order

# Board
projects-add = Add task
projects-add-to = Add a task to { $column }
projects-column-empty = No tasks
projects-move = Move to…
projects-move-where = Move to
projects-move-task = Move { $task } to…
projects-move-top = Top of this column
projects-move-bottom = Bottom of this column
projects-card-moved = { $task } is moved to “{ $column }”.
projects-card-ordered = { $task } has a new place.
projects-card-moved-to = { $task } is now in { $column }, at position { $place } of { $count }.
projects-card-placed = { $task } is now at position { $place } of { $count } in { $column }.
projects-keys-board = Board
projects-key-down = Next card
projects-key-up = Previous card
projects-key-open = Open the card
projects-key-move = Move the card to…
projects-key-shift = Move the card one place (with every arrow key)

# Settings
projects-settings-of = Settings of { $project }
projects-back = Back to the project
projects-general = General
projects-key-fixed = Key: { $key }
projects-saved = Saved.
projects-changed-meanwhile = Someone else changed the project just now. Look at it again, and then save.
projects-members = Members
projects-owner = Owner
projects-owner-hint = The owner is always a manager of the project.
projects-inactive = Deactivated
projects-role = Role
projects-role-of = Role of { $name }
projects-role-viewer = Viewer
projects-role-member = Member
projects-role-manager = Manager
projects-role-viewer-hint = Sees everything and comments, but changes nothing.
projects-role-member-hint = Creates tasks, and changes their own and those assigned to them.
projects-role-manager-hint = Changes every task, and manages members and labels.
projects-add-member = Add a person
projects-find-person = Name or e-mail address
projects-people-found = People found
projects-nobody-found = Nobody else fits. People need an account before they can be added.
projects-nobody-found-user = Nobody else fits. You find people with whom you share a project.
projects-change-role = Make { $name } a { $role }?
projects-change-role-action = Change role
projects-viewer-loses = Tasks assigned to { $name } in this project will be assigned to nobody.
projects-self-loses = You will no longer manage this project.
projects-remove-member = Remove { $name } from the project?
projects-remove-member-action = Remove { $name }
projects-remove-member-hint = { $name } no longer sees the project. Their tasks here will be assigned to nobody.
projects-member-removed = { $name } is removed from the project.
projects-rename = Rename
projects-label-count = { $count ->
    [one] 1 task
   *[other] { $count } tasks
}
projects-label-rename = Rename { $label }
projects-label-new-name = New name of { $label }
projects-label-slash = A label with “/” cannot be renamed
projects-label-renamed = { $count ->
    [one] One task is changed.
   *[other] { $count } tasks are changed.
}
projects-merge-labels = Merge “{ $from }” into “{ $to }”?
projects-merge-labels-hint = All tasks with either label will have the same one. This cannot be undone.
projects-merge = Merge
projects-owner-section = Ownership
projects-new-owner = New owner
projects-choose-person = Choose a person
projects-no-heir = No member can become the owner
projects-heir-hint = A member whose account is a manager’s or an administrator’s.
projects-hand-over = Hand over
projects-hand-over-to = Hand “{ $project }” over to { $name }?
projects-hand-over-hint = { $former } stays as a manager, and can no longer delete the project or hand it on.
projects-handed-over = { $name } now owns the project.
projects-delete = Delete project
projects-delete-question = Delete “{ $project }”?
projects-delete-hint = The project and its tasks go to the trash, for everybody. They can be restored for 30 days.
projects-deleted = “{ $project }” is in the trash.
