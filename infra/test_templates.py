"""What is said in two places says the same: ports, names that one template hands to another, times that follow from others."""

import functools
import json
import re
import sys
import unittest
from pathlib import Path

import keys
import lint
import package
import smtp
import stage

ROOT = Path(__file__).resolve().parent.parent
expand = functools.cache(lambda name: lint.expand(package.TEMPLATE.with_name(f"{name}.yaml")))


def resources(template: str, kind: str) -> dict[str, dict]:
    """The properties of all resources of a kind in a template, as expanded."""
    found = {name: it.get("Properties", {}) for name, it in expand(template)["Resources"].items() if it["Type"] == kind}
    assert found, f"{template} has no {kind}"
    return found


def parameters() -> dict[str, str]:
    """What infra/keys.py makes of the data stack's outputs: each stands for itself, as `<DatabaseHost>`."""

    class Secrets:
        def get_secret_value(self, SecretId: str) -> dict:
            kept = {"<SigningSecret>": json.dumps([keys.new_signing_key()]), "<SmtpSecret>": "smtps://mail.example"}
            return {"SecretString": kept.get(SecretId, '{"password": "secret"}')}

    return keys.Keys(Secrets(), {name: f"<{name}>" for name in expand("data")["Outputs"]}).parameters()


class Ports(unittest.TestCase):
    def rules(self, group: str) -> list[int]:
        """The ports of the rules between the functions and what belongs to a security group."""
        member = {"Fn::GetAtt": [group, "GroupId"]}
        out = [it for it in resources("data", "AWS::EC2::SecurityGroupEgress").values() if it["DestinationSecurityGroupId"] == member]
        into = resources("data", "AWS::EC2::SecurityGroup")[group]["SecurityGroupIngress"]
        self.assertEqual([rule["SourceSecurityGroupId"] for rule in into], [{"Fn::GetAtt": ["FunctionsGroup", "GroupId"]}])
        self.assertEqual(len(out), 1)
        return [rule[end] for rule in (*out, *into) for end in ("FromPort", "ToPort")]

    def test_the_database_listens_where_rules_and_address_say(self):
        (database,) = resources("data", "AWS::RDS::DBCluster").values()
        self.assertEqual(database.get("Port"), 5432, "without a port, CloudFormation gives Aurora PostgreSQL that of MySQL")
        self.assertEqual(self.rules("DatabaseGroup"), [database["Port"]] * 4)
        self.assertEqual(expand("data")["Outputs"]["DatabasePort"]["Value"], {"Fn::GetAtt": ["Database", "Endpoint.Port"]})
        self.assertIn("@<DatabaseHost>:<DatabasePort>/", parameters()["DatabaseUrl"])

    def test_so_does_the_cache(self):
        # The port of a serverless cache is no property: it is this one.
        self.assertEqual(self.rules("CacheGroup"), [6379] * 4)
        self.assertEqual(expand("data")["Outputs"]["CachePort"]["Value"], {"Fn::GetAtt": ["Cache", "Endpoint.Port"]})
        self.assertTrue(parameters()["RedisUrl"].endswith("@<CacheHost>:<CachePort>"))

    def test_a_restored_database_listens_there_too(self):
        restore = re.search(r"restore-db-cluster-to-point-in-time[^`]*", (ROOT / "docs/operate.md").read_text())[0]
        self.assertIn("--port 5432", restore)


class HandedOn(unittest.TestCase):
    def test_what_a_stack_hands_on_is_there_and_is_wanted(self):
        outputs, wanted = expand("data")["Outputs"], expand("app")["Parameters"]
        self.assertLessEqual({*stage._HANDED_ON}, {*outputs})
        self.assertLessEqual({*stage._HANDED_ON, *parameters()}, {*wanted})

    def test_stages_set_parameters_that_there_are(self):
        for file in (ROOT / "infra/stages").glob("*.json"):
            settings = json.loads(file.read_text())
            for part in ("data", "app", "domain"):
                self.assertLessEqual({*settings.get(part, {})}, {*expand(part)["Parameters"]}, f"{file.name}, {part}")

    def test_a_secret_that_nobody_filled_is_known_as_such(self):
        (address,) = (it["SecretString"] for name, it in resources("data", "AWS::SecretsManager::Secret").items() if name == "SmtpSecret")
        self.assertEqual(address, stage._NO_SMTP)
        self.assertIsNone(smtp.fault(address))

    def test_architectures_have_one_name_each_on_both_sides(self):
        self.assertEqual([*package.ARCHITECTURES.values()], expand("app")["Parameters"]["Architecture"]["AllowedValues"])


class Times(unittest.TestCase):
    def test_lambda_does_not_repeat_a_job_and_drops_what_the_next_run_does_anyway(self):
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

    def test_a_message_is_hidden_for_longer_than_its_consumer_may_take(self):
        queues, functions = resources("app", "AWS::SQS::Queue"), resources("app", "AWS::Lambda::Function")
        for name, source in resources("app", "AWS::Lambda::EventSourceMapping").items():
            hidden = int(queues[source["EventSourceArn"]["Fn::GetAtt"][0]]["VisibilityTimeout"])
            self.assertGreater(hidden, int(functions[source["FunctionName"]["Ref"]]["Timeout"]), name)

    def test_the_gateway_waits_for_longer_than_a_function_may_take(self):
        functions = resources("app", "AWS::Lambda::Function")
        for name, integration in resources("app", "AWS::ApiGatewayV2::Integration").items():
            if "TimeoutInMillis" in integration:
                function = functions[name.replace("Integration", "Function")]
                self.assertGreater(integration["TimeoutInMillis"], int(function["Timeout"]) * 1000, name)


class Gateway(unittest.TestCase):
    def test_routes_with_limits_of_their_own_are_there_before_the_stage(self):
        stage_ = expand("app")["Resources"]["HttpStage"]
        routes = {name: it["RouteKey"] for name, it in resources("app", "AWS::ApiGatewayV2::Route").items()}
        self.assertEqual({routes[name] for name in stage_["DependsOn"]}, {*stage_["Properties"]["RouteSettings"]})

    def test_pages_elsewhere_may_use_every_method_and_header_of_the_document(self):
        cors = resources("app", "AWS::ApiGatewayV2::Api")["HttpApi"]["CorsConfiguration"]["Fn::If"][1]
        document = json.loads((ROOT / "functions/http/openapi.json").read_text())
        operations = [(method, it) for path in document["paths"].values() for method, it in path.items()]
        self.assertEqual({method.upper() for method, _ in operations}, {*cors["AllowMethods"]})
        sent = {it["name"].lower() for _, operation in operations for it in operation.get("parameters", []) if it["in"] == "header"}
        self.assertLessEqual(sent, {*cors["AllowHeaders"]})
        self.assertEqual({name.lower() for name in document["components"]["headers"]}, {*cors["ExposeHeaders"]})
        sys.path.append(str(ROOT / "localstack"))
        import up  # which tells the emulator the same in other words

        self.assertEqual({"AllowOrigins": [], **up.CORS}, {**cors, "AllowOrigins": []})


def seconds(schedule: str) -> int:
    """How long after one run the next begins."""
    if every := re.fullmatch(r"rate\((\d+) minutes?\)", schedule):
        return int(every[1]) * 60
    assert re.fullmatch(r"cron\(\d+ \d+ \* \* \? \*\)", schedule), f"{schedule} is not once a day"
    return 24 * 3600


if __name__ == "__main__":
    unittest.main()
