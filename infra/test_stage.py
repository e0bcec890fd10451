"""Tests of keys, the summary of changes, and the checks before a deployment or deletion."""

import collections
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import botocore.exceptions

import keys
import templates
from deploy import DeploymentFailed
from stage import Stage, summary


class Secrets:
    """A fake of Secrets Manager."""

    def __init__(self, **values: str):
        self.values = values

    def get_secret_value(self, SecretId: str) -> dict:
        return {"SecretString": self.values[SecretId]}

    def put_secret_value(self, SecretId: str, SecretString: str) -> None:
        self.values[SecretId] = SecretString


class Keys(unittest.TestCase):
    def setUp(self):
        names = ("Database", "Cache", "Administrator", "Unsubscribe", "Refresh", "Origin", "Signing", "Smtp")
        outputs = {f"{name}Secret": name for name in names} | {
            "DatabaseHost": "db.example",
            "CacheHost": "cache.example",
        }
        outputs |= {"DatabasePort": "5432", "CachePort": "6379"}
        passwords = {name: json.dumps({"password": name.lower()}) for name in names[:6]}
        self.keys = keys.Keys(Secrets(**passwords, Signing="[]", Smtp="smtps://mail.example"), outputs)

    def test_parameters_say_where_the_data_is_and_ask_for_tls(self):
        parameters = self.keys.parameters()
        self.assertEqual(
            parameters["DatabaseUrl"], "postgres://taskbell:database@db.example:5432/taskbell?sslmode=require"
        )
        self.assertEqual(parameters["RedisUrl"], "rediss://functions:cache@cache.example:6379")

    def test_the_first_deployment_makes_a_signing_key_and_later_ones_keep_it(self):
        first = self.keys.parameters()
        self.assertEqual(self.keys.parameters(), first)

    def test_a_new_signing_key_signs_and_the_previous_one_still_verifies(self):
        ids = []
        for _ in range(3):
            ids.append(self.keys.parameters()["JwtSigningKeyId"])
            self.keys.new_signing_key()
        parameters = self.keys.parameters()
        known = [key["kid"] for key in json.loads(parameters["JwtJwks"])["keys"]]
        self.assertEqual(known, [parameters["JwtSigningKeyId"], ids[-1]])


class Summary(unittest.TestCase):
    def test_replacements_are_marked_and_additions_are_counted(self):
        add = [{"Action": "Add", "ResourceType": "AWS::SQS::Queue", "LogicalResourceId": name} for name in "AB"]
        replace = {
            "Action": "Modify",
            "Replacement": "True",
            "ResourceType": "AWS::RDS::DBCluster",
            "LogicalResourceId": "Database",
        }
        lines = summary([*add, replace]).splitlines()
        self.assertEqual(
            [line.split() for line in lines],
            [["add", "2", "AWS::SQS::Queue"], ["REPLACE", "AWS::RDS::DBCluster", "Database"]],
        )


