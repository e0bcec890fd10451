"""`make deploy STAGE=…` and related commands. A stage is a file in infra/stages, and on AWS the stacks taskbell-<stage>-data (network
and data), taskbell-<stage> and -http (the functions), -dashboard and -web (the client).

Credentials are those of the AWS SDK, for example AWS_PROFILE. Each change is shown before it is made; YES=1 accepts all.
"""

import json
import os
import sys
from pathlib import Path

import boto3
import botocore.exceptions

import application
import package
import smtp
import templates
import webfiles
from application import Application
from deploy import Deployment, DeploymentFailed
from keys import Keys

FOLDER = Path(__file__).parent
CLIENT = FOLDER.parent / "web/dist"
# Lambda requires this many unreserved concurrent executions of an account.
_UNRESERVED = 100
# Outputs of infra/data.yaml that are parameters of the application.
_HANDED_ON = ("SubnetIds", "SecurityGroupIds", "ReportsBucket")
_PARTS = {"region", "data", "app", "web"}
_NO_SMTP = "smtps://mail.invalid"


class Stage:
    """One deployment of the system in an AWS account."""

    def __init__(self, name: str):
        file = FOLDER / "stages" / f"{name}.json"
        if not file.exists():
            known = ", ".join(sorted(path.stem for path in file.parent.glob("*.json")))
            raise DeploymentFailed(f"there is no stage {name!r} in infra/stages; there are {known}")
        self.name, self.settings = name, {"web": {}, **json.loads(file.read_text())}
        self.session = boto3.Session(region_name=self.settings["region"])
        self.endpoint = os.environ.get("AWS_ENDPOINT_URL")  # of an emulator, for rehearsals

    def stack(self, part: str = "", bucket: str = "") -> Deployment:
        return Deployment(f"taskbell-{self.name}{part and f'-{part}'}", bucket, self.session, self.endpoint)

    def deploy(self, zips: Path, architecture: str) -> None:
        """Deploys all stacks, data first, then uploads the client. Outputs of each are parameters of the next."""
        self.settings["app"]["Architecture"] = self._architecture(architecture)
        try:
            code = package.packaged(templates.functions(), zips)
        except package.MissingBinary as error:
            raise DeploymentFailed(str(error)) from error
        account = self.session.client("sts").get_caller_identity()["Account"]
        print(f"Stage {self.name}: account {account}, region {self.session.region_name}")
        self._check_settings()
        client = webfiles.files(CLIENT)
        data = self._apply(self.stack("data"), "data.yaml", self.settings["data"])
        app, url = self.stack(bucket=data["CodeBucket"]), self._client_url()
        both = Application(app, self.stack("http", app.bucket))
        outputs = self._functions(both, data, code, url)
        watched = {key: data[key] for key in ("DatabaseCluster", "CacheName")}
        ids = {key: outputs[key] for key in ("HttpApiId", "WebSocketApiId")}
        topic = self.settings["app"].get("AlarmTopicArn", "")
        self._apply(
            self.stack("dashboard"), "dashboard.yaml", {"Stack": app.stack, "AlarmTopicArn": topic, **watched, **ids}
        )
        secret = Keys(self.session.client("secretsmanager"), data).password("OriginSecret")
        served = self._apply(self.stack("web"), "web.yaml", {**self.settings["web"], **ids, "OriginSecret": secret})
        if served["Url"] != url:
            # Without a domain, CloudFront chooses the address when the distribution is created, and that needs the ids of the APIs.
            print("The functions are deployed again, with the client's address")
            outputs = self._functions(both, data, code, served["Url"])
        print(f"{webfiles.upload(app.s3, served['FilesBucket'], client)} files of the client uploaded")
        for key, value in {**outputs, **served}.items():
            print(f"{key}={value}")

    def _functions(self, both: Application, data: dict[str, str], code: dict[str, Path], url: str) -> dict[str, str]:
        """Deploys the core, the schema and the endpoints, with the client's address. Returns the core's outputs."""
        core = both.core
        keys = Keys(self.session.client("secretsmanager"), data)
        _check_smtp(keys.smtp(), f"{core.stack}-data/smtp")
        if both.is_single():
            raise DeploymentFailed(
                f"{core.stack} was deployed before the endpoints had their own stack, and cannot be updated. Delete the functions,"
                f" which keeps the data, and deploy again: make destroy STAGE={self.name} && make deploy STAGE={self.name}"
            )
        known = {"CodeBucket": core.bucket, **{key: data[key] for key in _HANDED_ON}}
        if url:
            known |= {"PublicUrl": url, "WebSocketUrl": f"wss{url.removeprefix('https')}/live"}
        known |= {**keys.parameters(), **self.settings["app"]}
        print(f"{core.upload(code)} functions uploaded")
        before = core.outputs() if both.exists() else {}
        alarms = [before["RollbackAlarm"]] if before else []

        def review(stack: Deployment, changes: list[dict]) -> bool:
            # The old functions run with the new schema until the new ones are deployed, and after a rollback.
            if not self._agreed(stack.stack, changes):
                return False
            if before and stack is core:
                print(f"Migrated: {core.migrate(code['migrate'])}")
            return True

        done = both.deploy_core(code, known, review, alarms)
        print(f"{core.stack}: {done}")
        if done != "updated":  # an earlier deployment may have stopped between the core and the schema
            print(f"Migrated: {core.migrate()}")
        if not before:
            print(
                f"The administrator's password: aws secretsmanager get-secret-value --secret-id {core.stack}-data/administrator"
            )
        print(f"{both.http.stack}: {both.deploy_http(code, known, review, alarms)}")
        return core.outputs()

    def _check_settings(self) -> None:
        """Fails if the stage's file has parameters that are wrong, or the account has too few concurrent executions."""
        file = f"infra/stages/{self.name}.json"
        if parts := {*self.settings} - _PARTS:
            raise DeploymentFailed(
                f"{file} has {' and '.join(sorted(parts))}, but a stage consists of {', '.join(sorted(_PARTS))}"
            )
        if names := application.unknown({*self.settings["app"]}):
            raise DeploymentFailed(
                f"{file}: neither infra/app.yaml nor infra/http.yaml has a parameter {' or '.join(sorted(names))}"
            )
        if ("Domain" in self.settings["web"]) != ("CertificateArn" in self.settings["web"]):
            raise DeploymentFailed(f"{file}: web needs both Domain and CertificateArn, or neither")
        if self.settings["app"].get("ConcurrencyColumn") == "Nothing":
            return
        reserved = sum(template.reserved() for template in templates.BOTH)
        limit = self.session.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        if reserved > limit - _UNRESERVED:
            raise DeploymentFailed(
                f"the functions reserve {reserved} concurrent executions, but of the account's {limit} at least {_UNRESERVED} must remain"
                " unreserved. Ask AWS for more (Service Quotas, Lambda, Concurrent executions), or set"
                f' "ConcurrencyColumn": "Nothing" in {file}'
            )

    def _architecture(self, packaged: str) -> str:
        """Returns the template's name of the architecture of the zips. Fails if the stage's file has another one."""
        architecture = package.ARCHITECTURES[packaged]
        if (wanted := self.settings["app"].get("Architecture", architecture)) != architecture:
            ours = next(name for name, called in package.ARCHITECTURES.items() if called == wanted)
            raise DeploymentFailed(
                f"infra/stages/{self.name}.json has {wanted}: make deploy STAGE={self.name} ARCH={ours}"
            )
        return architecture

    def _client_url(self) -> str:
        """Returns the client's address, or an empty text if it is not known yet."""
        if domain := self.settings["web"].get("Domain"):
            return f"https://{domain}"
        stack = self.stack("web")
        return stack.outputs().get("Url", "") if stack.status() else ""

    def _apply(self, stack: Deployment, file: str, parameters: dict[str, str]) -> dict[str, str]:
        done = stack.apply((FOLDER / file).read_text(), parameters, lambda changes: self._agreed(stack.stack, changes))
        print(f"{stack.stack}: {done}")
        return stack.outputs()

    def destroy(self, data_too: bool) -> None:
        """Deletes the functions, and the data only if requested; the database even then leaves a snapshot."""
        self._sure(
            "This deletes everything, including the data"
            if data_too
            else "This deletes the functions and keeps the data"
        )
        # Stages had their own stack for domains once.
        for part in ("web", "domain", "dashboard", "http", ""):
            if (stack := self.stack(part)).status():
                if bucket := part == "web" and stack.outputs().get("FilesBucket"):
                    webfiles.empty(stack.s3, bucket)
                stack.delete()
                print(f"{stack.stack}: deleted")
        data = self.stack("data")
        if not data_too:
            print(f"{data.stack}: kept, with its costs; DATA=delete deletes it, too")
        elif data.status():
            outputs = data.outputs()
            self._apply(data, "data.yaml", {**self.settings["data"], "Protected": "false"})
            for bucket in (outputs["CodeBucket"], outputs["ReportsBucket"]):
                self.session.resource("s3").Bucket(bucket).objects.all().delete()
            data.delete()
            print(
                f"{data.stack}: deleted, except the snapshot of {outputs['DatabaseCluster']}: aws rds describe-db-cluster-snapshots"
            )

    def logs(self, function: str) -> None:
        """Prints the log of a function of the last hour, at most five hundred lines."""
        print(self.stack().log(function, lines=500) or f"{function} has no log lines in the last hour")

    def rotate(self, key: str) -> None:
        """Creates a new key or password, which the next deployment uses. Signing keys and cache passwords overlap."""
        data = self.stack("data").outputs()
        keys = Keys(self.session.client("secretsmanager"), data)
        if key == "signing":
            keys.new_signing_key()
        elif key == "cache":
            old = keys.password("CacheSecret")
            passwords = [keys.new_password("CacheSecret"), old]
            self.session.client("elasticache").modify_user(
                UserId=data["CacheUser"], AuthenticationMode={"Type": "password", "Passwords": passwords}
            )
        elif key == "database":
            self._sure("Functions cannot open new connections until the next deployment has ended")
            password = keys.new_password("DatabaseSecret")
            self.session.client("rds").modify_db_cluster(
                DBClusterIdentifier=data["DatabaseCluster"], MasterUserPassword=password, ApplyImmediately=True
            )
        else:
            raise DeploymentFailed("the key is missing or unknown: signing, cache or database")
        print(f"Created a new {key} key. Now run: make deploy STAGE={self.name}")

    def _sure(self, what: str) -> None:
        if os.environ.get("YES") != "1" and _ask(f"{what}. To confirm, type {self.name}: ") != self.name:
            raise DeploymentFailed("nothing was changed")

    def _agreed(self, stack: str, changes: list[dict]) -> bool:
        print(f"\n{stack}:\n{summary(changes)}")
        return os.environ.get("YES") == "1" or _ask("Proceed? [y/N] ").lower() == "y"


