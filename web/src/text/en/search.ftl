search-words = Words
search-placeholder = Words in titles and descriptions
search-clear-words = Clear the words
search-filters = Filters
search-any = any
search-clear = Clear
search-me = Me
search-due-overdue = Overdue
search-due-today = Today
search-due-week = Next 7 days
search-due-month = Next 30 days
search-results = Tasks found
search-count = { $count ->
    [one] One task
   *[other] { $number } tasks
}
search-count-more = More than { $number } tasks
search-nothing = No tasks found
search-nothing-hint = Try fewer words. The beginning of a word is enough.
search-without-filters = Search without filters
search-first = What are you looking for?
search-first-hint = Up to eight words, or beginnings of words, in any order. Or begin with a filter.
search-example-mine = My open tasks
search-example-overdue = Overdue tasks
search-example-nobody = Unassigned open tasks
