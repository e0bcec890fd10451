"""Checks the templates with cfn-lint, and what they allow with infra/policies.py.

infra/app.yaml is checked twice: as it is written, and as CloudFormation would have it after its transforms. The second time
every loop, mapping and SAM function stands as a plain resource, so that each one is checked.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cfnlint
import cfnlint.decode
import cfnlint.template.transforms._language_extensions as language_extensions
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

import package
import policies


TEMPLATES = [package.TEMPLATE, *(package.TEMPLATE.with_name(f"{name}.yaml") for name in ("data", "dashboard", "domain"))]


def main() -> None:
    expanded = {path: expand(path) for path in TEMPLATES}
    with tempfile.NamedTemporaryFile("w", suffix="-app-expanded.json") as file:
        json.dump(expanded[package.TEMPLATE], file, indent=1)
        file.flush()
        lint(*TEMPLATES, Path(file.name))
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(expanded[package.TEMPLATE], indent=1))
    rows = rows_without_loop(package.TEMPLATE.read_text())
    if rows:
        sys.exit(f"infra/app.yaml: no loop makes a function of {', '.join(rows)}: add it to the loop's list")
    for path, template in expanded.items():
        if wide := policies.faults(template):
            sys.exit(f"{path}: too wide: {'; '.join(wide)}")
        resources = template["Resources"].values()
        functions = sum(resource["Type"] == "AWS::Lambda::Function" for resource in resources)
        print(f"infra/{path.name} is clean: {len(resources)} resources of at most 500{f', {functions} of them functions' if functions else ''}")


def lint(*templates: Path) -> None:
    command = [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "informational"]
    checks = [(template, subprocess.Popen([*command, template])) for template in templates]
    if faulty := [str(template) for template, check in checks if check.wait()]:
        sys.exit(f"cfn-lint finds faults in {' and '.join(faulty)}")


def expand(path: Path) -> dict:
    """The template after AWS::LanguageExtensions and AWS::Serverless, in that order."""
    template, faults = cfnlint.decode.decode(str(path))
    if not faults:
        faults, template = language_extensions.language_extension(cfnlint.Template(str(path), template, ["eu-central-1"]))
    if faults:
        sys.exit(f"{path}: {'; '.join(fault.message for fault in faults)}")
    plain = json.loads(json.dumps(template, default=str))
    plain.pop("Mappings", None)  # the transform has looked everything up
    if "AWS::Serverless-2016-10-31" not in plain.pop("Transform", []):
        return plain
    plain["Transform"] = "AWS::Serverless-2016-10-31"
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    result = transform(plain, {}, ManagedPolicyLoader(None))
    result.pop("Transform", None)
    return result


def rows_without_loop(text: str) -> list[str]:
    """Rows of the tables Http, Sockets and Jobs whose id stands in no list."""
    ids = re.findall(r"^    (\w+): +\{Name: ", text, re.M)
    loops = text[text.index("\nResources:") :]
    return [name for name in ids if not re.search(rf"[\s\[]{name},|, {name}\]", loops)]


if __name__ == "__main__":
    main()
