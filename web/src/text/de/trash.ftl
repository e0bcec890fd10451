trash-text = Gelöschtes bleibt hier 30 Tage.
trash-kind = Was gezeigt wird
trash-tasks = Aufgaben
trash-projects = Projekte
trash-project = Projekt
trash-project-any = Alle Projekte
trash-restore = Wiederherstellen
trash-restore-name = { $name } wiederherstellen
trash-restored = { $name } ist wiederhergestellt.
trash-deleted = Gelöscht { $when }
trash-purge = { $days ->
    [0] heute endgültig weg
    [one] morgen endgültig weg
   *[other] in { $days } Tagen endgültig weg
}
trash-expired = Wird gerade endgültig gelöscht und lässt sich nicht wiederherstellen.
trash-project-gone = Das Projekt ist im Papierkorb: bitte das Projekt wiederherstellen.
trash-parent-gone = Teil von { $parent }, ebenfalls im Papierkorb: bitte zuerst diese Aufgabe wiederherstellen.
trash-owner-only = Wiederherstellen können nur Eigentümer und Administratoren.
trash-creator-only = Wiederherstellen können nur Ersteller und Manager.
trash-empty-tasks = Keine gelöschten Aufgaben
trash-empty-projects = Keine gelöschten Projekte
trash-empty-hint = Gelöschtes landet hier und lässt sich 30 Tage lang wiederherstellen.
