"""`make rehearse`: what a deployment to AWS does, on the emulator of the running system, with stacks that are deleted again.

Creates the application by a change set, updates it in place, has an update fail and be put back, and does to infra/data.yaml what
the emulator can.
"""

import contextlib
import json
import re
from pathlib import Path

import boto3

import deploy  # in infra/
import lint  # in infra/
import package  # in infra/
import parts
import settings
import up
from console import Failure, step

# Of infra/data.yaml, what MiniStack 1.5.33 does not know.
_UNKNOWN = ("AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::SecurityGroupEgress", "AWS::ElastiCache::ServerlessCache")


def rehearse() -> None:
    try:
        _application()
        _data()
    except deploy.DeploymentFailed as error:
        raise Failure(str(error), error.log) from error


def _application() -> None:
    template, stack = package.TEMPLATE.read_text(), _stack("rehearsal")
    code = up.finished_zips(package.functions(template))
    parameters = {**settings.parameters(up.architecture()), "PublicUrl": "", "WebSocketUrl": "", "Schedules": "DISABLED"}
    function = f"{stack.stack}-get-health"
    seen: list[dict] = []

    def apply(wanted: str, zips: dict[str, Path] = code, agreed: bool = True, **changed: str) -> None:
        seen.clear()
        done = stack.apply(template, zips, {**parameters, **changed}, lambda changes: seen.extend(changes) or agreed)
        _expect(done == wanted, f"the stack is {done}, not {wanted}")

    def level() -> str:
        return stack.client("lambda").get_function_configuration(FunctionName=function)["Environment"]["Variables"]["RUST_LOG"]

    with step("Create the application") as this:
        stack.delete()
        apply("created")
        this.note(f"{len(seen)} resources")
    with step("Ask for its health") as this:
        status, body = parts.get(f"{settings.ENDPOINT}/_aws/execute-api/{stack.stack}/v1/health")
        _expect(status == 200, f"it answers {status}: {body}")
        this.note(body)
    with step("Deploy the same again"):
        apply("unchanged")
    with step("Look at an update, and leave it"):
        with contextlib.suppress(deploy.DeploymentFailed):
            apply("updated", agreed=False, LogLevel="DEBUG")
        _expect(bool(seen) and level() != "DEBUG", "the functions have changed")
    with step("Update it in place") as this:
        apply("updated", LogLevel="WARN")
        _expect(level() == "WARN", "the functions have not changed")
        this.note(f"{len(seen)} changes")
    with step("Have an update fail") as this:
        try:
            apply("updated", code | {"update-me": Path("no-such.zip")}, LogLevel="DEBUG")
        except deploy.DeploymentFailed as error:
            this.note(str(error)[:60])
        _expect(stack.status() == "UPDATE_ROLLBACK_COMPLETE", f"the stack is {stack.status()}")
        _expect(level() == "WARN", f"the functions were not put back: their level is {level()}")
    with step("Delete it"):
        stack.delete()


def _data() -> None:
    template = lint.expand(settings.ROOT / "infra/data.yaml")
    left_out = _leave_out(template)
    stack = _stack("rehearsal-data", bucket="")
    with step("Create the network and the data") as this:
        stack.delete()
        stack.apply(json.dumps(template), {}, {"Protected": "false"})
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


def _stack(name: str, bucket: str = settings.CODE_BUCKET) -> deploy.Deployment:
    session = boto3.Session("test", "test", region_name=settings.REGION)
    return deploy.Deployment(f"{settings.STACK}-{name}", bucket, session, settings.ENDPOINT)


def _expect(so: bool, otherwise: str) -> None:
    if not so:
        raise Failure(otherwise)
