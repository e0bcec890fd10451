"""Least privilege: no statement of a template allows `*` where a name is possible. infra/lint.py checks every template."""

import json
import re
from collections.abc import Iterator

# Actions that support only "*" as their resource.
_NAMELESS = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# Names that are created later: functions, connections, objects in our buckets.
_LATER = (
    r":function:\$\{AWS::StackName\}-\*$",
    r"/live/[A-Z]+/@connections/\*$",
    r"^\$\{\w+\.Arn\}/(\w+/)?\*$",
    r":s3:::\$\{\w+\}/(\w+/)?\*$",
)


def faults(template: dict) -> list[str]:
    """Returns a sentence for each statement of an expanded template that allows too much."""
    return [
        f"{name}: {fault}"
        for name, resource in template["Resources"].items()
        for statement in _statements(resource.get("Properties", {}))
        for fault in _faults(statement, is_endpoint=resource["Type"] == "AWS::EC2::VPCEndpoint")
    ]


def _statements(part) -> Iterator[dict]:
    """Yields every policy statement at any depth."""
    if isinstance(part, dict):
        if "Effect" in part and ("Action" in part or "NotAction" in part):
            yield part
        for inner in part.values():
            yield from _statements(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _statements(inner)


def _faults(statement: dict, is_endpoint: bool) -> Iterator[str]:
    if statement["Effect"] != "Allow":
        return
    for key in ("NotAction", "NotResource", "NotPrincipal"):
        if key in statement:
            yield f"allows by {key}, which includes everything else"
    actions, resources = _list(statement.get("Action")), [_text(it) for it in _list(statement.get("Resource"))]
    for action in actions:
        if "*" in action:
            yield f"allows the action {action}"
    for resource in resources:
        if resource == "*" and set(actions) <= _NAMELESS:
            continue
        if "*" in resource and not any(re.search(later, resource) for later in _LATER):
            yield f"allows {' and '.join(actions)} on {resource}"
    # The policy of a VPC endpoint restricts the policies of its callers.
    if "*" in json.dumps(statement.get("Principal", "")) and not is_endpoint:
        yield "allows it to everyone"


def _list(value) -> list:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(resource) -> str:
    """Returns a resource as text, with functions of the template as `${…}`."""
    if isinstance(resource, str):
        return resource
    (function, argument), *_ = resource.items()
    if function == "Fn::Sub":
        return argument if isinstance(argument, str) else argument[0]
    if function == "Fn::GetAtt":
        return "${" + (argument if isinstance(argument, str) else ".".join(argument)) + "}"
    if function == "Fn::Join":
        return argument[0].join(_text(it) for it in argument[1])
    return "${" + json.dumps(argument) + "}"
