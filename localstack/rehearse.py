"""`make rehearse`: what a deployment to AWS does, on the emulator of the running system, with stacks that are deleted again.

Creates the application by a change set, updates it in place, has an update fail and be put back, and does to infra/data.yaml what
the emulator can.
"""

import contextlib
import json
import re
from pathlib import Path

import deploy  # in infra/
import lint
import parts
import settings
import templates
import up
from console import Failure, step

# Of infra/data.yaml, what MiniStack 1.5.33 does not know.
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
        """Those of a function of each stack."""
        found = [functions.get_function_configuration(FunctionName=f"{name}-{one}") for one in ("notify", "get-health")]
        return {one["Environment"]["Variables"]["RUST_LOG"] for one in found}

    with step("Create the application") as this:
        both.delete()
        apply("created")
        this.note(f"{len(seen)} resources")
    with step("Ask for its health") as this:
        status, body = parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{name}/v1/health")
        _expect(status == 200, f"it answers {status}: {body}")
        this.note(body)
    with step("Read its logs as a stage's") as this:
        parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{name}/docs")
        log = both.core.log("get-health")
        _expect(f'"{name}-get-health"' in log and f'"{name}-get-docs"' not in log, f"the log of get-health is {log}")
        this.note(f"{len(log.splitlines())} lines")
    with step("Deploy the same again"):
        apply("unchanged")
    with step("Look at an update, and leave it"):
        with contextlib.suppress(deploy.DeploymentFailed):
            apply("updated", agreed=False, LogLevel="DEBUG")
        _expect(bool(seen) and levels() == {"INFO"}, f"the functions have changed: their levels are {levels()}")
    with step("Update it in place") as this:
        apply("updated", LogLevel="WARN")
        _expect(levels() == {"WARN"}, f"not all functions have changed: their levels are {levels()}")
        this.note(f"{len(seen)} changes")
    with step("Look at a change of one function") as this:
        with contextlib.suppress(deploy.DeploymentFailed):
            apply("unchanged", code | {"get-me": code["get-health"]}, agreed=False, LogLevel="WARN")
        changed = {change["LogicalResourceId"] for change in seen if change["ResourceType"] == "AWS::Lambda::Function"}
        _expect(changed == {"GetMeFunction"}, f"what changes is {changed}")
        this.note("only that")
    with step("Have an update of the endpoints fail") as this:
        try:
            apply("updated", code | {"update-me": Path("no-such.zip")}, LogLevel="DEBUG")
        except deploy.DeploymentFailed as error:
            this.note(str(error)[:60])
        _expect(both.http.status() == "UPDATE_ROLLBACK_COMPLETE", f"the stack is {both.http.status()}")
        # The core stays new, and works with the endpoints of before (docs/adr/0036).
        _expect(levels() == {"DEBUG", "WARN"}, f"the functions were not put back: their levels are {levels()}")
    with step("Ask for its health again") as this:
        status, body = parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{name}/v1/health")
        _expect(status == 200, f"it answers {status}: {body}")
    with step("Have an update of the core fail") as this:
        try:
            apply("updated", code | {"notify": Path("no-such.zip")}, LogLevel="ERROR")
        except deploy.DeploymentFailed as error:
            this.note(str(error)[:60])
        _expect(both.core.status() == "UPDATE_ROLLBACK_COMPLETE", f"the stack is {both.core.status()}")
        _expect(levels() == {"DEBUG", "WARN"}, f"the functions were not put back: their levels are {levels()}")
    with step("Delete it"):
        both.delete()


def _data() -> None:
    template = lint.expand(templates.Template.read("data.yaml"))
    left_out = _leave_out(template)
    stack = up.deployment(f"{settings.STACK}-rehearsal-data", bucket="")
    with step("Create the network and the data") as this:
        stack.delete()
        stack.apply(json.dumps(template), {"Protected": "false"})
        this.note(f"{len(template['Resources'])} resources, without {len(left_out)} that the emulator does not know")
    with step("Delete them"):
        stack.delete()


def _leave_out(template: dict) -> list[str]:
    """Takes out of the template what the emulator does not know, and what refers to it."""
    resources, outputs = template["Resources"], template["Outputs"]
    names = [name for name, resource in resources.items() if resource["Type"] in _UNKNOWN]
    for name in names:  # which grows
        resources.pop(name)
        names += [other for other in resources if other not in names and _refers(resources[other], name)]
        template["Outputs"] = outputs = {key: output for key, output in outputs.items() if not _refers(output, name)}
    return names


def _refers(part: dict, name: str) -> bool:
    return bool(re.search(rf'["{{]{name}["}}.]', json.dumps(part)))


def _expect(so: bool, otherwise: str) -> None:
    if not so:
        raise Failure(otherwise)
