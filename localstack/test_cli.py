"""Tests that the commands accept the arguments of the Makefile, the tests and users."""

import contextlib
import io
import re
import shlex
import subprocess
import unittest

import cli
import settings


class Commands(unittest.TestCase):
    def parsed(self, *words: str) -> dict:
        with contextlib.redirect_stderr(io.StringIO()) as said:
            try:
                return vars(cli.parser().parse_args(words))
            except SystemExit:
                self.fail(f"localstack/local {shlex.join(words)}: {said.getvalue()}")

    def test_commands_of_the_makefile_with_and_without_variables(self):
        targets = re.findall(r"^([a-z-]+):.*##", (settings.ROOT / "Makefile").read_text(), re.MULTILINE)
        values = ["F=login", "Q=emails", "J=clean-up", "S=7", "STAGE=staging", "K=signing", "DATA=delete"]
        for target in targets:
            for variables in ([], values):
                command = ["make", "--dry-run", "--no-print-directory", target, *variables]
                lines = subprocess.run(command, cwd=settings.ROOT, capture_output=True, text=True).stdout.splitlines()
                for words in map(shlex.split, [line for line in lines if line.startswith("localstack/local ")]):
                    self.assertEqual(self.parsed(*words[1:])["call"].__module__, "cli", words)

    def test_a_part_is_stopped_with_and_without_a_signal(self):
        self.assertIsNone(self.parsed("stop", "postgres")["by"])
        self.assertEqual(self.parsed("stop", "postgres", "KILL")["by"], "KILL")


if __name__ == "__main__":
    unittest.main()
