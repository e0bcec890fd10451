"""Tests that the templates agree with each other and with the scripts: ports, parameters, timeouts."""

import collections
import functools
import json
import re
import unittest
from pathlib import Path

import application
import keys
import lint
import package
import smtp
import stage
import templates

ROOT = Path(__file__).resolve().parent.parent
expand = functools.cache(lambda name: lint.expand(templates.Template.read(f"{name}.yaml")))
BOTH = ("app", "http")


def resources(template: str, kind: str) -> dict[str, dict]:
    """Returns the properties of all resources of a type in an expanded template."""
    found = {name: it.get("Properties", {}) for name, it in expand(template)["Resources"].items() if it["Type"] == kind}
    assert found, f"{template} has no {kind}"
    return found


def parameters() -> dict[str, str]:
    """Returns the parameters of infra/keys.py, with placeholders such as `<DatabaseHost>` for outputs."""

    class Secrets:
        def get_secret_value(self, SecretId: str) -> dict:
            kept = {"<SigningSecret>": json.dumps([keys.new_signing_key()]), "<SmtpSecret>": "smtps://mail.example"}
            return {"SecretString": kept.get(SecretId, '{"password": "secret"}')}

    return keys.Keys(Secrets(), {name: f"<{name}>" for name in expand("data")["Outputs"]}).parameters()


class Ports(unittest.TestCase):
    def rules(self, group: str) -> list[int]:
        """Returns the ports of the rules between the functions and a security group."""
        member = {"Fn::GetAtt": [group, "GroupId"]}
        out = [
            it
            for it in resources("data", "AWS::EC2::SecurityGroupEgress").values()
            if it["DestinationSecurityGroupId"] == member
        ]
        into = resources("data", "AWS::EC2::SecurityGroup")[group]["SecurityGroupIngress"]
        self.assertEqual(
            [rule["SourceSecurityGroupId"] for rule in into], [{"Fn::GetAtt": ["FunctionsGroup", "GroupId"]}]
        )
        self.assertEqual(len(out), 1)
        return [rule[end] for rule in (*out, *into) for end in ("FromPort", "ToPort")]

    def test_the_database_listens_where_rules_and_address_say(self):
        (database,) = resources("data", "AWS::RDS::DBCluster").values()
        self.assertEqual(
            database.get("Port"), 5432, "without a port, CloudFormation gives Aurora PostgreSQL that of MySQL"
        )
        self.assertEqual(self.rules("DatabaseGroup"), [database["Port"]] * 4)
        self.assertEqual(
            expand("data")["Outputs"]["DatabasePort"]["Value"], {"Fn::GetAtt": ["Database", "Endpoint.Port"]}
        )
        self.assertIn("@<DatabaseHost>:<DatabasePort>/", parameters()["DatabaseUrl"])

    def test_so_does_the_cache(self):
        # The port of a serverless cache is fixed.
        self.assertEqual(self.rules("CacheGroup"), [6379] * 4)
        self.assertEqual(expand("data")["Outputs"]["CachePort"]["Value"], {"Fn::GetAtt": ["Cache", "Endpoint.Port"]})
        self.assertTrue(parameters()["RedisUrl"].endswith("@<CacheHost>:<CachePort>"))

    def test_a_restored_database_listens_there_too(self):
        restore = re.search(r"restore-db-cluster-to-point-in-time[^`]*", (ROOT / "docs/operate.md").read_text())[0]
        self.assertIn("--port 5432", restore)


