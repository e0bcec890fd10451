"""Deploys a stack: uploads new code, changes the stack, runs migrations, reads logs.

infra/stage.py uses it for AWS, and localstack/up.py with clients of the emulator; infra/application.py has the stacks.
"""

import concurrent.futures
import contextlib
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions

_FINAL = re.compile(r"_(COMPLETE|FAILED)$")


class DeploymentFailed(Exception):
    """The message is one sentence; `log` is the function's log, if there is one."""

    def __init__(self, message: str, log: str = ""):
        super().__init__(message)
        self.log = log


class Deployment:
    """One stack in one account and region."""

    def __init__(self, stack: str, bucket: str, session: boto3.Session, endpoint: str | None = None):
        self.stack, self.bucket = stack, bucket
        config = botocore.config.Config(
            read_timeout=330,
            retries={"total_max_attempts": 1 if endpoint else 4},
            s3={"addressing_style": "path" if endpoint else "auto"},
        )
        self.client = lambda service: session.client(service, endpoint_url=endpoint, config=config)
        self.s3, self.cloudformation = self.client("s3"), self.client("cloudformation")

    def upload(self, zips: dict[str, Path]) -> int:
        """Uploads zips that are not in the bucket. Returns their number."""
        there = self._keys()
        new = [path for path in zips.values() if path.name not in there]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda path: self.s3.upload_file(str(path), self.bucket, path.name), new))
        return len(new)

    def keep_only(self, zips: dict[str, Path]) -> None:
        """Deletes everything except these zips from the bucket. Not for AWS, where a rollback needs old zips."""
        wanted = {path.name for path in zips.values()}
        for key in self._keys() - wanted:
            self.s3.delete_object(Bucket=self.bucket, Key=key)

    def apply(
        self,
        template: str,
        parameters: dict[str, str],
        review: Callable[[list[dict]], bool] | None = None,
        alarms: list[str] | None = None,
        watched_minutes: int = 0,
    ) -> str:
        """Creates or updates the stack. Returns `created`, `updated` or `unchanged`.

        With `review` it creates a change set first, and fails unless `review` accepts the changes. If one of the `alarms` fires
        during the update, or within `watched_minutes` after it, CloudFormation rolls back.
        """
        request = {
            "StackName": self.stack,
            **self._template(template),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        if alarms:
            triggers = [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"} for arn in alarms]
            request["RollbackConfiguration"] = {
                "RollbackTriggers": triggers,
                "MonitoringTimeInMinutes": watched_minutes,
            }
        status = self.status()
        if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"):
            self.delete()
            status = None
        started = time.time() - 2
        try:
            if review:
                if not self._change_set(request, status is None, review):
                    return "unchanged"
            elif status is None:
                self.cloudformation.create_stack(**request)
            else:
                self.cloudformation.update_stack(**request)
        except botocore.exceptions.ClientError as error:
            if "No updates are to be performed" in str(error):
                return "unchanged"
            raise DeploymentFailed(f"CloudFormation rejects the template: {error}") from error
        done = self._wait()
        if done not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise DeploymentFailed(f"the stack {self.stack} is {done}: {self._reason(started)}")
        return "created" if status is None else "updated"

    def delete(self) -> None:
        """Deletes the stack, and waits until it is deleted."""
        self.cloudformation.delete_stack(StackName=self.stack)
        if (status := self._wait()) not in (None, "DELETE_COMPLETE"):
            raise DeploymentFailed(f"the stack {self.stack} is {status}: {self._reason(time.time() - 3600)}")

    def outputs(self) -> dict[str, str]:
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def invoke(self, name: str) -> str:
        """Invokes a function without an argument. Returns its result."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        body = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                body = json.loads(body)["errorMessage"]
            raise DeploymentFailed(f"{name} failed: {body}", self.log(name.removeprefix(f"{self.stack}-")))
        return body

    def migrate(self, code: Path | None = None) -> str:
        """Runs the migrations, first updating the function to `code` if given. Returns its result."""
        name = self.outputs()["MigrateFunction"]
        if code:
            functions = self.client("lambda")
            functions.update_function_code(FunctionName=name, S3Bucket=self.bucket, S3Key=code.name)
            functions.get_waiter("function_updated_v2").wait(FunctionName=name)
        return self.invoke(name)

    def log(self, function: str, since: float | None = None, lines: int = 40) -> str:
        """Returns the newest lines of a function's log. Its log group is shared by its family; an invocation is in one stream."""
        functions, name = self.client("lambda"), f"{self.stack}-{function}"
        try:
            group = functions.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
        except functions.exceptions.ResourceNotFoundException:
            raise DeploymentFailed(f"there is no function {function} in {self.stack}") from None
        begin = int((since or time.time() - 3600) * 1000)
        # A function's own lines have its name (shared/src/function.rs); Lambda's lines are in the same streams.
        own = self._events(logGroupName=group, startTime=begin, filterPattern=f'"{name}"')
        streams = list(
            dict.fromkeys(event["logStreamName"] for event in reversed(own) if f'"{name}"' in event["message"])
        )
        found: list[dict] = []
        while streams and len(found) < lines:
            some, streams = streams[:100], streams[100:]
            found += self._events(logGroupName=group, startTime=begin, logStreamNames=some)
        found.sort(key=lambda event: event["timestamp"])
        return "\n".join(event["message"].rstrip() for event in found[-lines:])

    def _events(self, **of) -> list[dict]:
        pages = self.client("logs").get_paginator("filter_log_events").paginate(**of)
        return [event for page in pages for event in page["events"]]

    def _keys(self) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def _change_set(self, request: dict, new: bool, review: Callable[[list[dict]], bool]) -> bool:
        """Creates a change set and executes it. Returns false if there is nothing to change."""
        name = {"StackName": self.stack, "ChangeSetName": f"taskbell-{secrets.token_hex(8)}"}
        self.cloudformation.create_change_set(
            **request, ChangeSetName=name["ChangeSetName"], ChangeSetType="CREATE" if new else "UPDATE"
        )
        while (made := self.cloudformation.describe_change_set(**name))["Status"].endswith(
            ("_PENDING", "_IN_PROGRESS")
        ):
            time.sleep(1)
        if made["Status"] == "FAILED":
            self.cloudformation.delete_change_set(**name)
            reason = made.get("StatusReason", "")
            if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                return False
            raise DeploymentFailed(f"CloudFormation rejects the template: {reason}")
        pages = self.cloudformation.get_paginator("describe_change_set").paginate(**name)
        if not review([change["ResourceChange"] for page in pages for change in page["Changes"]]):
            self.cloudformation.delete_change_set(**name)
            raise DeploymentFailed(f"the stack {self.stack} was not changed")
        self.cloudformation.execute_change_set(**name)
        return True

    def _template(self, text: str) -> dict[str, str]:
        """Returns the template as a parameter. Requests are limited to 51,200 bytes, so it is uploaded to the bucket of the code."""
        if not self.bucket:
            return {"TemplateBody": text}
        key = f"{self.stack}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.yaml"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return {"TemplateURL": f"{self.s3.meta.endpoint_url}/{self.bucket}/{key}"}

    def status(self) -> str | None:
        """Returns the stack's status, or None if it does not exist."""
        try:
            return self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackStatus"]
        except botocore.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _wait(self) -> str | None:
        pause = 0.1
        while ((status := self.status()) and not _FINAL.search(status)) or (status or "").endswith(
            "_CLEANUP_IN_PROGRESS"
        ):
            time.sleep(pause)
            pause = min(pause * 1.5, 5)
        return status

    def _reason(self, since: float) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]
        faults = [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("FAILED")
            and event.get("ResourceStatusReason")
            and event["Timestamp"].timestamp() >= since
        ]
        return "; ".join(faults[:3]) or "no reason given"
