"""`make rehearse`: rehearses a deployment to AWS on the emulator of the running system, with temporary stacks.

Creates the application by a change set, updates it in place, makes updates fail and roll back, deploys as much of infra/data.yaml as
the emulator supports, and serves a client by infra/web.yaml.
"""

import contextlib
import json
import re
import shutil
import tempfile
import urllib.request
from pathlib import Path

import deploy  # in infra/
import lint
import parts
import settings
import templates
import up
import webfiles
from console import Failure, step

# The types of infra/data.yaml that MiniStack 1.5.33 does not support.
_UNKNOWN = (
    "AWS::EC2::EIP",
    "AWS::EC2::NatGateway",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::ElastiCache::ServerlessCache",
)


def rehearse() -> None:
    try:
        _application()
        _data()
        _client()
    except deploy.DeploymentFailed as error:
        raise Failure(str(error), error.log) from error


def _application() -> None:
    both = up.application(f"{settings.STACK}-rehearsal")
    code = up.finished_zips(templates.functions())
    known = {**settings.parameters(up.architecture()), "PublicUrl": "", "WebSocketUrl": "", "Schedules": "DISABLED"}
    known |= {"ConcurrencyColumn": "Concurrency"}
    functions, name = both.core.client("lambda"), both.core.stack
    seen: list[dict] = []

    def apply(wanted: str, zips: dict[str, Path] = code, agreed: bool = True, **changed: str) -> None:
        seen.clear()
        for deploy_one in (both.deploy_core, both.deploy_http):
            done = deploy_one(zips, {**known, **changed}, lambda _, changes: seen.extend(changes) or agreed)
            _expect(done == wanted, f"a stack is {done}, not {wanted}")

    def levels() -> set[str]:
        """Returns the log levels of a function of each stack."""
        found = [functions.get_function_configuration(FunctionName=f"{name}-{one}") for one in ("notify", "get-health")]
        return {one["Environment"]["Variables"]["RUST_LOG"] for one in found}

    with step("Create the application") as this:
        both.delete()
        apply("created")
        this.note(f"{len(seen)} resources")
    with step("Check its health") as this:
        status, body = parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{name}/v1/health")
        _expect(status == 200, f"it returned {status}: {body}")
        this.note(body)
    with step("Read its logs as of a stage") as this:
        parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{name}/docs")
        log = both.core.log("get-health")
        _expect(f'"{name}-get-health"' in log and f'"{name}-get-docs"' not in log, f"the log of get-health is {log}")
        this.note(f"{len(log.splitlines())} lines")
    with step("Deploy the same again"):
        apply("unchanged")
    with step("Review an update, and decline it"):
        with contextlib.suppress(deploy.DeploymentFailed):
            apply("updated", agreed=False, LogLevel="DEBUG")
        _expect(bool(seen) and levels() == {"INFO"}, f"the functions have changed: their log levels are {levels()}")
    with step("Update it in place") as this:
        apply("updated", LogLevel="WARN")
        _expect(levels() == {"WARN"}, f"not all functions have changed: their log levels are {levels()}")
        this.note(f"{len(seen)} changes")
    with step("Review a change of one function") as this:
        with contextlib.suppress(deploy.DeploymentFailed):
            apply("unchanged", code | {"get-me": code["get-health"]}, agreed=False, LogLevel="WARN")
        changed = {change["LogicalResourceId"] for change in seen if change["ResourceType"] == "AWS::Lambda::Function"}
        _expect(changed == {"GetMeFunction"}, f"the changes are {changed}")
        this.note("one change")
    with step("Make an update of the endpoints fail") as this:
        try:
            apply("updated", code | {"update-me": Path("no-such.zip")}, LogLevel="DEBUG")
        except deploy.DeploymentFailed as error:
            this.note(str(error)[:60])
        _expect(both.http.status() == "UPDATE_ROLLBACK_COMPLETE", f"the stack is {both.http.status()}")
        # The core stays new, and works with the previous endpoints (docs/adr/0036).
        _expect(levels() == {"DEBUG", "WARN"}, f"the functions were not rolled back: their log levels are {levels()}")
    with step("Check its health again") as this:
        status, body = parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{name}/v1/health")
        _expect(status == 200, f"it returned {status}: {body}")
    with step("Make an update of the core fail") as this:
        try:
            apply("updated", code | {"notify": Path("no-such.zip")}, LogLevel="ERROR")
        except deploy.DeploymentFailed as error:
            this.note(str(error)[:60])
        _expect(both.core.status() == "UPDATE_ROLLBACK_COMPLETE", f"the stack is {both.core.status()}")
        _expect(levels() == {"DEBUG", "WARN"}, f"the functions were not rolled back: their log levels are {levels()}")
    with step("Delete it"):
        both.delete()


