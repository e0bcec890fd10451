settings-sections = Bereiche der Einstellungen
settings-profile = Profil
settings-appearance = Darstellung
settings-notifications = Benachrichtigungen
settings-sessions = Sitzungen
settings-password = Passwort
settings-help = Hilfe

settings-saved = Gespeichert.

settings-profile-text = Wie andere dich sehen, und in welcher Zeitzone du lebst.
settings-name = Name
settings-email = E-Mail
settings-email-confirmed = Bestätigt
settings-email-unconfirmed = Nicht bestätigt
settings-email-unconfirmed-hint = Der Link dazu steht in der E-Mail, die nach der Registrierung kam. Bis dahin kommen keine E-Mails.
settings-role = Rolle
settings-role-user = Benutzer
settings-role-manager = Manager
settings-role-admin = Administrator
settings-zone = Zeitzone
settings-zone-hint = Dort ist es { $time }. Termine, Ruhezeiten, Zusammenfassungen und Berichte richten sich danach.
settings-zone-unknown = Bitte eine Zeitzone aus der Liste wählen, etwa Europe/Berlin.
settings-zone-device = Die dieses Geräts nehmen: { $zone }

settings-appearance-text = Gilt für diesen Browser, nicht für das ganze Konto.
settings-theme = Farben
settings-theme-system = Wie das Gerät
settings-theme-light = Hell
settings-theme-dark = Dunkel
settings-language = Sprache
settings-language-hint = E-Mails sind auf Englisch.

settings-sessions-text = Wo du angemeldet bist. Kommt dir eine Sitzung unbekannt vor: beenden und das Passwort ändern.
settings-sessions-list = Sitzungen
settings-session-device = { $browser } auf { $system }
settings-session-unknown = Unbekanntes Gerät
settings-session-current = Diese hier
settings-session-used = zuletzt benutzt { $when }
settings-session-began = angemeldet { $when }
settings-session-end = Beenden
settings-session-end-name = Sitzung { $device } beenden
settings-session-ended = Die Sitzung { $device } ist beendet.
settings-session-log-out = Hier abmelden

settings-password-text = Alle anderen Sitzungen enden. Hier bleibst du angemeldet.
settings-password-current = Bisheriges Passwort
settings-password-new = Neues Passwort
settings-password-action = Passwort ändern
settings-password-changed = Das Passwort ist geändert. Alle anderen Sitzungen sind beendet.

settings-help-keys = Tastenkürzel
settings-help-keys-hint = Alles geht auch ohne Maus. Die Taste ? zeigt auf jeder Seite alle Kürzel.
settings-help-keys-show = Kürzel anzeigen
settings-help-api = API-Referenz
settings-help-api-hint = Was diese Seite kann, kann auch ein Programm.
settings-help-api-open = Referenz öffnen
