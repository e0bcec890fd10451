quick-add-text = New tasks, one on each line
quick-add-placeholder = What needs to be done?
quick-add-hint = Enter creates the task, Shift and Enter begin another one.
quick-add-syntax = Write a date, !high, #label, @person or +PROJECT anywhere. Each line is a task, and indented lines are its subtasks.
quick-add-completions = Suggestions
quick-add-preview = What is created
quick-add-more-lines = { $count ->
    [one] and one more
   *[other] and { $count } more
}
quick-add-label = Label
quick-add-you = { $name } (you)
quick-add-give-back = Keep “{ $text }” as text
quick-add-without = Create it without this: { $field }
quick-add-subtask = New subtask of { $task }
quick-add-create-another = Create another
quick-add-create-many = Create { $count } tasks
quick-add-created = “{ $title }” is created.
quick-add-created-many = { $count ->
    [one] One task is created.
   *[other] { $count } tasks are created.
}
quick-add-open = Open
quick-add-not-saved-yet = It is not saved yet. It can be opened as soon as you are connected.
quick-add-fault-long = A title has at most { $title } characters.
quick-add-fault-many = At most { $tasks } tasks can be created at once.
quick-add-fault-viewer = You may read this project, but not create tasks in it.
