my-work-overdue = Overdue
my-work-today = Today
my-work-week = Next seven days
my-work-later = Later
my-work-none = No date
my-work-done = Completed today
my-work-all-done = All done
my-work-all-done-hint = { $count ->
    [one] You completed one task today.
   *[other] You completed { $count } tasks today.
}
my-work-empty = Nothing to do
my-work-empty-hint = Tasks that are assigned to you, and those that you write down for yourself, are shown here by date.
