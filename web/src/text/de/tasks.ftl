# Tasten
tasks-keys = Aufgaben
tasks-key-next = Nächste Aufgabe
tasks-key-previous = Vorige Aufgabe
tasks-key-open = Öffnen
tasks-key-toggle-done = Erledigen oder wieder öffnen
tasks-key-status = Status
tasks-key-assignee = Zuständig
tasks-key-priority = Priorität
tasks-key-labels = Labels
tasks-key-due = Fälligkeit
tasks-key-delete = In den Papierkorb

# Felder
tasks-label-create = Neues Label „{ $label }“
tasks-due-today = Heute
tasks-due-tomorrow = Morgen
tasks-due-next-week = Nächste Woche
tasks-due-time = Uhrzeit
tasks-month-before = Voriger Monat
tasks-month-after = Nächster Monat
tasks-parent = Teil von
tasks-read-only = Du kannst diese Aufgabe lesen und kommentieren, aber nicht ändern.
tasks-changed-elsewhere = Jemand anderes hat das geändert, während du tipptest. Dein Text ersetzt den anderen, wenn er gespeichert wird.
tasks-use-theirs = Den anderen nehmen
tasks-in-trash = Diese Aufgabe ist im Papierkorb.
tasks-restore = Wiederherstellen

# Was man mit einer Aufgabe tun kann
tasks-watch = Beobachten
tasks-watching = Beobachtet
tasks-mute = Stummschalten
tasks-unmute = Nicht mehr stumm
tasks-muted = Stumm: Du erfährst nur von Erwähnungen und von dem, was dir zugewiesen wird.
tasks-open-page = Als Seite öffnen
tasks-actions = Weitere Aktionen

# Beschreibung, Markdown
tasks-description-add = Beschreibung hinzufügen …
tasks-description-edit = Beschreibung bearbeiten
tasks-write = Schreiben
tasks-preview = Vorschau
tasks-preview-empty = Noch nichts geschrieben
tasks-markdown-hint = Markdown. @ erwähnt jemanden.
tasks-mention = Erwähnen
tasks-mention-count = { $count ->
    [0] Niemand passt
    [one] Eine Person. Pfeiltasten und Eingabe wählen.
   *[other] { $count } Personen. Pfeiltasten und Eingabe wählen.
}

# Teilaufgaben
tasks-subtasks = Teilaufgaben
tasks-subtasks-done = { $done } von { $total } erledigt
tasks-subtask-add = Teilaufgabe hinzufügen
tasks-subtask-title = Titel der neuen Teilaufgabe
tasks-show-all = Alle zeigen

# Kommentare
tasks-comments = Kommentare
tasks-comment = Kommentar
tasks-comment-write = Kommentar schreiben …
tasks-comment-send = Senden
tasks-comment-edited = bearbeitet
tasks-comment-sending = noch nicht gesendet
tasks-comment-delete = Diesen Kommentar löschen?
tasks-comment-delete-hint = Das lässt sich nicht rückgängig machen.

# Wiederholung
tasks-repeat = Wiederholung
tasks-repeat-never = Nie
tasks-repeat-daily = Jeden Tag
tasks-repeat-weekdays = Montag bis Freitag
tasks-repeat-weekly = Jede Woche
tasks-repeat-weekly-on = Jede Woche am { $days }
tasks-repeat-monthly = Jeden Monat
tasks-repeat-yearly = Jedes Jahr
tasks-repeat-every = { $unit ->
    [daily] Alle { $count } Tage
    [weekly] Alle { $count } Wochen
    [monthly] Alle { $count } Monate
   *[yearly] Alle { $count } Jahre
}
tasks-repeat-every-on = Alle { $count } Wochen am { $days }
tasks-repeat-custom = Eigene Regel
tasks-repeat-rule = Regel (RRULE)
tasks-repeat-rule-hint = Zum Beispiel FREQ=MONTHLY;BYDAY=-1FR für den letzten Freitag jedes Monats.
tasks-repeat-from = Nächstes Datum gezählt ab
tasks-repeat-from-schedule = Fälligkeit
tasks-repeat-from-completion = Erledigung
tasks-repeat-needs-due = Wähle zuerst eine Fälligkeit.
tasks-repeat-after-completion = { $rule }, gezählt ab der Erledigung

# Verlauf
tasks-history = Verlauf
tasks-history-more = Ältere zeigen
tasks-history-created = hat die Aufgabe angelegt
tasks-history-moved = hat die Aufgabe verschoben
tasks-history-assigned = hat die Zuständigkeit geändert
tasks-history-status_changed = hat den Status geändert
tasks-history-updated = hat die Aufgabe geändert
tasks-history-deleted = hat die Aufgabe in den Papierkorb gelegt
tasks-history-restored = hat die Aufgabe wiederhergestellt
tasks-history-commented = hat kommentiert
tasks-history-comment_updated = hat einen Kommentar geändert
tasks-history-comment_deleted = hat einen Kommentar gelöscht
tasks-history-nothing = leer
tasks-history-text-changed = der Text wurde geändert
tasks-history-from-to = { $field }: { $from } → { $to }
tasks-history-another-task = eine Aufgabe
tasks-history-another-project = ein anderes Projekt

# Änderungen, über die zu entscheiden ist
held-title = Änderungen, über die du entscheidest
held-none = Es ist nichts mehr zu entscheiden.
held-created = Neue Aufgabe
held-commented = Kommentar zu { $task }
held-changed = Änderungen an { $task }
held-deleted = { $task } sollte in den Papierkorb
held-restored = { $task } sollte wiederhergestellt werden
held-moved = { $task } sollte an eine andere Stelle
held-conflict = Jemand anderes hat dasselbe geändert. Was soll bleiben?
held-old = Das hast du { $when } gemacht, als der Server nicht erreichbar war.
held-refused = Es wurde abgelehnt: { $reason }
held-mine = Meins
held-theirs = Das andere
held-apply = Speichern
held-send = Jetzt senden
held-again = Noch einmal versuchen
held-copy = Text kopieren
held-copied = Der Text ist kopiert.
held-discard = Verwerfen
