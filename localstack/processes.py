"""Starts and stops the parts, detached from the terminal, and records the process id and start time of each.

Only a recorded process with the same start time gets signals, so no other process is ever stopped.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from console import Failure, wait_until
from install import Program
from settings import LOGS, RUN


def start(
    name: str, program: Program, options: list, ports: dict[str, int], env: dict[str, str], account: dict
) -> bool:
    """Starts a part unless it already runs with the same command and version. Returns whether it was started."""
    command = [*program.command, *map(str, options)]
    record = {"program": program.name, "command": command, "env": env, "ports": ports}
    before = _read(name) if running(name) else {}
    if all(before.get(key) == value for key, value in record.items()):
        return False
    for variable, port in ports.items():
        if port not in before.get("ports", {}).values() and taken(port):
            raise Failure(f"port {port} is taken{_holder(port)}; free it, or choose another port: {variable}=…")
    stop(name)
    LOGS.mkdir(parents=True, exist_ok=True)
    RUN.mkdir(parents=True, exist_ok=True)
    with log_file(name).open("ab") as log:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            **account,
        )
    _file(name).write_text(json.dumps({**record, "pid": process.pid, "started": _started(process.pid)}))
    return True


def wait_for(name: str, is_ready: Callable[[int], bool], seconds: float = 30) -> None:
    """Waits until `is_ready` returns true for the part's process id. Fails with the end of its log after the timeout."""

    def state() -> str | None:
        pid = running(name)
        return "gone" if not pid else "ready" if is_ready(pid) else None

    if (answer := wait_until(state, seconds)) != "ready":
        what = "exited" if answer else f"is not ready after {seconds:.0f} s"
        raise Failure(f"{name} {what}; this is the end of {log_file(name)}", tail(name))


def program(name: str) -> str:
    """Returns the name, version and path of the part's program."""
    record = _read(name)
    return f"{record['program']}, {record['command'][0]}" if "program" in record else ""


def running(name: str) -> int | None:
    """Returns the part's process id if the recorded process still runs."""
    record = _read(name)
    pid = record.get("pid")
    return pid if pid and record["started"] is not None and _started(pid) == record["started"] else None


def stop(name: str, gently: signal.Signals = signal.SIGTERM) -> bool:
    """Stops a part and its children. Returns whether it ran."""
    pid = running(name)
    if pid:
        os.kill(pid, gently)
        if not wait_until(lambda: not running(name), 15):
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not running(name), 5)
        # The part has its own session: the rest of its process group are its children, such as functions.
        _end_group(pid)
        # Postgres does not start while its previous process is a zombie, so wait until its exit status is collected.
        wait_until(lambda: not _exists(pid), 15)
    _file(name).unlink(missing_ok=True)
    return bool(pid)


def children(pid: int) -> list[tuple[int, str]]:
    """Returns the children of a process: id, and command line with environment."""
    if not Path("/proc/self").exists():
        lines = subprocess.run(
            ["ps", "axeww", "-o", "ppid=,pid=,command="], capture_output=True, text=True
        ).stdout.splitlines()
        found = (line.split(None, 2) for line in lines)
        return [(int(child), line) for parent, child, *rest in found if parent == str(pid) for line in rest]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has exited
            if (fields := _stat(folder))[0] not in "ZX" and fields[1] == str(pid):
                words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
                found.append((int(folder.name), words.replace(b"\0", b" ").decode(errors="replace")))
    return sorted(found)


def log_file(name: str) -> Path:
    return LOGS / f"{name}.log"


def tail(name: str, lines: int = 20) -> str:
    path = log_file(name)
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def taken(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def listening(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _end_group(leader: int) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(leader, number)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.3)


def _started(pid: int) -> str | None:
    """Returns the start time of a process, or None if it does not exist or is a zombie."""
    try:
        fields = _stat(Path(f"/proc/{pid}"))
        return None if fields[0] in "ZX" else fields[19]
    except (FileNotFoundError, ProcessLookupError):
        if Path("/proc/self").exists():
            return None
    lines = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return None if not lines or lines.startswith("Z") else lines.split(None, 1)[1]


def _stat(folder: Path) -> list[str]:
    """Returns the fields of /proc/*/stat after the name: state, parent and so on."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _holder(port: int) -> str:
    """Returns ` by NAME (process ID)` if it can be determined."""
    if shutil.which("ss"):
        line = subprocess.run(["ss", "-Hltnp", f"sport = :{port}"], capture_output=True, text=True).stdout
        if 'users:(("' in line:
            name, rest = line.split('users:(("', 1)[1].split('"', 1)
            return f" by {name} (process {rest.split('pid=')[1].split(',')[0]})"
    elif shutil.which("lsof"):
        out = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], capture_output=True, text=True
        ).stdout
        fields = {line[0]: line[1:] for line in out.splitlines() if line}
        if "p" in fields:
            return f" by {fields.get('c', '?')} (process {fields['p']})"
    return ""


def _file(name: str) -> Path:
    return RUN / f"{name}.json"


def _read(name: str) -> dict:
    try:
        return json.loads(_file(name).read_text())
    except (FileNotFoundError, ValueError):
        return {}
