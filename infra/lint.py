"""Checks the templates with cfn-lint, and what they allow with infra/policies.py.

The two of the application are checked twice: as they are written, and as CloudFormation would have them after its transforms. The
second time every loop, mapping and SAM function stands as a plain resource, so that each one is checked.
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

TEMPLATES = [*templates.BOTH, *(Template.read(f"{name}.yaml") for name in ("data", "dashboard", "domain"))]


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
            sys.exit(f"infra/{file}: too wide: {'; '.join(wide)}")
        resources = template["Resources"].values()
        functions = sum(resource["Type"] == "AWS::Lambda::Function" for resource in resources)
        print(
            f"infra/{file} is clean: {len(resources)} resources of at most 500{f', {functions} of them functions' if functions else ''}"
        )


def lint(*files: Path) -> None:
    command = [Path(sys.executable).with_name("cfn-lint"), "--non-zero-exit-code", "informational"]
    checks = [(file, subprocess.Popen([*command, file])) for file in files]
    if faulty := [file.name for file, check in checks if check.wait()]:
        sys.exit(f"cfn-lint finds faults in {' and '.join(faulty)}")


def expand(template: Template) -> dict:
    """The template after AWS::LanguageExtensions and AWS::Serverless, in that order."""
    content, faults = cfnlint.decode.decode_str(template.with_ids())
    if not faults:
        faults, content = language_extensions.language_extension(
            cfnlint.Template(template.file, content, ["eu-central-1"])
        )
    if faults:
        sys.exit(f"infra/{template.file}: {'; '.join(fault.message for fault in faults)}")
    plain = json.loads(json.dumps(content, default=str))
    plain.pop("Mappings", None)  # the transform has looked everything up, and gone through the loops
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
