"""Tests that the documentation names only files that exist. Run by `make lint-infra`."""

import fnmatch
import os
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Folders that contain no files of the repository.
_SKIPPED = {".git", ".local", "target", "node_modules", "__pycache__"}
_TEXTS = {".md", ".rs", ".py", ".sql", ".toml", ".yaml", ".yml"}
# Files of the examples in CONTRIBUTING.md, and files that are generated.
_EXAMPLES = re.compile(
    r"\barchive(-task)?\.rs$|\btyping\.rs$|\bcount_tasks\.rs$|bin/count-tasks\.rs$|ws-typing\.rs$|results\.json$"
)
_PATH = re.compile(r"`([\w.*<>/-]*/[\w.*<>-]*\.(?:rs|py|sql|md|toml|ya?ml|json|svg|txt|whl)|[\w.-]+(?:/[\w.-]+)*/)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")
_DECISION = re.compile(r"docs/adr/(\d{4}[\w-]*)(\.md)?")


def _files() -> list[Path]:
    found = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".local")]
        found += [Path(folder, name) for name in names]
    return found


def _prose(document: Path) -> str:
    """The text without its blocks of code."""
    return _FENCE.sub("", document.read_text())


class Documentation(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.files = _files()
        cls.documents = [path for path in cls.files if path.suffix == ".md"]
        relative = [path.relative_to(ROOT) for path in cls.files]
        cls.paths = {f"/{path}" for path in relative} | {f"/{parent}/" for path in relative for parent in path.parents}

    def test_links_lead_to_files(self) -> None:
        broken = [
            f"{document.relative_to(ROOT)}: {link}"
            for document in self.documents
            for link in _LINK.findall(_CODE.sub("", _prose(document)))
            if "://" not in link and not (document.parent / link.partition("#")[0]).exists()
        ]
        self.assertEqual(broken, [])

    def test_paths_exist(self) -> None:
        """A path may be shortened at its beginning, as in `domain/access.rs`."""
        missing = [
            f"{document.relative_to(ROOT)}: {path}"
            for document in self.documents
            for path in _PATH.findall(_prose(document))
            if not path.startswith((".local", "/")) and not _EXAMPLES.search(path) and not self._exists(path)
        ]
        self.assertEqual(missing, [])

    def _exists(self, path: str) -> bool:
        pattern = "*/" + re.sub(r"<[^>]*>", "*", path)
        return any(fnmatch.fnmatchcase(file, pattern) for file in self.paths)

    def test_decisions_exist(self) -> None:
        decisions = {path.stem for path in self.documents if path.parent == ROOT / "docs/adr"}
        for file in self.files:
            if file.suffix in _TEXTS or file.name in ("Makefile", "Dockerfile"):
                for name, extension in _DECISION.findall(file.read_text(errors="replace")):
                    # Without its extension, a name may be only the number.
                    known = name in decisions if extension else any(one.startswith(name) for one in decisions)
                    self.assertTrue(known, f"{file.relative_to(ROOT)}: there is no docs/adr/{name}")


if __name__ == "__main__":
    unittest.main()
