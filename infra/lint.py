"""Checks the templates with cfn-lint, and their policies with infra/policies.py.

The two templates of the application are checked twice: as written, and as CloudFormation expands them. In the expanded form each
loop, mapping and SAM function is a plain resource, so that each one is checked.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cfnlint
import cfnlint.decode
import cfnlint.template.transforms._language_extensions as language_extensions
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

import policies
import templates
from templates import Template

TEMPLATES = [*templates.BOTH, *(Template.read(f"{name}.yaml") for name in ("data", "dashboard", "web"))]


def main() -> None:
    expanded = {template.file: expand(template) for template in TEMPLATES}
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for template in TEMPLATES:
            files.append(Path(folder, template.file))
            files[-1].write_text(template.with_ids())
        for template in templates.BOTH:
            files.append(Path(folder, f"{template.file}-expanded.json"))
            files[-1].write_text(json.dumps(expanded[template.file], indent=1))
        lint(*files)
    for file, template in expanded.items():
        if wide := policies.faults(template):
            sys.exit(f"infra/{file}: too many permissions: {'; '.join(wide)}")
        resources = template["Resources"].values()
        functions = sum(resource["Type"] == "AWS::Lambda::Function" for resource in resources)
        print(
            f"infra/{file} is valid: {len(resources)} resources of at most 500{f', {functions} of them functions' if functions else ''}"
        )


def lint(*files: Path) -> None:
    command = [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "informational"]
    checks = [(file, subprocess.Popen([*command, file])) for file in files]
    if faulty := [file.name for file, check in checks if check.wait()]:
        sys.exit(f"cfn-lint found errors in {' and '.join(faulty)}")


def expand(template: Template) -> dict:
    """Returns the template after the transforms AWS::LanguageExtensions and AWS::Serverless, in that order."""
    content, faults = cfnlint.decode.decode_str(template.with_ids())
    if not faults:
        faults, content = language_extensions.language_extension(
            cfnlint.Template(template.file, content, ["eu-central-1"])
        )
    if faults:
        sys.exit(f"infra/{template.file}: {'; '.join(fault.message for fault in faults)}")
    plain = json.loads(json.dumps(content, default=str))
    plain.pop("Mappings", None)  # the transform has resolved them
    plain["Parameters"] = {name: it for name, it in plain["Parameters"].items() if name not in template.ids()}
    if "AWS::Serverless-2016-10-31" not in plain.pop("Transform", []):
        return plain
    plain["Transform"] = "AWS::Serverless-2016-10-31"
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")
    result = transform(plain, {}, ManagedPolicyLoader(None))
    result.pop("Transform", None)
    return result


if __name__ == "__main__":
    main()
