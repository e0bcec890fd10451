notification-settings-this-browser = Dieser Browser
notification-settings-browser = Benachrichtigungen des Browsers zeigen
notification-settings-browser-hint = Solange Taskbell in einem Tab offen ist, den du nicht siehst. Gilt nur für diesen Browser.
notification-settings-browser-denied = Der Browser erlaubt es nicht. Ändere das in den Einstellungen des Browsers für diese Seite.
notification-settings-browser-unsupported = Dieser Browser kann das nicht.
notification-settings-kinds = Wovon du erfährst
notification-settings-kinds-hint = Der Eingang bekommt immer alles. „Live“ zeigt es sofort auf offenen Seiten. Jede Änderung wird sofort gespeichert.
notification-settings-kind = Benachrichtigung
notification-settings-push = Live
notification-settings-email = E-Mail
notification-settings-email-immediate = Sofort
notification-settings-email-daily = Täglich
notification-settings-email-off = Nie
notification-settings-group-you = Über dich
notification-settings-group-deadlines = Fälligkeiten
notification-settings-group-tasks = Deine und beobachtete Aufgaben
notification-settings-group-reports = Berichte
notification-settings-kind-task_assigned = Eine Aufgabe wird dir zugewiesen
notification-settings-kind-task_unassigned = Eine Zuweisung an dich wird aufgehoben
notification-settings-kind-mentioned = Jemand erwähnt dich
notification-settings-kind-added_to_project = Du wirst in ein Projekt aufgenommen
notification-settings-kind-task_due_soon = Eine Aufgabe ist bald fällig
notification-settings-kind-task_overdue = Eine Aufgabe ist überfällig
notification-settings-kind-task_commented = Neue Kommentare
notification-settings-kind-task_status_changed = Der Status ändert sich
notification-settings-kind-task_updated = Etwas anderes ändert sich
notification-settings-kind-task_created = Neue Aufgaben in beobachteten Projekten
notification-settings-kind-task_deleted = Eine Aufgabe kommt in den Papierkorb
notification-settings-kind-report_ready = Ein Bericht ist fertig
notification-settings-times = Zeiten
notification-settings-quiet = Ruhezeit
notification-settings-quiet-hint = E-Mails und Live-Benachrichtigungen warten, bis sie endet. Zeiten gelten in { $zone }.
notification-settings-quiet-same = Ende und Beginn müssen verschieden sein.
notification-settings-from = Von
notification-settings-to = bis
notification-settings-at = Um
notification-settings-summary = Tägliche Zusammenfassung per E-Mail
notification-settings-summary-hint = Sie enthält deine fälligen Aufgaben und was oben auf „Täglich“ steht.
notification-settings-reminders = Erinnerungen
notification-settings-reminders-hint = Du wirst an Aufgaben erinnert, die dir zugewiesen sind oder die du beobachtest.
notification-settings-no-reminders = Du wirst vor einer Fälligkeit nicht erinnert.
notification-settings-before = { $time } vorher
notification-settings-before-deadline = vor der Fälligkeit
notification-settings-number = Anzahl
notification-settings-unit = Einheit
notification-settings-unit-minutes = Minuten
notification-settings-unit-hours = Stunden
notification-settings-unit-days = Tage
notification-settings-unit-weeks = Wochen
notification-settings-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
notification-settings-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
notification-settings-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
notification-settings-weeks = { $count ->
    [one] { $count } Woche
   *[other] { $count } Wochen
}
notification-settings-reminder-invalid = Höchstens 30 Tage vorher.
notification-settings-reminder-known = Sie ist schon da.