class Deploy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.zips = Path(folder.name)

    def deploy(
        self,
        architecture: str,
        smtp: str = "smtps://mail.example",
        limit: int = 1000,
        single: bool = False,
        done: str = "created",
        exists: bool = False,
        web: dict[str, str] | None = None,
        **app: str,
    ) -> dict[str, dict[str, str]]:
        """Returns the parameters of each stack, for zips of this architecture and this `app` in the stage's file."""
        seen = {}
        self.calls = mock.Mock()
        url = f"https://{(web or {}).get('Domain', 'chosen.cloudfront.example')}"
        outputs = collections.defaultdict(lambda: "here", WebSocketUrl="wss://gateway.example/live", Url=url)

        def stack(_, part="", bucket=""):
            it = mock.Mock(stack=f"taskbell-staging{part and '-' + part}", bucket=bucket)
            it.migrate = self.calls.migrate
            it.apply = lambda template, parameters, *_: (
                seen.update({part: parameters}) or (self.calls.apply(part) and done)
            )
            it.status.return_value = "UPDATE_COMPLETE" if exists else None
            it.outputs.return_value = outputs
            missing = {"Code": "ValidationError", "Message": "Stack 'taskbell-staging' does not exist"}
            found = None if single else botocore.exceptions.ClientError({"Error": missing}, "DescribeStackResource")
            it.cloudformation.describe_stack_resource.side_effect = found
            return it

        with (
            mock.patch.object(Stage, "stack", stack),
            mock.patch("builtins.print"),
            mock.patch("stage.Keys", lambda *_: mock.Mock(smtp=lambda: smtp, parameters=lambda: {"SmtpUrl": smtp})),
            mock.patch("stage.webfiles", self.calls.client),
        ):
            stage = Stage("staging")
            stage.session = mock.MagicMock()
            account = {"AccountLimit": {"ConcurrentExecutions": limit}}
            stage.session.client.return_value.get_account_settings.return_value = account
            stage.settings["app"] |= app
            stage.settings["web"] = web or {}
            stage.deploy(self.zips, architecture)
        return seen

    def package(self) -> None:
        names = templates.functions()
        (self.zips / "code.zip").touch()
        (self.zips / "index.json").write_text(json.dumps({name: {"zip": "code.zip"} for name in names}))

    def test_functions_run_on_the_architecture_they_were_built_for(self):
        self.package()
        for part in ("", "http"):
            self.assertEqual(self.deploy("arm64")[part]["Architecture"], "arm64")
            self.assertEqual(self.deploy("x86-64")[part]["Architecture"], "x86_64")
            self.assertEqual(self.deploy("x86-64", Architecture="x86_64")[part]["Architecture"], "x86_64")
        with self.assertRaisesRegex(DeploymentFailed, "ARCH=x86-64"):
            self.deploy("arm64", Architecture="x86_64")

    def test_without_zips_nothing_is_deployed(self):
        with self.assertRaisesRegex(DeploymentFailed, "without a zip in .*: ws-connect, .*, login, .*; make package"):
            self.deploy("arm64")

    def test_each_stack_gets_its_parameters_and_the_endpoints_get_the_outputs_of_the_core(self):
        self.package()
        seen = self.deploy(
            "arm64", WebSocketUrl="wss://live.example", JwtSigningKey="key", AdminEmail="ann@example.com"
        )
        self.assertEqual([*seen], ["data", "", "http", "dashboard", "web"])
        for part, template in (("", templates.CORE), ("http", templates.HTTP)):
            self.assertLessEqual({*seen[part]}, {*template.content["Parameters"]})
        self.assertEqual(seen["http"]["Core"], "taskbell-staging")
        self.assertEqual(seen[""]["WebSocketUrl"], "wss://live.example")
        self.assertEqual(seen["http"]["WebSocketUrl"], "wss://gateway.example/live")  # an output of the core
        self.assertEqual(seen["http"]["JwtSigningKey"], "key")
        self.assertNotIn("JwtSigningKey", seen[""])
        self.assertNotIn("AdminEmail", seen["http"])
        self.assertIn("Login", seen["http"]["EndpointIds"].split(","))

    def order(self, **of) -> list[str]:
        """Returns the stacks and other steps of a deployment, in their order."""
        self.package()
        self.deploy("arm64", **of)
        return [of[0] if name == "apply" else name for name, of, _ in self.calls.mock_calls]

    def test_the_schema_is_migrated_before_the_endpoints_change_even_if_the_core_exists(self):
        for done in ("created", "unchanged"):
            order = self.order(done=done, web={"Domain": "tasks.example.com", "CertificateArn": "arn"})
            self.assertEqual(
                order, ["client.files", "data", "", "migrate", "http", "dashboard", "web", "client.upload"], done
            )

    def test_without_a_domain_the_functions_get_the_address_that_cloudfront_chose(self):
        for exists, after in ((False, ["", "migrate", "http", "client.upload"]), (True, ["client.upload"])):
            order = self.order(exists=exists)
            self.assertEqual(order[order.index("web") + 1 :], after)
            seen = self.deploy("arm64", exists=exists)
            self.assertEqual(seen[""]["PublicUrl"], "https://chosen.cloudfront.example")
            self.assertEqual(seen[""]["WebSocketUrl"], "wss://chosen.cloudfront.example/live")

    def test_the_domains_of_earlier_stages_stop_the_deployment(self):
        stage = Stage("staging")
        stage.settings["domain"] = {"ApiDomain": "api.example.com"}
        with self.assertRaisesRegex(DeploymentFailed, "has domain, but a stage consists of app, data, region, web"):
            stage._check_settings()

    def test_a_domain_needs_a_certificate(self):
        self.package()
        for wrong in ({"Domain": "tasks.example.com"}, {"CertificateArn": "arn"}):
            with self.assertRaisesRegex(DeploymentFailed, "web needs both Domain and CertificateArn"):
                self.deploy("arm64", web=wrong)

    def test_an_unknown_parameter_stops_the_deployment(self):
        self.package()
        with self.assertRaisesRegex(DeploymentFailed, "staging.json: neither .* has a parameter FunctionConcurrency"):
            self.deploy("arm64", FunctionConcurrency="10")

    def test_reserved_executions_leave_a_hundred_of_the_account(self):
        self.package()
        reserved = sum(template.reserved() for template in templates.BOTH)
        self.deploy("arm64", limit=reserved + 100)
        self.deploy("arm64", limit=10, ConcurrencyColumn="Nothing")
        with self.assertRaisesRegex(
            DeploymentFailed,
            f"reserve {reserved} concurrent executions, but of the account.s {reserved + 99} .*ConcurrencyColumn",
        ):
            self.deploy("arm64", limit=reserved + 99)

    def test_a_stack_with_the_endpoints_is_not_updated(self):
        self.package()
        with self.assertRaisesRegex(DeploymentFailed, "make destroy STAGE=staging && make deploy"):
            self.deploy("arm64", single=True)

    def test_a_mail_server_that_cannot_be_reached_stops_the_deployment(self):
        self.package()
        for address, why in (
            ("smtps://mail.invalid", "set the mail server"),
            ("smtps://AKIA:se/cret@mail.example", "percent-encoded"),
        ):
            with self.assertRaisesRegex(
                DeploymentFailed, f"(?s){why}.*put-secret-value --secret-id taskbell-staging-data/smtp"
            ) as caught:
                self.deploy("arm64", address)
            self.assertNotIn("cret@", str(caught.exception))


