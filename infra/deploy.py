r"""Deploys infra/app.yaml: uploads the code that is not there yet, changes the stack, runs the migrations.

To AWS:   python infra/deploy.py --stack taskbell --bucket my-code --parameters production.json \
              --binaries target/package/lambda-arm64 --zips target/package/zips-arm64
Locally:  localstack/up.py calls the same functions with clients of the emulator.
"""

import argparse
import concurrent.futures
import hashlib
import json
import re
import sys
import time
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions

import package

_FINAL = re.compile(r"_(COMPLETE|FAILED)$")


class DeploymentFailed(Exception):
    """Says why, in a sentence; `log` is the function's own, where there is one."""

    def __init__(self, message: str, log: str = ""):
        super().__init__(message)
        self.log = log


class Deployment:
    """One stack in one account and region."""

    def __init__(self, stack: str, bucket: str, session: boto3.Session, endpoint: str | None = None):
        self.stack, self.bucket = stack, bucket
        config = botocore.config.Config(
            read_timeout=330, retries={"total_max_attempts": 1 if endpoint else 4}, s3={"addressing_style": "path" if endpoint else "auto"}
        )
        self.client = lambda service: session.client(service, endpoint_url=endpoint, config=config)
        self.s3, self.cloudformation = self.client("s3"), self.client("cloudformation")

    def upload(self, zips: dict[str, Path]) -> int:
        """Uploads the zips that the bucket does not have. Answers how many that were."""
        there = self._keys()
        new = [path for path in zips.values() if path.name not in there]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: self.s3.upload_file(str(path), self.bucket, path.name), new))
        return len(new)

    def keep_only(self, zips: dict[str, Path]) -> None:
        """Deletes from the bucket what is not one of these zips. Not on AWS, where a stack may have to be rolled back."""
        wanted = {path.name for path in zips.values()}
        for key in self._keys() - wanted:
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def apply(self, template: str, zips: dict[str, Path], parameters: dict[str, str]) -> str:
        """Creates or updates the stack. Answers `created`, `updated` or `unchanged`."""
        request = {
            "StackName": self.stack,
            "TemplateURL": self._template(with_code(template, zips)),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        status = self._status()
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"):
            self.cloudformation.delete_stack(StackName=self.stack)
            self._wait()
            status = None
        started = time.time() - 2
        try:
            if status is None:
                self.cloudformation.create_stack(**request)
                done = "created"
            else:
                self.cloudformation.update_stack(**request)
                done = "updated"
        except botocore.exceptions.ClientError as error:
            if "No updates are to be performed" in str(error):
                return "unchanged"
            raise DeploymentFailed(f"CloudFormation refuses the template: {error}") from error
        status = self._wait()
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise DeploymentFailed(f"the stack {self.stack} is {status}: {self._reason(started)}")
        return done

    def outputs(self) -> dict[str, str]:
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def invoke(self, name: str) -> str:
        """Calls a function that takes no argument. Answers what it says."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        body = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            try:
                body = json.loads(body)["errorMessage"]
            except (ValueError, KeyError, TypeError):
                pass
            raise DeploymentFailed(f"{name} failed: {body}", self.log(name))
        return body

    def migrate(self) -> str:
        """Runs the migrations. Answers what the function says."""
        return self.invoke(self.outputs()["MigrateFunction"])

    def log_group(self, function: str) -> str | None:
        groups = self.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=f"/{self.stack}/")
        name = function.removeprefix(f"{self.stack}-")
        return next((g["logGroupName"] for p in groups for g in p["logGroups"] if g["logGroupName"].endswith(f"/{name}")), None)

    def log(self, function: str, since: float | None = None, lines: int = 40) -> str:
        """The newest lines of a function's log."""
        group = self.log_group(function)
        if group is None:
            return ""
        events = self.client("logs").get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=int((since or time.time() - 3600) * 1000)
        )
        return "\n".join([event["message"].rstrip() for page in events for event in page["events"]][-lines:])

    def _keys(self) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def _template(self, text: str) -> str:
        """Puts a template beside the code, since a request takes 51,200 bytes of it at most. Answers where it is."""
        key = f"{self.stack}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.yaml"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return f"{self.s3.meta.endpoint_url}/{self.bucket}/{key}"

    def _status(self) -> str | None:
        try:
            return self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackStatus"]
        except botocore.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _wait(self) -> str | None:
        pause = 0.1
        while (status := self._status()) and not _FINAL.search(status) or (status or "").endswith("_CLEANUP_IN_PROGRESS"):
            time.sleep(pause)
            pause = min(pause * 1.5, 5)
        return status

    def _reason(self, since: float) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]
        faults = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED") and event.get("ResourceStatusReason") and event["Timestamp"].timestamp() >= since
        ]
        return "; ".join(faults[:3]) or "no reason given"


def with_code(template: str, zips: dict[str, Path]) -> str:
    """The template with the row of each function's code in its mapping `Code`."""
    rows = "".join(f"    {name}: {{Key: {path.name}}}\n" for name, path in zips.items())
    filled = template.replace("    not-packaged: {Key: not-packaged}\n", rows)
    if filled == template:
        raise DeploymentFailed("infra/app.yaml has lost its mapping Code with the row not-packaged")
    return filled


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--stack", required=True)
    arguments.add_argument("--bucket", required=True, help="holds the zips; must be there")
    arguments.add_argument("--binaries", type=Path, required=True, help="a folder with a binary for each function")
    arguments.add_argument("--zips", type=Path, required=True, help="where to make the zips")
    arguments.add_argument("--parameters", type=Path, required=True, help="a JSON object: the template's parameters")
    given = arguments.parse_args()

    template = package.TEMPLATE.read_text()
    try:
        zips, _ = package.package(package.functions(template), given.binaries, given.zips)
        deployment = Deployment(given.stack, given.bucket, boto3.Session())
        print(f"{deployment.upload(zips)} functions uploaded")
        parameters = {"CodeBucket": given.bucket, **json.loads(given.parameters.read_text())}
        print(f"stack {given.stack} {deployment.apply(template, zips, parameters)}")
        print(deployment.migrate())
        for key, value in deployment.outputs().items():
            print(f"{key}={value}")
    except (DeploymentFailed, package.MissingBinary) as error:
        sys.exit(f"{error}\n{getattr(error, 'log', '')}".strip())


if __name__ == "__main__":
    main()
