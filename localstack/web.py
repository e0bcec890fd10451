"""Builds the client, `web/dist`, checks and tests it, and starts its development server."""

import hashlib
import os
import subprocess
from pathlib import Path

import install
import settings
from console import Failure, step

FOLDER = settings.ROOT / "web"
DIST = FOLDER / "dist"
# Beside the packages, because systems with different state folders share `dist`.
_BUILT = FOLDER / "node_modules/.taskbell-built"
_INSTALLED = FOLDER / "node_modules/.taskbell-installed"
_OUTPUTS = {"node_modules", "dist"}


def build() -> None:
    """Builds the client, unless nothing in `web/` has changed since the last build."""
    run = install.npm()
    with install.alone():
        inputs = _inputs()
        if (DIST / "index.html").exists() and _is(_BUILT, inputs):
            return
        _install(run)
        with step("Build the client"):
            _BUILT.unlink(missing_ok=True)
            _finished(run(FOLDER, "run", "build", "--silent", capture_output=True), "build the client")
            _BUILT.write_text(inputs)


def develop() -> None:
    """Runs Vite's server, which passes requests for the API on to the running system, until Ctrl-C."""
    os.environ["WEB_PROXY"] = settings.WEB
    run = install.npm()
    with install.alone():
        _install(run)
    run(FOLDER, "run", "dev")


def check() -> None:
    """Checks types, the API's types, style, the unit tests, and how much script the first load needs."""
    build()
    for script in ("check", "types", "test", "size"):
        _run(script)


def generate() -> None:
    """Updates the types of the API in `web/src/api/schema.d.ts`."""
    run = install.npm()  # takes the same lock
    with install.alone():
        _install(run)
    _run("generate")


def test_in_browser() -> None:
    """Runs the end-to-end tests in Chromium with the running system."""
    _run_in_browser("e2e")


def measure() -> None:
    """Measures how quick the client is in Chromium with the running system. Fails if a budget is exceeded."""
    os.environ["BUDGETS"] = "1"
    _run_in_browser("times")


def _run_in_browser(script: str) -> None:
    if not Path(os.environ.setdefault("CHROMIUM", "/usr/bin/chromium")).exists():
        raise Failure(
            f"{os.environ['CHROMIUM']} does not exist, and the tests of the client need Chromium; install it"
            " (Debian: apt-get install chromium), or set CHROMIUM to another one"
        )
    build()
    os.environ.update(settings.addresses())
    _run(script)


def _run(script: str) -> None:
    if install.npm()(FOLDER, "run", "--silent", script).returncode:
        raise Failure(f"`npm run {script}` failed in web/")


def _install(run) -> None:
    """Downloads the packages, unless those of package-lock.json are there."""
    wanted = (FOLDER / "package-lock.json").read_text()
    if _is(_INSTALLED, wanted):
        return
    with step("Download the client's packages"):
        _finished(run(FOLDER, *install.NPM_CI, capture_output=True), "download the client's packages")
        _INSTALLED.write_text(wanted)


def _inputs() -> str:
    """Returns a hash of the names and contents of all files in `web/` except what is made from them."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(FOLDER):
        folders[:] = sorted(name for name in folders if name not in _OUTPUTS)
        for path in (Path(folder, name) for name in sorted(names)):
            digest.update(f"{path.relative_to(FOLDER)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def _finished(done: subprocess.CompletedProcess, what: str) -> None:
    if done.returncode:
        raise Failure(f"cannot {what}", (done.stdout + done.stderr)[-4000:])
