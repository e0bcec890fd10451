inbox-tabs = Teile des Eingangs
inbox-tab-inbox = Eingang
inbox-tab-snoozed = Zurückgestellt
inbox-tab-archived = Erledigt
inbox-only-unread = Nur ungelesene
inbox-list = Benachrichtigungen
inbox-open = Die geöffnete Benachrichtigung
inbox-unread = Ungelesen
inbox-count = { $count ->
    [one] { $count } Benachrichtigung
   *[other] { $count } Benachrichtigungen
}

# What one can do
inbox-done = Erledigt
inbox-put-back = Zurück in den Eingang
inbox-mark-read = Als gelesen markieren
inbox-mark-unread = Als ungelesen markieren
inbox-snooze = Zurückstellen
inbox-snooze-later = Später heute
inbox-snooze-tomorrow = Morgen früh
inbox-snooze-week = Nächste Woche
inbox-snooze-choose = Zeit wählen …
inbox-snooze-until = Bis wann?
inbox-snooze-invalid = Wähle eine Zeit in der Zukunft, höchstens in einem Jahr.
inbox-until = Bis { $time }
inbox-mute = Aufgabe stummschalten
inbox-unmute = Stummschaltung aufheben
inbox-up-to-here = Dies und alles Ältere
inbox-up-to-here-done = Als erledigt markieren
inbox-up-to-here-read = Als gelesen markieren
inbox-go-to-task = Als Seite öffnen
inbox-go-to-project = Projekt öffnen
inbox-go-to-reports = Berichte öffnen

# What was done
inbox-did-done = { $count ->
    [one] Erledigt.
   *[other] { $count } Benachrichtigungen sind erledigt.
}
inbox-did-put-back = { $count ->
    [one] Sie ist wieder im Eingang.
   *[other] { $count } Benachrichtigungen sind wieder im Eingang.
}
inbox-did-read = Als gelesen markiert.
inbox-did-unread = Als ungelesen markiert.
inbox-did-read-all = Dies und alles Ältere ist als gelesen markiert.
inbox-did-snooze = Zurückgestellt bis { $time }.
inbox-did-mute = { $task } ist stummgeschaltet.
inbox-did-unmute = { $task } ist nicht mehr stummgeschaltet.
inbox-offline = Der Server ist nicht erreichbar. Der Eingang kann gelesen, aber nicht geändert werden.

# What happened. The task is named beside it.
inbox-hidden = Du kannst nicht mehr sehen, worum es ging.
inbox-assigned = { $actor } hat sie dir zugewiesen
inbox-assigned-due = { $actor } hat sie dir zugewiesen, fällig { $due }
inbox-unassigned = { $actor } hat die Zuweisung an dich aufgehoben
inbox-created = { $actor } hat sie erstellt
inbox-commented = { $actor } hat kommentiert: „{ $text }“
inbox-mentioned = { $actor } hat dich erwähnt: „{ $text }“
inbox-mentioned-description = { $actor } hat dich in der Beschreibung erwähnt
inbox-due-soon = Sie ist fällig: { $due }
inbox-overdue = Sie war fällig: { $due }
inbox-deleted = { $actor } hat sie in den Papierkorb gelegt
inbox-deleted-tree = { $count ->
    [one] { $actor } hat sie und eine Teilaufgabe in den Papierkorb gelegt
   *[other] { $actor } hat sie und { $count } Teilaufgaben in den Papierkorb gelegt
}
inbox-completed = { $actor } hat sie erledigt
inbox-status = { $actor } hat den Status auf „{ $status }“ gesetzt
inbox-priority = { $actor } hat die Priorität auf „{ $priority }“ gesetzt
inbox-due = { $actor } hat die Fälligkeit auf { $due } gesetzt
inbox-due-removed = { $actor } hat die Fälligkeit entfernt
inbox-renamed = { $actor } hat sie in „{ $title }“ umbenannt
inbox-changed = { $actor } hat { $fields } geändert
inbox-added = { $actor } hat dich in das Projekt aufgenommen
inbox-report = Dein Bericht ist fertig
inbox-report-failed = Dein Bericht konnte nicht erstellt werden
inbox-field-title = den Titel
inbox-field-description = die Beschreibung
inbox-field-status = den Status
inbox-field-priority = die Priorität
inbox-field-due_at = die Fälligkeit
inbox-field-assignee_id = die Zuweisung
inbox-field-parent_id = die übergeordnete Aufgabe
inbox-field-labels = die Labels
inbox-field-recurrence = die Wiederholung
inbox-field-comment = einen Kommentar
inbox-field-other = etwas anderes
inbox-a-task = Eine Aufgabe
inbox-a-project = Ein Projekt
inbox-a-report = Ein Bericht

# Why one is told
inbox-reason-mentioned = Du wirst erwähnt
inbox-reason-assignee = Sie ist dir zugewiesen
inbox-reason-creator = Du hast sie erstellt
inbox-reason-watcher = Du beobachtest sie
inbox-reason-project_watcher = Du beobachtest das Projekt
inbox-reason-view = Sie ist in einer Ansicht, der du folgst
inbox-reason-member = Du bist Mitglied
inbox-reason-requested = Du hast ihn angefordert

# Empty lists
inbox-empty = Du bist auf dem neuesten Stand
inbox-empty-hint = Hier liest du, was andere mit deinen Aufgaben tun und was fällig ist.
inbox-empty-unread = Nichts ist ungelesen
inbox-empty-snoozed = Nichts ist zurückgestellt
inbox-empty-snoozed-hint = Was du zurückstellst, kommt zur gewählten Zeit wieder.
inbox-empty-archived = Noch nichts ist erledigt
inbox-empty-archived-hint = Hier steht, was du als erledigt markierst. Gelesene Benachrichtigungen werden nach 180 Tagen gelöscht.
inbox-choose = Wähle eine Benachrichtigung, um sie hier zu lesen
inbox-choose-keys = Mit j und k bewegst du dich, Enter öffnet, e erledigt.

# Keys
inbox-keys = Eingang
inbox-key-next = Nächste Benachrichtigung
inbox-key-previous = Vorige Benachrichtigung
inbox-key-done = Erledigt
inbox-key-read = Gelesen oder ungelesen
inbox-key-snooze = Zurückstellen
inbox-key-mute = Aufgabe stummschalten
inbox-key-all-done = Dies und alles Ältere ist erledigt
