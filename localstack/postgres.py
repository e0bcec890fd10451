"""Makes a database cluster and its database, and says when the server is ready. It needs no program but initdb and postgres.

The server refuses to run as root. Where the caller is root, the user postgres runs it, or else nobody.
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
    """Where the data is, what serves it, and who runs that: None is the caller."""

    data: Path
    program: install.Program
    user: str | None

    def is_ready(self, pid: int) -> bool:
        """Whether this server process takes connections: the file is what pg_ctl looks at, too."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def cluster() -> Cluster:
    """Finds this copy's cluster, and makes it with the database `taskbell` if there is none."""
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
        with step("Make the database"):
            _make(program, data, password, user)
    return Cluster(data, program, user)


def account(user: str | None) -> dict:
    """What makes `subprocess` run a command as this user."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}


def _user(data: Path) -> str:
    """Who owns the data; of new data, the user postgres, if there is one, or nobody."""
    if (data / "PG_VERSION").exists():
        return pwd.getpwuid(data.stat().st_uid).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _folder(folder: Path, user: str) -> Path:
    """`folder`, made for `user`; or, when that user cannot get there, one in /var/tmp in its place."""
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
    """The program, or, when the user cannot get there, a copy in /var/tmp of all that belongs to it."""
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
    """A place in /var/tmp that stands for `folder`. Everybody can write there: a link is somebody else's."""
    place = Path(f"/var/tmp/taskbell-{what}-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}")
    if place.is_symlink():
        raise Failure(f"{place} is a link, which may lead anywhere; delete it")
    return place


def _reaches(user: str, path: Path) -> bool:
    return subprocess.run(["test", "-x", path], cwd="/", **account(user)).returncode == 0


def _make(program: install.Program, data: Path, password: str, user: str | None) -> None:
    """Makes the cluster beside its place and moves it there when it is whole, so that one half made is never used."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if user:
        shutil.chown(new, user, pwd.getpwnam(user).pw_gid)
    # Lower case of letters beyond ASCII, which full-text search needs, follows the locale.
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
        raise Failure("the database taskbell could not be made", said)
    data.mkdir(exist_ok=True)
    new.rename(data)


def _run(command: list, user: str | None, words: str = "") -> str:
    done = subprocess.run(
        command, input=words, capture_output=True, text=True, cwd="/", env=settings.plain_environment(), **account(user)
    )
    if done.returncode:
        raise Failure(f"{Path(command[0]).name} failed", done.stdout + done.stderr)
    return done.stdout + done.stderr