class Parameters(unittest.TestCase):
    def test_outputs_that_are_passed_on_exist_and_are_parameters(self):
        outputs = expand("data")["Outputs"]
        wanted = {name for template in templates.BOTH for name in template.content["Parameters"]}
        self.assertLessEqual({*stage._HANDED_ON}, {*outputs})
        self.assertLessEqual({*stage._HANDED_ON, *parameters()}, wanted)

    def test_required_parameters_of_the_endpoints_are_known(self):
        core, http = (template.content for template in templates.BOTH)
        required = {name for name, it in http["Parameters"].items() if "Default" not in it}
        told = {*core["Outputs"], *core["Parameters"], *parameters(), *templates.HTTP.ids(), "Core"}
        self.assertEqual(required - told, set())

    def test_a_parameter_of_both_is_the_same_in_both(self):
        core, http = (template.content["Parameters"] for template in templates.BOTH)
        for name in {*core} & {*http} - {*templates.CORE.content["Outputs"]}:
            self.assertEqual({**core[name], "Description": ""}, {**http[name], "Description": ""}, name)

    def test_the_environment_of_all_functions_is_the_same_in_both(self):
        core, http = (template.content["Globals"]["Function"] for template in templates.BOTH)
        variables = [it["Environment"].pop("Variables") for it in (core, http)]
        self.assertEqual(core, http)
        same = {*variables[0]} & {*variables[1]} - {"PUBLIC_URL"}
        self.assertEqual({name: variables[0][name] for name in same}, {name: variables[1][name] for name in same})

    def test_stages_set_parameters_that_there_are(self):
        for file in (ROOT / "infra/stages").glob("*.json"):
            settings = json.loads(file.read_text())
            self.assertLessEqual({*settings}, stage._PARTS, file.name)
            for part in ("data", "web"):
                self.assertLessEqual({*settings.get(part, {})}, {*expand(part)["Parameters"]}, f"{file.name}, {part}")
            self.assertEqual(application.unknown({*settings["app"]}), set(), file.name)

    def test_an_empty_secret_is_recognized(self):
        (address,) = (
            it["SecretString"]
            for name, it in resources("data", "AWS::SecretsManager::Secret").items()
            if name == "SmtpSecret"
        )
        self.assertEqual(address, stage._NO_SMTP)
        self.assertIsNone(smtp.fault(address))

    def test_architectures_have_the_same_names_in_scripts_and_templates(self):
        for template in templates.BOTH:
            self.assertEqual(
                [*package.ARCHITECTURES.values()], template.content["Parameters"]["Architecture"]["AllowedValues"]
            )


