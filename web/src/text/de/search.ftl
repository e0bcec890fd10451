search-words = Wörter
search-placeholder = Wörter aus Titel und Beschreibung
search-clear-words = Wörter löschen
search-filters = Filter
search-any = alle
search-clear = Löschen
search-me = Ich
search-due-overdue = Überfällig
search-due-today = Heute
search-due-week = Nächste 7 Tage
search-due-month = Nächste 30 Tage
search-results = Gefundene Aufgaben
search-count = { $count ->
    [one] Eine Aufgabe
   *[other] { $number } Aufgaben
}
search-count-more = Mehr als { $number } Aufgaben
search-nothing = Keine Aufgaben gefunden
search-nothing-hint = Versuch es mit weniger Wörtern. Der Anfang eines Wortes genügt.
search-without-filters = Ohne Filter suchen
search-first = Was suchst du?
search-first-hint = Bis zu acht Wörter oder Wortanfänge in beliebiger Reihenfolge. Oder beginne mit einem Filter.
search-example-mine = Meine offenen Aufgaben
search-example-overdue = Überfällige Aufgaben
search-example-nobody = Offene Aufgaben ohne Person
