calendar-scope = Tasks
calendar-mine = Assigned to me
calendar-today = Today
calendar-view = View
calendar-month = Month
calendar-week = Week
calendar-previous-month = Previous month
calendar-next-month = Next month
calendar-previous-week = Previous week
calendar-next-week = Next week
calendar-day = { $count ->
    [0] { $day }, no tasks
    [one] { $day }, one task
   *[other] { $day }, { $count } tasks
}
calendar-add = Add a task due on { $day }
calendar-more = + { $count } more
calendar-less = Show fewer
calendar-undated = Without a date
calendar-undated-none = All open tasks have a date.
calendar-undated-more = Look for more
calendar-moved = { $task } is due on { $day }.
calendar-moved-away = { $task } has no date any more.
calendar-nothing = Nothing is due
calendar-nothing-hint = Tasks are here when they have a date in these days.
calendar-keys = Calendar
calendar-keys-hint = Arrow keys move between days and tasks. With Shift they move a task by a day or a week.
calendar-key-next = Next month or week
calendar-key-previous = Previous month or week
calendar-key-today = Go to today
calendar-command-month = Show a month
calendar-command-week = Show a week
calendar-key-walk = Move between days and tasks
calendar-key-move = Move the task by a day or a week
