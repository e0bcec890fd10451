quick-add-text = Neue Aufgaben, jede in einer Zeile
quick-add-placeholder = Was ist zu tun?
quick-add-hint = Die Eingabetaste legt die Aufgabe an, mit der Umschalttaste beginnt sie eine weitere.
quick-add-syntax = Schreib irgendwo ein Datum, !hoch, #Label, @Person oder +PROJEKT. Jede Zeile ist eine Aufgabe, eingerückte Zeilen sind ihre Teilaufgaben.
quick-add-completions = Vorschläge
quick-add-preview = Was angelegt wird
quick-add-more-lines = { $count ->
    [one] und eine weitere
   *[other] und { $count } weitere
}
quick-add-label = Label
quick-add-you = { $name } (du)
quick-add-give-back = „{ $text }“ als Text behalten
quick-add-without = Ohne diese Angabe anlegen: { $field }
quick-add-subtask = Neue Teilaufgabe von { $task }
quick-add-create-another = Weitere anlegen
quick-add-create-many = { $count } Aufgaben anlegen
quick-add-created = „{ $title }“ ist angelegt.
quick-add-created-many = { $count ->
    [one] Eine Aufgabe ist angelegt.
   *[other] { $count } Aufgaben sind angelegt.
}
quick-add-open = Öffnen
quick-add-not-saved-yet = Sie ist noch nicht gespeichert. Sobald du verbunden bist, lässt sie sich öffnen.
quick-add-fault-long = Ein Titel hat höchstens { $title } Zeichen.
quick-add-fault-many = Höchstens { $tasks } Aufgaben lassen sich auf einmal anlegen.
quick-add-fault-viewer = Du darfst dieses Projekt lesen, aber keine Aufgaben darin anlegen.