class Destroy(unittest.TestCase):
    def destroy(self, answer: str, data_too: bool) -> list[str]:
        """Returns what is deleted after these answers."""
        deleted = []

        def stack(_, part="", bucket=""):
            it = mock.Mock(stack=part or "functions", apply=lambda *_: "updated")
            it.delete = lambda: deleted.append(it.stack)
            it.s3.get_paginator.return_value.paginate.return_value = [{"Contents": [{"Key": "index.html"}]}]
            it.s3.delete_object = lambda Bucket, Key: deleted.append(f"{Bucket}/{Key}")
            it.outputs.return_value = {
                "FilesBucket": "files",
                "CodeBucket": "code",
                "ReportsBucket": "reports",
                "DatabaseCluster": "database",
            }
            return it

        with (
            mock.patch.object(Stage, "stack", stack),
            mock.patch("builtins.input", return_value=answer),
            mock.patch("builtins.print"),
        ):
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

    def test_the_data_is_kept_unless_requested(self):
        functions = ["files/index.html", "web", "domain", "dashboard", "http", "functions"]
        self.assertEqual(self.destroy("staging", data_too=False), functions)
        self.assertEqual(self.destroy("staging", data_too=True), [*functions, "data"])

    def test_nothing_is_deleted_without_the_stages_name(self):
        for answer in ("", "y", "production"):
            self.assertEqual(self.destroy(answer, data_too=True), ["refused"])


if __name__ == "__main__":
    unittest.main()
