settings-sections = Sections of the settings
settings-profile = Profile
settings-appearance = Appearance
settings-notifications = Notifications
settings-sessions = Sessions
settings-password = Password
settings-help = Help

settings-saved = Saved.

settings-profile-text = How others see you, and in which time zone you live.
settings-name = Name
settings-email = E-mail
settings-email-confirmed = Confirmed
settings-email-unconfirmed = Not confirmed
settings-email-unconfirmed-hint = Open the link in the e-mail that we sent when you registered. Until then you get no e-mails.
settings-role = Role
settings-role-user = User
settings-role-manager = Manager
settings-role-admin = Administrator
settings-zone = Time zone
settings-zone-hint = It is { $time } there. Dates, quiet hours, summaries and reports follow it.
settings-zone-unknown = Choose a time zone of the list, such as Europe/Berlin.
settings-zone-device = Use the one of this device: { $zone }

settings-appearance-text = Is stored in this browser, not in your account.
settings-theme = Colours
settings-theme-system = Like the device
settings-theme-light = Light
settings-theme-dark = Dark
settings-language = Language
settings-language-hint = E-mails are in English.

settings-sessions-text = Where you are logged in. End what you do not know, and change your password then.
settings-sessions-list = Sessions
settings-session-device = { $browser } on { $system }
settings-session-unknown = Unknown device
settings-session-current = This one
settings-session-used = Last used { $when }
settings-session-began = logged in { $when }
settings-session-end = End
settings-session-end-name = End the session { $device }
settings-session-ended = The session { $device } has ended.
settings-session-log-out = Log out here

settings-password-text = All other sessions end. You stay logged in here.
settings-password-current = Current password
settings-password-new = New password
settings-password-action = Change password
settings-password-changed = Your password is changed. All other sessions have ended.

settings-help-keys = Keyboard shortcuts
settings-help-keys-hint = Everything works without a mouse. The key ? shows all shortcuts, on each screen.
settings-help-keys-show = Show shortcuts
settings-help-api = API reference
settings-help-api-hint = Whatever this page can do, a program can do, too.
settings-help-api-open = Open reference
