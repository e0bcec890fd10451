"""Reads the two templates of the application: infra/app.yaml (the core) and infra/http.yaml (the endpoints).

Their tables (the mappings Http, Sockets and Jobs) have one row for each function, from which loops make its resources.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml


class Template:
    """A template; `text` is its source, `content` its parsed content, with functions in their long form."""

    def __init__(self, file: str, text: str):
        self.file, self.text = file, text
        self.content = yaml.load(text, _Loader)

    @classmethod
    def read(cls, file: str) -> "Template":
        return cls(file, Path(__file__).with_name(file).read_text())

    def functions(self) -> list[str]:
        """Returns the names of all functions, in the template's order."""
        single = [
            re.fullmatch(r"\$\{AWS::StackName\}-([a-z0-9-]+)", it["FunctionName"]["Fn::Sub"])[1]
            for it in self._single()
        ]
        return [row["Name"] for table in self._tables() for row in table.values()] + single

    def jobs(self) -> dict[str, str]:
        """Returns the scheduled jobs with their schedules."""
        return {row["Name"]: row["Schedule"] for table in self._tables() for row in table.values() if "Schedule" in row}

    def reserved(self) -> int:
        """Returns the number of reserved concurrent executions."""
        rows = sum(int(row.get("Concurrency", 0)) for table in self._tables() for row in table.values())
        return rows + sum(
            it["ReservedConcurrentExecutions"]["Fn::If"][1]
            for it in self._single()
            if "ReservedConcurrentExecutions" in it
        )

    def ids(self) -> dict[str, str]:
        """Returns the parameters with the row ids of each loop: all rows."""
        loops = {
            key.removeprefix("Fn::ForEach::"): body[1] for key, body in self.content["Resources"].items() if "::" in key
        }
        return {over["Ref"]: ",".join(self.content["Mappings"][name]) for name, over in loops.items() if "Ref" in over}

    def parameters(self, known: dict[str, str]) -> dict[str, str]:
        """Returns the known values that are parameters of this template, and its row ids."""
        return {key: value for key, value in known.items() if key in self.content["Parameters"]} | self.ids()

    def with_code(self, zips: dict[str, Path]) -> str:
        """Returns the text with the keys of the zips in the mapping `Code`."""
        names = self.functions()
        rows = "\n".join(f"    {name}: {{Key: {path.name}}}" for name, path in zips.items() if name in names)
        return self.replaced(("Mappings", "Code"), rows.lstrip())

    def with_ids(self) -> str:
        """Returns the text with the row ids as defaults, for tools that expand it without parameters."""
        template = self
        for name, ids in self.ids().items():
            wanted = f'{{Type: CommaDelimitedList, Default: "{ids}"}}'
            template = Template(self.file, template.replaced(("Parameters", name), wanted))
        return template.text

    def replaced(self, path: tuple[str, ...], value: str) -> str:
        """Returns the text with another value at a path of keys."""
        node = yaml.compose(self.text, _Loader)
        for key in path:
            node = next(inner for name, inner in node.value if name.value == key)
        begin, end = node.start_mark.index, node.end_mark.index
        return self.text[:begin] + value + "\n" * self.text[begin:end].endswith("\n") + self.text[end:]

    def _tables(self) -> list[dict[str, dict[str, str]]]:
        return [table for table in self.content["Mappings"].values() if all("Name" in row for row in table.values())]

    def _single(self) -> Iterator[dict]:
        """Yields the properties of functions outside tables."""
        for name, resource in self.content["Resources"].items():
            if not name.startswith("Fn::") and resource["Type"] == "AWS::Serverless::Function":
                yield resource["Properties"]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags: `!Sub x` is `{"Fn::Sub": "x"}`."""

    def function(self, name: str, node: yaml.Node):
        if isinstance(node, yaml.ScalarNode):
            argument = self.construct_scalar(node)
            if name == "GetAtt":
                argument = argument.split(".", 1)
        elif isinstance(node, yaml.SequenceNode):
            argument = self.construct_sequence(node, deep=True)
        else:
            argument = self.construct_mapping(node, deep=True)
        return {name if name in ("Ref", "Condition") else f"Fn::{name}": argument}


_Loader.add_multi_constructor("!", _Loader.function)

CORE, HTTP = Template.read("app.yaml"), Template.read("http.yaml")
BOTH = (CORE, HTTP)


def functions() -> list[str]:
    """Returns the names of the functions of both templates."""
    return [name for template in BOTH for name in template.functions()]