class Times(unittest.TestCase):
    def test_lambda_does_not_retry_jobs_and_drops_late_events(self):
        schedules, functions = resources("app", "AWS::Scheduler::Schedule"), resources("app", "AWS::Lambda::Function")
        policies = {it["FunctionName"]["Ref"]: it for it in resources("app", "AWS::Lambda::EventInvokeConfig").values()}
        self.assertEqual({*policies}, {it["Target"]["Arn"]["Fn::GetAtt"][0] for it in schedules.values()})
        for name, schedule in schedules.items():
            function = schedule["Target"]["Arn"]["Fn::GetAtt"][0]
            self.assertEqual(int(policies[function]["MaximumRetryAttempts"]), 0, name)
            self.assertEqual(schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"], 0, name)
            age, every = int(policies[function]["MaximumEventAgeInSeconds"]), seconds(schedule["ScheduleExpression"])
            self.assertTrue(60 <= age <= min(every, 21600), name)
            self.assertLess(int(functions[function]["Timeout"]), every, name)

    def test_the_visibility_timeout_is_longer_than_the_consumers_timeout(self):
        queues, functions = resources("app", "AWS::SQS::Queue"), resources("app", "AWS::Lambda::Function")
        for name, source in resources("app", "AWS::Lambda::EventSourceMapping").items():
            hidden = int(queues[source["EventSourceArn"]["Fn::GetAtt"][0]]["VisibilityTimeout"])
            self.assertGreater(hidden, int(functions[source["FunctionName"]["Ref"]]["Timeout"]), name)

    def test_the_gateways_timeout_is_longer_than_the_functions(self):
        functions = resources("http", "AWS::Lambda::Function")
        for name, integration in resources("http", "AWS::ApiGatewayV2::Integration").items():
            function = functions[name.replace("Integration", "Function")]
            self.assertGreater(integration["TimeoutInMillis"], int(function["Timeout"]) * 1000, name)


class Gateway(unittest.TestCase):
    def test_routes_with_limits_exist_before_the_stage(self):
        stage_ = expand("http")["Resources"]["HttpStage"]
        routes = {name: it["RouteKey"] for name, it in resources("http", "AWS::ApiGatewayV2::Route").items()}
        self.assertEqual({routes[name] for name in stage_["DependsOn"]}, {*stage_["Properties"]["RouteSettings"]})

    def test_cors_allows_every_method_and_header_of_the_document(self):
        cors = resources("app", "AWS::ApiGatewayV2::Api")["HttpApi"]["CorsConfiguration"]["Fn::If"][1]
        document = json.loads((ROOT / "functions/http/openapi.json").read_text())
        operations = [(method, it) for path in document["paths"].values() for method, it in path.items()]
        self.assertEqual({method.upper() for method, _ in operations}, {*cors["AllowMethods"]})
        sent = {
            it["name"].lower()
            for _, operation in operations
            for it in operation.get("parameters", [])
            if it["in"] == "header"
        }
        self.assertLessEqual(sent, {*cors["AllowHeaders"]})
        # Pages of other origins must not use the cookies of a session (docs/adr/0042-cookie-sessions.md).
        self.assertFalse({"taskbell-session", "*"} & {*cors["AllowHeaders"]})
        self.assertNotIn("AllowCredentials", cors)
        self.assertEqual({name.lower() for name in document["components"]["headers"]}, {*cors["ExposeHeaders"]})
        import up  # in localstack/, which configures the emulator

        self.assertEqual({"AllowOrigins": [], **up.CORS}, {**cors, "AllowOrigins": []})


class Families(unittest.TestCase):
    """A function gets the role, secrets and addresses of its family by name."""

    def test_a_role_allows_exactly_the_resources_of_its_environment(self):
        rights = {
            "EMAILS_QUEUE_URL": "SendsToEmailsQueue",
            "EVENTS_QUEUE_URL": "SendsToEventsQueue",
            "REPORTS_QUEUE_URL": "SendsToReportsQueue",
        }
        buckets = {"WritesReports", "ReadsReports", "DeletesReports"}
        policies = {
            name: {role["Ref"] for role in it["Roles"]} for name, it in resources("app", "AWS::IAM::Policy").items()
        }
        checked = set()
        for template in BOTH:
            for name, function in resources(template, "AWS::Lambda::Function").items():
                role, told = self.role(function), function["Environment"]["Variables"]
                told = {key for key in told if told[key] not in ("", {"Ref": "Nothing"})}
                # A consumer may change the visibility of messages in its own queue.
                own = {key for key in rights if role in policies[rights[key].replace("SendsTo", "Consumes")]}
                for key, policy in rights.items():
                    if key not in own:
                        self.assertEqual(key in told, role in policies[policy], f"{name}: {key} and {policy} of {role}")
                self.assertEqual(
                    "REPORTS_BUCKET" in told, any(role in policies[it] for it in buckets), f"{name}: {role}"
                )
                checked.add(role)
        named = {name for name in resources("app", "AWS::IAM::Role") if name[0].islower()}
        self.assertEqual(checked, named, "each role has a function, and each function a role")

    def test_a_family_of_functions_shares_a_role_and_a_log_group(self):
        for template in BOTH:
            for name, function in resources(template, "AWS::Lambda::Function").items():
                group = function["LoggingConfig"]["LogGroup"]
                family = group["Ref"].removesuffix("Log") if "Ref" in group else group["Fn::Sub"][1]["Family"]
                self.assertEqual(self.role(function), f"{family}Role", name)
                self.assertIn(f"{family}Log", expand("app")["Resources"], name)

    def test_secrets_are_only_for_families_that_need_them(self):
        secrets = {
            "JWT_SIGNING_KEY": {"sessionRole"},
            "REFRESH_KEY": {"sessionRole"},
            "UNSUBSCRIBE_KEY": {"unsubscribeRole", "mailerRole"},
            "SMTP_URL": {"mailerRole"},
        }
        secrets |= {"ADMIN_PASSWORD": {"migrateRole"}}
        for key, roles in secrets.items():
            have = {
                self.role(function)
                for template in BOTH
                for function in resources(template, "AWS::Lambda::Function").values()
                if function["Environment"]["Variables"].get(key, {"Ref": "Nothing"}) != {"Ref": "Nothing"}
            }
            self.assertEqual(have, roles, key)

    def role(self, function: dict) -> str:
        role = function["Role"]
        if "Fn::GetAtt" in role:
            return role["Fn::GetAtt"][0]
        self.assertEqual(role["Fn::Sub"][0], "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Core}-${Family}")
        return f"{role['Fn::Sub'][1]['Family']}Role"


class Limits(unittest.TestCase):
    """Fixed limits of CloudFormation and API Gateway, of a template and of an API."""

    def test_there_is_room_for_160_endpoints(self):
        for title, rows in (("now", 0), ("with 160 endpoints", 160)):
            for template in templates.BOTH:
                if rows and template is templates.HTTP:
                    template = grown(template, rows)
                expanded = lint.expand(template)
                kinds = collections.Counter(it["Type"] for it in expanded["Resources"].values())
                integrations = collections.Counter(
                    it["Properties"]["ApiId"]["Ref"]
                    for it in expanded["Resources"].values()
                    if it["Type"] == "AWS::ApiGatewayV2::Integration"
                )
                size, written = len(json.dumps(expanded)), len(template.with_code(codes(template)))
                print(
                    f"infra/{template.file} {title}: {kinds.total()} of 500 resources, {max(integrations.values())} of 300 integrations,"
                    f" {size // 1000} of 1000 KB expanded, {written // 1000} KB sent"
                )
                self.assertLess(kinds.total(), 490)
                self.assertLess(max(integrations.values()), 300)
                self.assertLess(max(size, written), 900_000)
                self.assertLess(len(template.content["Parameters"]), 200)
                for parameter, ids in template.ids().items():
                    self.assertLess(len(ids), 4096, f"a parameter has at most 4096 bytes: {parameter}")
                for name, table in [*template.content["Mappings"].items(), ("Code", codes(template))]:
                    self.assertLess(len(table), 200, f"a mapping has at most 200 rows: {name}")


def grown(template: templates.Template, rows: int) -> templates.Template:
    """Returns the template with this many endpoints; the new ones have the longest names and routes."""
    mark = "    # Generated by make generate: end\n"
    old = template.content["Mappings"]["Http"].values()
    name, route = ("x" * (max(len(row[column]) for row in old) - 3) for column in ("Name", "Route"))
    new = "".join(
        f'    {"Y" * 20}{i:03}: {{Name: {name}{i:03}, Route: "{route}{i:03}", Memory: "1024", Family: session, Concurrency: "20"}}\n'
        for i in range(rows - len(old))
    )
    assert template.text.count(mark) == 1
    return templates.Template(template.file, template.text.replace(mark, new + mark))


def codes(template: templates.Template) -> dict[str, Path]:
    """Returns zips of all functions, with names of realistic length."""
    return {name: Path(f"{name}-{'0' * 32}.zip") for name in template.functions()}


def seconds(schedule: str) -> int:
    """Returns the interval between runs."""
    if every := re.fullmatch(r"rate\((\d+) minutes?\)", schedule):
        return int(every[1]) * 60
    assert re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", schedule), f"{schedule} is not once a day"
    return 24 * 3600


if __name__ == "__main__":
    unittest.main()
