# Of all forms
form-locked = Zu viele Fehlversuche. Bitte { $wait } warten (bis { $at } Uhr) und noch einmal versuchen.
form-rate-limited = Zu viele Versuche. Bitte { $wait } warten (bis { $at } Uhr) und noch einmal versuchen.

account-email = E-Mail
account-password = Passwort
account-password-hint = Mindestens 10 Zeichen. Am besten mehrere Wörter.
account-password-show = Zeigen
account-password-hide = Verbergen
account-name = Name
account-to-log-in = Zur Anmeldung

account-log-in-title = Anmelden
account-log-in-forgot = Passwort vergessen?
account-log-in-no-account = Noch kein Konto?
account-log-in-register = Konto anlegen
account-log-in-ended = Die Sitzung ist beendet. Nach der Anmeldung geht es weiter; was du geschrieben hast, ist noch da.

account-register-title = Konto anlegen
account-register-name-hint = Andere sehen ihn.
account-register-action = Konto anlegen
account-register-zone = Die Zeitzone ist { $zone }. Sie lässt sich in den Einstellungen ändern.
account-register-known = Schon ein Konto?
account-register-done = Willkommen! Bitte die Adresse mit dem Link bestätigen, der an { $email } unterwegs ist.

account-forgot-title = Passwort vergessen
account-forgot-text = An die E-Mail-Adresse des Kontos schicken wir einen Link, mit dem sich ein neues Passwort wählen lässt.
account-forgot-action = Link schicken
account-forgot-sent-title = Bitte im Postfach nachsehen
account-forgot-sent = Wenn es zu { $email } ein Konto gibt, ist ein Link unterwegs. Er gilt nur kurze Zeit. Vielleicht liegt er im Spam-Ordner.
account-forgot-other = Andere Adresse verwenden

account-reset-title = Neues Passwort wählen
account-reset-text = Alle Sitzungen enden; danach geht es mit dem neuen Passwort weiter.
account-reset-new = Neues Passwort
account-reset-action = Passwort speichern
account-reset-done-title = Das Passwort ist geändert
account-reset-done = Alle Sitzungen sind beendet. Bitte mit dem neuen Passwort anmelden.
account-reset-bad-title = Dieser Link gilt nicht mehr
account-reset-bad = Er wurde schon benutzt oder ist zu alt. Bitte einen neuen anfordern; nur der neueste Link gilt.
account-reset-again = Neuen Link anfordern

account-verify-busy = Die E-Mail-Adresse wird bestätigt …
account-verify-done-title = Die E-Mail-Adresse ist bestätigt
account-verify-done = Ab jetzt kann Taskbell dir E-Mails schicken. Welche, bestimmst du in den Einstellungen.
account-verify-go-on = Weiter
account-verify-bad-title = Dieser Link gilt nicht mehr
account-verify-bad = Wurde er schon einmal geöffnet, dann ist die Adresse bereits bestätigt: das steht im Profil. Sonst ist er zu alt oder unvollständig: bitte den ganzen Link aus der E-Mail kopieren.
account-verify-profile = Zum Profil
account-verify-failed-title = Die Adresse konnte noch nicht bestätigt werden

account-unsubscribe-title = Abbestellen
account-unsubscribe-ask = Dazu kommen dann keine E-Mails mehr:
account-unsubscribe-ask-unknown = Von dieser Art E-Mail kommt dann keine mehr.
account-unsubscribe-action = Abbestellen
account-unsubscribe-stay = Im Eingang von Taskbell steht weiterhin alles.
account-unsubscribe-done-title = Abbestellt
account-unsubscribe-done = Dazu kommen keine E-Mails mehr:
account-unsubscribe-done-unknown = Von dieser Art E-Mail kommt keine mehr.
account-unsubscribe-settings = Alle Einstellungen dazu
account-unsubscribe-bad-title = Dieser Link ist ungültig
account-unsubscribe-bad = Er ist unvollständig: bitte den ganzen Link aus der E-Mail kopieren. E-Mails lassen sich auch in den Einstellungen abschalten.
account-mail-task_assigned = Aufgaben, die dir zugewiesen werden
account-mail-task_unassigned = Aufgaben, die dir abgenommen werden
account-mail-task_updated = Änderungen an Aufgaben
account-mail-task_status_changed = Änderungen am Status einer Aufgabe
account-mail-task_commented = Kommentare
account-mail-mentioned = Erwähnungen von dir
account-mail-task_due_soon = Aufgaben, die bald fällig sind
account-mail-task_overdue = Überfällige Aufgaben
account-mail-task_deleted = Gelöschte Aufgaben
account-mail-added_to_project = Projekte, in die du aufgenommen wirst
account-mail-report_ready = Fertige Berichte
account-mail-summary = Die tägliche Zusammenfassung
