"""Finds the programs that the parts need, and installs what is missing where that can be done without asking."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from console import Failure
from settings import TOOLS

MAILDEV = "3.0.0"
REDOCLY = "2.77.0"


def postgres_folder() -> Path:
    """The folder with the programs of the newest PostgreSQL, 15 or later, that has the contributed extensions."""
    if not (found := _find_postgres()):
        _apt("postgresql", "PostgreSQL 15 or newer, with its contributed extensions,")
        found = _find_postgres()
    if not found:
        raise Failure("no PostgreSQL 15 or newer with its contributed extensions was found; install one")
    return found


def redis_server() -> str:
    """Redis or Valkey."""
    if not (found := _which("redis-server", "valkey-server")):
        _apt("redis-server", "Redis or Valkey")
        found = _which("redis-server", "valkey-server")
    if not found:
        raise Failure("neither redis-server nor valkey-server was found; install one of them")
    return found


def maildev() -> list[str]:
    """The command that starts MailDev."""
    return _from_npm("maildev", MAILDEV, "dist/bin/maildev.js")


def redocly() -> list[str]:
    """The command that runs Redocly, which checks OpenAPI documents."""
    return _from_npm("@redocly/cli", REDOCLY, "bin/cli.js")


def _from_npm(package: str, version: str, script: str) -> list[str]:
    """The command that runs a script of a package, which npm installs into the tools' folder."""
    node = _which("node")
    found = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip() if node else ""
    if not node or tuple(map(int, re.findall(r"\d+", found)[:2])) < (20, 19):
        raise Failure(f"{package} needs Node.js 20.19 or newer{f', this is {found}' if found else ''}; install it")
    folder = TOOLS / package.rpartition("/")[2]
    manifest = folder / "node_modules" / package / "package.json"
    if not (manifest.exists() and json.loads(manifest.read_text())["version"] == version):
        if not shutil.which("npm"):
            raise Failure("npm is missing; install it with Node.js 20.19 or newer")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(folder), "--no-fund", "--no-audit", "--omit=dev", f"{package}@{version}"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"npm could not install {package}", done.stderr[-2000:])
    return [node, str(manifest.parent / script)]


def folder_for_postgres_user(folder: Path) -> Path:
    """`folder`, made for the system's user postgres; or, when that user cannot get there, one in /var/tmp in its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.is_symlink() and not _reaches("postgres", folder.parent):
        name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        elsewhere = Path(f"/var/tmp/taskbell-postgres-{name}")
        elsewhere.mkdir(exist_ok=True)
        folder.symlink_to(elsewhere)
    folder = folder.resolve()
    folder.mkdir(exist_ok=True)
    shutil.chown(folder, "postgres", "postgres")
    folder.chmod(0o700)
    return folder


def _find_postgres() -> Path | None:
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql*/bin")]
    places += [*Path("/usr/local/opt").glob("postgresql*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    found = {}
    for place in places:
        if not ((place / "postgres").exists() and (place / "initdb").exists()):
            continue
        version = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True).stdout
        number = re.search(r"(\d+)", version)
        if number and int(number[1]) >= 15 and _has_contrib(place):
            found[int(number[1])] = place
    return found[max(found)] if found else None


def _has_contrib(place: Path) -> bool:
    roots = [place.parent / "share", place.parent / "share/postgresql", Path("/usr/share/postgresql") / place.parent.name]
    return any((root / "extension/pg_trgm.control").exists() for root in roots) or any(place.parent.glob("share/*/extension/pg_trgm.control"))


def _which(*names: str) -> str | None:
    return next(filter(None, map(shutil.which, names)), None)


def _reaches(user: str, folder: Path) -> bool:
    return subprocess.run(["test", "-x", folder], user=user, group=user, extra_groups=[], cwd="/").returncode == 0


def _apt(package: str, need: str) -> None:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and subprocess.run([*sudo, "true"], capture_output=True).returncode):
        raise Failure(f"{need} is missing; install it (Debian: apt-get install {package}; macOS: brew install {package.removesuffix('-server')})")
    log = TOOLS / "apt.log"
    command = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "--no-install-recommends"]
    with log.open("a") as output, _no_services(sudo):
        for words in (["update"], ["install", package]):
            if subprocess.run([*command, *words], stdout=output, stderr=output, stdin=subprocess.DEVNULL).returncode:
                raise Failure(f"apt-get could not install {package}; {log} says more")


@contextlib.contextmanager
def _no_services(sudo: list[str]):
    """Keeps Debian from starting the service of what it installs: only the program is wanted."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    subprocess.run([*sudo, "sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' > {policy} && chmod 755 {policy}"], check=True)
    try:
        yield
    finally:
        subprocess.run([*sudo, "rm", "-f", str(policy)], check=True)