def _data() -> None:
    template = lint.expand(templates.Template.read("data.yaml"))
    left_out = _leave_out(template)
    stack = up.deployment(f"{settings.STACK}-rehearsal-data", bucket="")
    with step("Create the network and the data") as this:
        stack.delete()
        stack.apply(json.dumps(template), {"Protected": "false"})
        this.note(f"{len(template['Resources'])} resources, without {len(left_out)} unsupported ones")
    with step("Delete them"):
        stack.delete()


def _client() -> None:
    stack = up.deployment(f"{settings.STACK}-rehearsal-web", bucket="")
    known = {"HttpApiId": settings.STACK, "WebSocketApiId": f"{settings.STACK}-ws", "OriginSecret": "-" * 40}
    template = templates.Template.read("web.yaml").text

    def delete() -> None:
        if stack.status():
            webfiles.empty(stack.s3, stack.outputs()["FilesBucket"])
            stack.delete()

    with step("Create the client"), tempfile.TemporaryDirectory() as folder:
        delete()
        stack.apply(template, known, lambda _: True)
        bucket = stack.outputs()["FilesBucket"]
        for name in ("assets/index.js", "index.html"):
            file = Path(folder, name)
            file.parent.mkdir(exist_ok=True)
            file.write_text(name)
        webfiles.upload(stack.s3, bucket, webfiles.files(Path(folder)))
        # The emulator regards its own requests for files as plain HTTP, which the bucket rejects.
        policy = json.loads(stack.s3.get_bucket_policy(Bucket=bucket)["Policy"])
        policy["Statement"] = [one for one in policy["Statement"] if one["Effect"] == "Allow"]
        stack.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    if shutil.which("node"):  # the emulator runs the function of paths with it
        with step("Read its files"):
            _read_client(stack.outputs()["DistributionDomain"])
    with step("Deploy the same again"):
        done = stack.apply(template, known, lambda _: True)
        _expect(done == "unchanged", f"the stack is {done}, not unchanged")
    with step("Delete it"):
        delete()


def _read_client(domain: str) -> None:
    host = {"Host": domain, "X-Forwarded-Proto": "https"}
    for path, file, kept in (
        ("/", "index.html", "no-cache"),
        ("/projects/WEB", "index.html", "no-cache"),
        ("/assets/index.js", "assets/index.js", "public, max-age=31536000, immutable"),
    ):
        with urllib.request.urlopen(urllib.request.Request(f"{settings.ENDPOINT}{path}", headers=host)) as response:
            _expect(response.read().decode() == file, f"{path} is not {file}")
            _expect(response.headers["Cache-Control"] == kept, f"{path} has {response.headers['Cache-Control']}")
            policy = response.headers["Content-Security-Policy"] or ""
            _expect(policy.startswith("default-src 'none'"), f"{path} has the policy {policy!r}")


def _leave_out(template: dict) -> list[str]:
    """Removes unsupported resources from the template, and everything that refers to them. Returns their names."""
    resources, outputs = template["Resources"], template["Outputs"]
    names = [name for name, resource in resources.items() if resource["Type"] in _UNKNOWN]
    for name in names:  # the list grows
        resources.pop(name)
        names += [other for other in resources if other not in names and _refers(resources[other], name)]
        template["Outputs"] = outputs = {key: output for key, output in outputs.items() if not _refers(output, name)}
    return names


def _refers(part: dict, name: str) -> bool:
    return bool(re.search(rf'["{{]{name}["}}.]', json.dumps(part)))


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Failure(otherwise)
