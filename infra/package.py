"""Zips each binary as `bootstrap`, and names the zip by the hash of its content.

The same binary always results in the same zip and key, so a deployment changes only functions that changed.
A binary with the size and time of the last run is not read again.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import sys
import zipfile
from pathlib import Path

import templates

# The names of ARCH and cargo-lambda, and those of the template.
ARCHITECTURES = {"arm64": "arm64", "x86-64": "x86_64"}


class MissingBinary(Exception):
    """A template names a function for which no binary was built."""


def package(names: list[str], binaries: Path, zips: Path, level: int = 9) -> tuple[dict[str, Path], list[str]]:
    """Zips `binaries/<name>`, or cargo-lambda's `binaries/<name>/bootstrap`, for every name.

    Returns the zip of each function, and the names of new ones.
    """
    files = {name: binaries / name if (binaries / name).is_file() else binaries / name / "bootstrap" for name in names}
    missing = [name for name in names if not files[name].is_file()]
    if missing:
        raise MissingBinary(f"the templates have functions without a binary in {binaries}: {', '.join(missing)}")

    zips.mkdir(parents=True, exist_ok=True)
    index_file = zips / "index.json"
    index = json.loads(index_file.read_text()) if index_file.exists() else {}
    made = []

    def one(name: str) -> tuple[str, dict]:
        binary = files[name]
        stat = binary.stat()
        entry = {"binary": str(binary), "size": stat.st_size, "time": stat.st_mtime_ns, "level": level}
        known = index.get(name, {})
        if all(known.get(key) == value for key, value in entry.items()) and (zips / known["zip"]).exists():
            return name, known
        content = binary.read_bytes()
        entry["zip"] = f"{name}-{hashlib.sha256(content).hexdigest()[:32]}.zip"
        if not (zips / entry["zip"]).exists():
            _write(zips / entry["zip"], content, level)
            made.append(name)
        return name, entry

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        index = dict(pool.map(one, names))
    index_file.write_text(json.dumps(index, indent=1))

    used = {entry["zip"] for entry in index.values()}
    for old in zips.glob("*.zip"):
        if old.name not in used:
            old.unlink()
    return {name: zips / index[name]["zip"] for name in names}, made


def packaged(names: list[str], zips: Path) -> dict[str, Path]:
    """Returns the zips that `package` made, without the binaries."""
    index_file = zips / "index.json"
    index = json.loads(index_file.read_text()) if index_file.exists() else {}
    if missing := [name for name in names if name not in index or not (zips / index[name]["zip"]).exists()]:
        raise MissingBinary(f"the templates have functions without a zip in {zips}: {', '.join(missing)}; make package")
    return {name: zips / index[name]["zip"] for name in names}


def summary(made: dict[str, Path]) -> str:
    """Says how large the zips are."""
    sizes = {name: path.stat().st_size / 1e6 for name, path in made.items()}
    largest = max(sizes, key=sizes.__getitem__)
    return (
        f"{len(sizes)} functions, {sum(sizes.values()) / len(sizes):.1f} MB on average, "
        f"{sizes[largest]:.1f} MB at most ({largest})"
    )


def _write(path: Path, content: bytes, level: int) -> None:
    bootstrap = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    bootstrap.create_system = 3  # Unix, so that the mode is used
    bootstrap.external_attr = 0o755 << 16
    bootstrap.compress_type = zipfile.ZIP_DEFLATED
    unfinished = path.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        archive.writestr(bootstrap, content, compresslevel=level)
    unfinished.replace(path)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--binaries", type=Path, required=True, help="a folder with a binary for each function")
    arguments.add_argument("--zips", type=Path, required=True, help="where to make the zips")
    arguments.add_argument("--level", type=int, default=9, help="of the compression, 1 to 9")
    given = arguments.parse_args()
    try:
        made, _ = package(templates.functions(), given.binaries, given.zips, given.level)
    except MissingBinary as error:
        sys.exit(str(error))
    print(f"{summary(made)}, in {given.zips}")


if __name__ == "__main__":
    main()
