calendar-scope = Aufgaben
calendar-mine = Mir zugewiesen
calendar-today = Heute
calendar-view = Ansicht
calendar-month = Monat
calendar-week = Woche
calendar-previous-month = Voriger Monat
calendar-next-month = Nächster Monat
calendar-previous-week = Vorige Woche
calendar-next-week = Nächste Woche
calendar-day = { $count ->
    [0] { $day }, keine Aufgaben
    [one] { $day }, eine Aufgabe
   *[other] { $day }, { $count } Aufgaben
}
calendar-add = Aufgabe anlegen, fällig am { $day }
calendar-more = + { $count } weitere
calendar-less = Weniger zeigen
calendar-undated = Ohne Datum
calendar-undated-none = Alle offenen Aufgaben haben ein Datum.
calendar-undated-more = Weitere suchen
calendar-moved = { $task } ist am { $day } fällig.
calendar-moved-away = { $task } hat kein Datum mehr.
calendar-nothing = Nichts ist fällig
calendar-nothing-hint = Hier stehen Aufgaben, die in diesen Tagen fällig sind.
calendar-keys = Kalender
calendar-keys-hint = Pfeiltasten gehen zwischen Tagen und Aufgaben. Mit der Umschalttaste verschieben sie eine Aufgabe um einen Tag oder eine Woche.
calendar-key-next = Nächster Monat oder nächste Woche
calendar-key-previous = Voriger Monat oder vorige Woche
calendar-key-today = Zu heute
calendar-command-month = Monat zeigen
calendar-command-week = Woche zeigen
calendar-key-walk = Zwischen Tagen und Aufgaben gehen
calendar-key-move = Aufgabe um einen Tag oder eine Woche verschieben
