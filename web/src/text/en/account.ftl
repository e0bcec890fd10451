# Of all forms
form-locked = Too many failed attempts. Wait { $wait }, until { $at }, and try again.
form-rate-limited = Too many attempts. Wait { $wait }, until { $at }, and try again.

account-email = E-mail
account-password = Password
account-password-hint = At least 10 characters. Several words are best.
account-password-show = Show
account-password-hide = Hide
account-name = Name
account-to-log-in = Back to log in

account-log-in-title = Log in
account-log-in-forgot = Forgotten password?
account-log-in-no-account = No account yet?
account-log-in-register = Create one
account-log-in-ended = Your session has ended. Log in again to go on. What you typed is kept.

account-register-title = Create an account
account-register-name-hint = Other people see it.
account-register-action = Create account
account-register-zone = Your time zone is { $zone }. You can change it in the settings.
account-register-known = Already have an account?
account-register-done = Welcome! Confirm your address with the link that we have sent to { $email }.

account-forgot-title = Forgotten password
account-forgot-text = Enter your e-mail address. We send you a link with which you choose a new password.
account-forgot-action = Send link
account-forgot-sent-title = Check your inbox
account-forgot-sent = If { $email } has an account, a link is on its way. It is valid for a short time. Look into the spam folder, too.
account-forgot-other = Use another address

account-reset-title = Choose a new password
account-reset-text = All sessions end, and you log in again with the new password.
account-reset-new = New password
account-reset-action = Save password
account-reset-done-title = Your password is changed
account-reset-done = All sessions have ended. Log in with the new password.
account-reset-bad-title = This link does not work any more
account-reset-bad = It was used already, or it is too old. Request a new one; only the newest link works.
account-reset-again = Request a new link

account-verify-busy = Confirming your e-mail address…
account-verify-done-title = Your e-mail address is confirmed
account-verify-done = You can get e-mails from Taskbell now. Choose which ones in the settings.
account-verify-go-on = Go on
account-verify-bad-title = This link does not work any more
account-verify-bad = If you opened it before, your address is confirmed already: your profile says so. Else it is too old, or not complete: copy the whole link from the e-mail.
account-verify-profile = To my profile
account-verify-failed-title = Your address could not be confirmed yet

account-unsubscribe-title = Unsubscribe
account-unsubscribe-ask = You will get no more e-mails about these:
account-unsubscribe-ask-unknown = You will get no more e-mails of the kind that you got.
account-unsubscribe-action = Unsubscribe
account-unsubscribe-stay = You still see everything in your inbox in Taskbell.
account-unsubscribe-done-title = You are unsubscribed
account-unsubscribe-done = No more e-mails about these:
account-unsubscribe-done-unknown = You get no more e-mails of this kind.
account-unsubscribe-settings = All notification settings
account-unsubscribe-bad-title = This link is not valid
account-unsubscribe-bad = It is not complete: copy the whole link from the e-mail. You can also turn e-mails off in the settings.
account-mail-task_assigned = Tasks that are assigned to you
account-mail-task_unassigned = Tasks that are taken from you
account-mail-task_updated = Changes of tasks
account-mail-task_status_changed = Changes of a task’s status
account-mail-task_commented = Comments
account-mail-mentioned = Mentions of you
account-mail-task_due_soon = Tasks that are due soon
account-mail-task_overdue = Overdue tasks
account-mail-task_deleted = Deleted tasks
account-mail-added_to_project = Projects that you are added to
account-mail-report_ready = Reports that are ready
account-mail-summary = The daily summary
