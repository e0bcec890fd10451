"""Creates the database cluster and its database, and checks whether the server is ready. Needs only initdb and postgres.

The server does not run as root. If the caller is root, it runs as the user postgres, or else nobody.
"""

import dataclasses
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import install
import settings
from console import Failure, step


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The data folder, the program, and the user who runs it; None is the caller."""

    data: Path
    program: install.Program
    user: str | None

    def is_ready(self, pid: int) -> bool:
        """Returns whether this server process accepts connections. pg_ctl reads the same file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def cluster() -> Cluster:
    """Returns the cluster, and creates it with the database `taskbell` if it is missing."""
    password = settings.load_secrets().database_password
    data = settings.STATE / "postgres"
    user = _user(data) if os.geteuid() == 0 else None
    if user:
        data = _folder(data, user)
    version = data / "PG_VERSION"
    program = install.postgres(int(version.read_text()) if version.exists() else None)
    if user:
        program = _reachable(program, user)
    if not version.exists():
        with step("Create the database"):
            _make(program, data, password, user)
    return Cluster(data, program, user)


def account(user: str | None) -> dict:
    """Returns the arguments with which `subprocess` runs a command as this user."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def _user(data: Path) -> str:
    """Returns the owner of the data; for new data, the user postgres if it exists, or nobody."""
    if (data / "PG_VERSION").exists():
        return pwd.getpwuid(data.stat().st_uid).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _folder(folder: Path, user: str) -> Path:
    """Creates `folder` for `user`. If that user cannot access it, it becomes a link to a folder in /var/tmp."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.is_symlink() and not _reaches(user, folder.parent):
        elsewhere = _elsewhere("postgres", folder)
        elsewhere.mkdir(exist_ok=True)
        folder.symlink_to(elsewhere)
    folder = folder.resolve()
    folder.mkdir(exist_ok=True)
    if folder.owner() not in ("root", user):
        raise Failure(f"{folder} belongs to {folder.owner()}, not to {user}; delete it")
    shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    folder.chmod(0o700)
    return folder


def _reachable(program: install.Program, user: str) -> install.Program:
    """Returns the program, or, if the user cannot access it, a copy of its installation in /var/tmp."""
    if _reaches(user, Path(program.command[0])):
        return program
    copy = _elsewhere(program.name.lower().replace(" ", "-"), program.folder)
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            shutil.copytree(program.folder.parent, Path(folder) / "copy", symlinks=True)
            (Path(folder) / "copy").rename(copy)
    if copy.stat().st_uid != 0:
        raise Failure(f"{copy} does not belong to root; delete it")
    return install.Program(program.name, [str(copy / "bin/postgres")])


def _elsewhere(what: str, folder: Path) -> Path:
    """Returns the path in /var/tmp that replaces `folder`. Anyone can write there, so a link is not trusted."""
    place = Path(f"/var/tmp/taskbell-{what}-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}")
    if place.is_symlink():
        raise Failure(f"{place} is a symbolic link, which is not trusted; delete it")
    return place


def _reaches(user: str, path: Path) -> bool:
    return subprocess.run(["test", "-x", path], cwd="/", **account(user)).returncode == 0


def _make(program: install.Program, data: Path, password: str, user: str | None) -> None:
    """Creates the cluster in a temporary folder and moves it when it is complete, so that an incomplete one is never used."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user:
        shutil.chown(new, user, pwd.getpwnam(user).pw_gid)
    # Full-text search needs lower case of non-ASCII letters, which depends on the locale.
    locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    command = [
        program.folder / "initdb",
        "-D",
        new,
        "-U",
        "taskbell",
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        f"--locale={locale}",
    ]
    with tempfile.NamedTemporaryFile("w") as password_file:
        password_file.write(password)
        password_file.flush()
        if user:
            shutil.chown(password_file.name, user)
        _run([*command, f"--pwfile={password_file.name}"], user)
    said = _run([*program.command, "--single", "-D", new, "postgres"], user, "CREATE DATABASE taskbell\n")
    if "ERROR" in said:
        raise Failure("cannot create the database taskbell", said)
    data.mkdir(exist_ok=True)
    new.rename(data)


def _run(command: list, user: str | None, words: str = "") -> str:
    done = subprocess.run(
        command, input=words, capture_output=True, text=True, cwd="/", env=settings.plain_environment(), **account(user)
    )
    if done.returncode:
        raise Failure(f"{Path(command[0]).name} failed", done.stdout + done.stderr)
    return done.stdout + done.stderr
