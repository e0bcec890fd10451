"""Keys, the summary of changes, and what is asked before something is deleted."""

import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import keys
import package
from deploy import DeploymentFailed
from stage import Stage, summary


class Secrets:
    """Secrets Manager, as far as it is used."""

    def __init__(self, **values: str):
        self.values = values

    def get_secret_value(self, SecretId: str) -> dict:
        return {"SecretString": self.values[SecretId]}

    def put_secret_value(self, SecretId: str, SecretString: str) -> None:
        self.values[SecretId] = SecretString


class Keys(unittest.TestCase):
    def setUp(self):
        names = ("Database", "Cache", "Administrator", "Unsubscribe", "Signing", "Smtp")
        outputs = {f"{name}Secret": name for name in names} | {"DatabaseHost": "db.example", "CacheHost": "cache.example"}
        outputs |= {"DatabasePort": "5432", "CachePort": "6379"}
        passwords = {name: json.dumps({"password": name.lower()}) for name in names[:4]}
        self.keys = keys.Keys(Secrets(**passwords, Signing="[]", Smtp="smtps://mail.example"), outputs)

    def test_parameters_say_where_the_data_is_and_ask_for_tls(self):
        parameters = self.keys.parameters()
        self.assertEqual(parameters["DatabaseUrl"], "postgres://taskbell:database@db.example:5432/taskbell?sslmode=require")
        self.assertEqual(parameters["RedisUrl"], "rediss://functions:cache@cache.example:6379")

    def test_the_first_deployment_makes_a_signing_key_and_later_ones_keep_it(self):
        first = self.keys.parameters()
        self.assertEqual(self.keys.parameters(), first)

    def test_a_new_signing_key_signs_and_the_one_before_still_verifies(self):
        ids = []
        for _ in range(3):
            ids.append(self.keys.parameters()["JwtSigningKeyId"])
            self.keys.new_signing_key()
        parameters = self.keys.parameters()
        known = [key["kid"] for key in json.loads(parameters["JwtJwks"])["keys"]]
        self.assertEqual(known, [parameters["JwtSigningKeyId"], ids[-1]])


class Summary(unittest.TestCase):
    def test_what_is_replaced_stands_out_and_what_is_added_is_counted(self):
        add = [{"Action": "Add", "ResourceType": "AWS::SQS::Queue", "LogicalResourceId": name} for name in "AB"]
        replace = {"Action": "Modify", "Replacement": "True", "ResourceType": "AWS::RDS::DBCluster", "LogicalResourceId": "Database"}
        lines = summary([*add, replace]).splitlines()
        self.assertEqual([line.split() for line in lines], [["add", "2", "AWS::SQS::Queue"], ["REPLACE", "AWS::RDS::DBCluster", "Database"]])


class Deploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.zips = Path(folder.name)

    def deploy(self, architecture: str, smtp: str = "smtps://mail.example", **app: str) -> dict[str, str]:
        """The parameters of the functions' stack, when these zips are for that architecture and the stage's file says `app`."""
        seen = {}

        def stack(_, part="", bucket=""):
            it = mock.Mock(stack=f"taskbell-staging{part and '-' + part}", bucket=bucket)
            it.apply = lambda template, code, parameters, *_: seen.update({part: parameters}) or "created"
            it.status.return_value = None
            it.outputs.return_value = mock.MagicMock()
            return it

        with (
            mock.patch.object(Stage, "stack", stack),
            mock.patch("builtins.print"),
            mock.patch("stage.Keys", lambda *_: mock.Mock(smtp=lambda: smtp, parameters=lambda: {"SmtpUrl": smtp})),
        ):
            stage = Stage("staging")
            stage.session = mock.MagicMock()
            stage.settings["app"] |= app
            stage.deploy(self.zips, architecture)
        return seen[""]

    def package(self) -> None:
        names = package.functions(package.TEMPLATE.read_text())
        (self.zips / "code.zip").touch()
        (self.zips / "index.json").write_text(json.dumps({name: {"zip": "code.zip"} for name in names}))

    def test_functions_run_on_what_they_were_built_for(self):
        self.package()
        self.assertEqual(self.deploy("arm64")["Architecture"], "arm64")
        self.assertEqual(self.deploy("x86-64")["Architecture"], "x86_64")
        self.assertEqual(self.deploy("x86-64", Architecture="x86_64")["Architecture"], "x86_64")
        with self.assertRaisesRegex(DeploymentFailed, "ARCH=x86-64"):
            self.deploy("arm64", Architecture="x86_64")

    def test_without_zips_nothing_is_deployed(self):
        with self.assertRaisesRegex(DeploymentFailed, "without a zip in .*: register, login, .*; make package"):
            self.deploy("arm64")

    def test_a_mail_server_that_cannot_be_reached_stops_the_deployment(self):
        self.package()
        for address, why in (("smtps://mail.invalid", "say which server"), ("smtps://AKIA:se/cret@mail.example", "percent-encoded")):
            with self.assertRaisesRegex(DeploymentFailed, f"(?s){why}.*put-secret-value --secret-id taskbell-staging-data/smtp") as caught:
                self.deploy("arm64", address)
            self.assertNotIn("cret@", str(caught.exception))


class Destroy(unittest.TestCase):
    def destroy(self, answer: str, data_too: bool) -> list[str]:
        """What is deleted when somebody answers so."""
        deleted = []

        def stack(_, part="", bucket=""):
            it = mock.Mock(stack=part or "functions", apply=lambda *_: "updated")
            it.delete = lambda: deleted.append(it.stack)
            it.outputs.return_value = {"CodeBucket": "code", "ReportsBucket": "reports", "DatabaseCluster": "database"}
            return it

        with mock.patch.object(Stage, "stack", stack), mock.patch("builtins.input", return_value=answer), mock.patch("builtins.print"):
            stage = Stage("staging")
            stage.session = mock.Mock()
            try:
                stage.destroy(data_too)
            except DeploymentFailed:
                deleted.append("refused")
        return deleted

    def setUp(self):
        patch = mock.patch.dict(os.environ, {"YES": ""})
        patch.start()
        self.addCleanup(patch.stop)

    def test_the_data_stays_unless_it_is_told_to_go(self):
        self.assertEqual(self.destroy("staging", data_too=False), ["domain", "dashboard", "functions"])
        self.assertEqual(self.destroy("staging", data_too=True), ["domain", "dashboard", "functions", "data"])

    def test_nothing_goes_without_the_stages_name(self):
        for answer in ("", "y", "production"):
            self.assertEqual(self.destroy(answer, data_too=True), ["refused"])


if __name__ == "__main__":
    unittest.main()
