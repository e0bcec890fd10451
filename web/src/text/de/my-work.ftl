my-work-overdue = Überfällig
my-work-today = Heute
my-work-week = Nächste sieben Tage
my-work-later = Später
my-work-none = Ohne Datum
my-work-done = Heute erledigt
my-work-all-done = Alles erledigt
my-work-all-done-hint = { $count ->
    [one] Du hast heute eine Aufgabe erledigt.
   *[other] Du hast heute { $count } Aufgaben erledigt.
}
my-work-empty = Nichts zu tun
my-work-empty-hint = Hier stehen nach Datum die Aufgaben, die dir zugewiesen sind, und die du dir selbst notierst.
