app-name = Taskbell
just-now = gerade eben

# Actions
save = Speichern
cancel = Abbrechen
close = Schließen
delete = Löschen
edit = Bearbeiten
create = Anlegen
retry = Noch einmal versuchen
undo = Rückgängig
undone = Rückgängig gemacht.
undo-nothing = Es gibt nichts rückgängig zu machen.
more = Mehr
back = Zurück
remove = Entfernen
add = Hinzufügen
search = Suchen
copy-link = Link kopieren
link-copied = Der Link ist kopiert.
loading = Wird geladen …
none = Keine

# Navigation
nav-main = Hauptmenü
nav-my-work = Meine Arbeit
nav-inbox = Eingang
nav-projects = Projekte
nav-calendar = Kalender
nav-search = Suche
nav-reports = Berichte
nav-trash = Papierkorb
nav-settings = Einstellungen
nav-people = Personen
nav-menu = Menü
nav-skip = Zum Inhalt springen
nav-new-task = Neue Aufgabe
nav-new-project = Neues Projekt
nav-commands = Befehle
nav-keys = Tastenkürzel
log-out = Abmelden
unread-count = { $count } ungelesen

# Connection
connection-lost = Verbindung unterbrochen. Neuer Versuch läuft …
connection-offline = Keine Internetverbindung. Änderungen werden gesendet, sobald sie zurück ist.
changes-waiting = { $count ->
    [one] Eine Änderung ist noch nicht gespeichert.
   *[other] { $count } Änderungen sind noch nicht gespeichert.
}
changes-held = { $count ->
    [one] Eine Änderung braucht deine Entscheidung.
   *[other] { $count } Änderungen brauchen deine Entscheidung.
}
changes-show = Anzeigen
change-refused = Nicht gespeichert: { $reason }

# Fields of a task
status = Status
status-todo = Offen
status-in_progress = In Arbeit
status-done = Erledigt
status-cancelled = Abgebrochen
priority = Priorität
priority-low = Niedrig
priority-medium = Mittel
priority-high = Hoch
priority-urgent = Dringend
due = Fällig
due-none = Kein Datum
overdue = Überfällig
assignee = Zuständig
assignee-none = Niemand
labels = Labels
project = Projekt
personal-project = Meine Aufgaben
title = Titel
description = Beschreibung
someone = Jemand
you = du

# What was done, with an offer to undo it
task-status-changed = { $task } ist jetzt „{ $status }“.
task-changed = { $task } ist geändert.
task-deleted = { $task } ist im Papierkorb.

# States of lists
list-empty = Hier ist nichts
list-error = Das konnte nicht geladen werden
list-no-access = Nicht gefunden
list-no-access-hint = Es existiert nicht, oder dir fehlt der Zugriff.

# Titles of pages
task = Aufgabe
not-found = Seite nicht gefunden
log-in = Anmelden
register = Konto anlegen
forgot-password = Passwort vergessen
reset-password = Neues Passwort
verify-email = E-Mail-Adresse bestätigen
unsubscribe = Abbestellen

# Groups of keyboard shortcuts
keys-everywhere = Überall
keys-go-to = Gehe zu

# Logging out
log-out-keep = { $count ->
    [one] Ein Entwurf oder eine ungespeicherte Änderung ist übrig. In diesem Browser behalten?
   *[other] { $count } Entwürfe und ungespeicherte Änderungen sind übrig. In diesem Browser behalten?
}
log-out-keep-hint = Nach der nächsten Anmeldung hier sind sie wieder da. Sonst bleibt nichts von dir zurück.
keep = Behalten

# Of lists and the sidebar
projects-open-count = { $count ->
    [0] Keine offenen Aufgaben
    [one] 1 offene Aufgabe
    [1000] 1.000 offene Aufgaben oder mehr
   *[other] { $count } offene Aufgaben
}
tasks-complete = „{ $title }“ erledigen
