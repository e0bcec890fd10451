"""Which addresses of mail servers are refused before anything is deployed."""

import unittest
import urllib.parse

import smtp


class Addresses(unittest.TestCase):
    def test_what_send_email_can_read_is_right(self):
        password = urllib.parse.quote("ab/cd+ef=%#?@:", safe="")
        for address in (
            "smtps://mail.example",
            "smtp://mail.example:2525",
            "smtp://user:secret@mail.example:587?tls=required",
            f"smtps://AKIAEXAMPLE:{password}@email-smtp.eu-central-1.amazonaws.com",
            "smtps://me@example.com:a+b=@mail.example:465/",
        ):
            self.assertIsNone(smtp.fault(address), address)

    def test_what_it_would_read_otherwise_is_refused_without_saying_the_password(self):
        for address, why in (
            ("smtps://AKIA:ab/cd+ef==@mail.example", "percent-encoded"),
            ("smtps://AKIA:12/cd@mail.example", "percent-encoded"),
            ("smtps://user:sec?ret@mail.example", "percent-encoded"),
            ("smtps://user:sec#ret@mail.example", "percent-encoded"),
            ("smtps://user:se%zzcret@mail.example", "hexadecimal"),
            ("smtps://user:secret@mail.example\n", "line break"),
            ("user:secret@mail.example", "smtps://"),
            ("https://mail.example", "smtps://"),
            ("smtps://user:secret@", "host"),
            ("smtps://", "host"),
            ("smtps://user@mail.example", "without a password"),
            ("smtps://mail.example:99999", "port"),
            ("smtps://mail.example:0", "port"),
            ("smtps://mail.example/inbox", "after the host"),
            ("smtp://mail.example?tls=maybe", "after the host"),
        ):
            said = smtp.fault(address)
            self.assertIn(why, said or "", address)
            self.assertNotRegex(said, "sec|AKIA|ab|12", address)


if __name__ == "__main__":
    unittest.main()