def _check_smtp(address: str, secret: str) -> None:
    """Fails with instructions unless the secret has a valid address of a mail server."""
    command = f"aws secretsmanager put-secret-value --secret-id {secret} --secret-string smtps://USER:PASSWORD@HOST"
    if address == _NO_SMTP:
        raise DeploymentFailed(f"set the mail server, and deploy again: {command}\n{smtp.FORM}")
    if fault := smtp.fault(address):
        raise DeploymentFailed(
            f"the address of the mail server in the secret {secret} is invalid: {fault}. Set it again: {command}\n{smtp.FORM}"
        )


def _ask(question: str) -> str:
    try:
        return input(question)
    except EOFError:  # no terminal
        return ""


def summary(changes: list[dict]) -> str:
    """Returns a line for each change; for added resources, a line for each type."""
    added, lines = {}, []
    for change in changes:
        if change["Action"] == "Add":
            added[change["ResourceType"]] = added.get(change["ResourceType"], 0) + 1
            continue
        how = {"True": "REPLACE", "Conditional": "may replace"}.get(
            change.get("Replacement", ""), change["Action"].lower()
        )
        lines.append(f"  {how:<12} {change['ResourceType']:<36} {change['LogicalResourceId']}")
    return "\n".join([*(f"  add {number:>8} {kind}" for kind, number in sorted(added.items())), *sorted(lines)])


def main(command: str, name: str, *arguments: str) -> None:
    stage = Stage(name)
    if command == "deploy":
        stage.deploy(Path(arguments[0]), arguments[1])
    elif command == "destroy":
        stage.destroy(arguments[:1] == ("delete",))
    elif command == "rotate":
        stage.rotate(*arguments)
    elif command == "logs":
        if not arguments:
            raise DeploymentFailed(f"the function is missing: make logs STAGE={name} F=login")
        stage.logs(*arguments)
    else:
        raise DeploymentFailed(f"there is no command {command}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except DeploymentFailed as error:
        sys.exit(f"{error}\n{getattr(error, 'log', '')}".strip())
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        sys.exit(f"AWS says: {error}")
