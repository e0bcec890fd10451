# Lists of projects
projects-search = Projekt finden
projects-overdue-count = { $count } überfällig
projects-personal-hint = Nur du siehst diese Aufgaben.
projects-none-found = Kein Projekt passt
projects-empty = Noch keine Projekte
projects-empty-hint = Ein Projekt enthält die Aufgaben eines Teams und legt fest, wer sie sieht.
projects-empty-user = Manager legen Projekte an und nehmen dich darin auf. Bis dahin gibt es „Meine Aufgaben“.

# New project
projects-name = Name
projects-key = Kürzel
projects-key-hint = Die Aufgaben heißen { $key }-1, { $key }-2, … Es lässt sich später nicht ändern.
projects-key-invalid = Zwei bis zehn Großbuchstaben und Ziffern, am Anfang ein Buchstabe.
projects-key-taken = Ein anderes Projekt hat das Kürzel { $key }.
projects-description = Beschreibung

# A project
projects-view = Ansicht
projects-list = Liste
projects-board = Tafel
projects-settings = Projekteinstellungen
projects-members-of = Mitglieder: { $names }
projects-watch = Dieses Projekt beobachten
projects-watch-hint = Über alles informiert werden, was hier geschieht
projects-watching-hint = Du wirst über alles informiert, was hier geschieht
projects-tasks-of = Aufgaben von { $project }
projects-new = Dieses Projekt ist neu
projects-new-hint = Schreibe auf, was als Erstes zu tun ist, und nimm auf, wer mitarbeitet.
projects-new-viewer = Es gibt noch keine Aufgaben.
projects-first-task = Erste Aufgabe anlegen
projects-first-members = Mitglieder aufnehmen
projects-all-done = Keine offenen Aufgaben
projects-all-done-hint = Hier ist alles erledigt oder abgebrochen.
projects-show-all = Alle Aufgaben zeigen
projects-nothing-found = Keine Aufgabe passt zu diesen Filtern.
projects-labels-only = Nur Aufgaben mit einem Label werden gezeigt.
projects-labels-none = Noch keine Aufgabe dieses Projekts hat ein Label.

# Filters
projects-filters = Filter
projects-filter-words = Nach Wörtern filtern
projects-filter-reset = Filter entfernen
projects-any = Alle
projects-me = Ich
projects-group = Gruppe
projects-group-status = Status
projects-group-assignee = Zuständig
projects-group-priority = Priorität
projects-group-label = Label
projects-group-none = Keine Gruppen
projects-sort = Reihenfolge
projects-sort-rank = Eigene Reihenfolge
projects-sort-due_at = Fälligkeit
projects-sort-priority = Priorität
projects-sort-created_at = Angelegt
projects-sort-updated_at = Zuletzt geändert
projects-sort-title = Titel
projects-sort-turn = Reihenfolge umkehren

# Board
projects-add = Aufgabe hinzufügen
projects-add-to = Aufgabe zu { $column } hinzufügen
projects-column-empty = Keine Aufgaben
projects-move = Verschieben nach …
projects-move-where = Verschieben nach
projects-move-task = { $task } verschieben nach …
projects-move-top = Anfang dieser Spalte
projects-move-bottom = Ende dieser Spalte
projects-card-moved = { $task } ist nach „{ $column }“ verschoben.
projects-card-ordered = { $task } hat einen neuen Platz.
projects-card-moved-to = { $task } ist jetzt in { $column }, an Position { $place } von { $count }.
projects-card-placed = { $task } ist jetzt an Position { $place } von { $count } in { $column }.
projects-keys-board = Tafel
projects-key-down = Nächste Karte
projects-key-up = Vorige Karte
projects-key-open = Karte öffnen
projects-key-move = Karte verschieben nach …
projects-key-shift = Karte um einen Platz verschieben (mit jeder Pfeiltaste)

# Settings
projects-settings-of = Einstellungen von { $project }
projects-back = Zurück zum Projekt
projects-general = Allgemein
projects-key-fixed = Kürzel: { $key }
projects-saved = Gespeichert.
projects-changed-meanwhile = Jemand anderes hat das Projekt gerade geändert. Sieh es dir noch einmal an und speichere dann.
projects-members = Mitglieder
projects-owner = Eigentümer
projects-owner-hint = Wem das Projekt gehört, der ist immer auch Manager des Projekts.
projects-inactive = Deaktiviert
projects-role = Rolle
projects-role-of = Rolle von { $name }
projects-role-viewer = Betrachter
projects-role-member = Mitglied
projects-role-manager = Manager
projects-role-viewer-hint = Sieht alles und kommentiert, ändert aber nichts.
projects-role-member-hint = Legt Aufgaben an und ändert die eigenen und die zugewiesenen.
projects-role-manager-hint = Ändert jede Aufgabe und verwaltet Mitglieder und Labels.
projects-add-member = Person aufnehmen
projects-find-person = Name oder E-Mail-Adresse
projects-people-found = Gefundene Personen
projects-nobody-found = Niemand sonst passt. Wer aufgenommen werden soll, braucht zuerst ein Konto.
projects-nobody-found-user = Niemand sonst passt. Du findest Personen, mit denen du ein Projekt teilst.
projects-change-role = Rolle von { $name } auf „{ $role }“ ändern?
projects-change-role-action = Rolle ändern
projects-viewer-loses = Aufgaben in diesem Projekt, für die { $name } zuständig ist, gehören dann niemandem.
projects-self-loses = Du verwaltest dieses Projekt dann nicht mehr.
projects-remove-member = { $name } aus dem Projekt entfernen?
projects-remove-member-action = { $name } entfernen
projects-remove-member-hint = { $name } sieht das Projekt dann nicht mehr. Die zugewiesenen Aufgaben darin gehören dann niemandem.
projects-member-removed = { $name } ist aus dem Projekt entfernt.
projects-rename = Umbenennen
projects-label-count = { $count ->
    [one] 1 Aufgabe
   *[other] { $count } Aufgaben
}
projects-label-rename = { $label } umbenennen
projects-label-new-name = Neuer Name von { $label }
projects-label-slash = Ein Label mit „/“ lässt sich nicht umbenennen
projects-label-renamed = { $count ->
    [one] Eine Aufgabe ist geändert.
   *[other] { $count } Aufgaben sind geändert.
}
projects-merge-labels = „{ $from }“ mit „{ $to }“ zusammenlegen?
projects-merge-labels-hint = Alle Aufgaben mit einem der beiden haben dann dasselbe. Das lässt sich nicht rückgängig machen.
projects-merge = Zusammenlegen
projects-owner-section = Eigentum
projects-new-owner = Neuer Eigentümer
projects-choose-person = Person wählen
projects-no-heir = Kein Mitglied kommt infrage
projects-heir-hint = Ein Mitglied, dessen Konto das eines Managers oder Administrators ist.
projects-hand-over = Übergeben
projects-hand-over-to = „{ $project }“ an { $name } übergeben?
projects-hand-over-hint = { $former } bleibt Manager des Projekts, kann es aber nicht mehr löschen oder übergeben.
projects-handed-over = Das Projekt gehört jetzt { $name }.
projects-delete = Projekt löschen
projects-delete-question = „{ $project }“ löschen?
projects-delete-hint = Das Projekt und seine Aufgaben kommen für alle in den Papierkorb. Sie lassen sich 30 Tage lang wiederherstellen.
projects-deleted = „{ $project }“ ist im Papierkorb.
