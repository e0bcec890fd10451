"""Tests which addresses of mail servers are rejected before a deployment."""

import unittest
import urllib.parse

import smtp


class Addresses(unittest.TestCase):
    def test_addresses_that_send_email_can_parse_are_valid(self):
        password = urllib.parse.quote("ab/cd+ef=%#?@:", safe="")
        for address in (
            "smtps://mail.example",
            "smtp://mail.example:2525",
            "smtp://user:secret@mail.example:587?tls=required",
            f"smtps://AKIAEXAMPLE:{password}@email-smtp.eu-central-1.amazonaws.com",
            "smtps://me@example.com:a+b=@mail.example:465/",
        ):
            self.assertIsNone(smtp.fault(address), address)

    def test_ambiguous_addresses_are_rejected_without_showing_the_password(self):
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
            ("smtps://mail.example/inbox", "may follow the host"),
            ("smtp://mail.example?tls=maybe", "may follow the host"),
        ):
            said = smtp.fault(address)
            self.assertIn(why, said or "", address)
            self.assertNotRegex(said, "sec|AKIA|ab|12", address)


if __name__ == "__main__":
    unittest.main()
