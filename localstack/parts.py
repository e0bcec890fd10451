"""The parts of the local system: Postgres, Redis, MailDev and the AWS emulator. All listen on loopback only."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import install
import processes
import settings
from console import Failure

# As people call them, in the order in which they start; they stop the other way round.
NAMES = {"postgres": "Postgres", "redis": "Redis", "maildev": "MailDev", "emulator": "AWS emulator"}


def start(name: str) -> str:
    """Starts a part unless it runs, waits until it answers, and says where it is."""
    return {"postgres": postgres, "redis": redis, "maildev": maildev, "emulator": emulator}[name]()


def postgres() -> str:
    known = settings.load_secrets()
    programs = install.postgres_folder()
    data = settings.STATE / "postgres"
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        data = install.folder_for_postgres_user(data)
    if not (data / "PG_VERSION").exists():
        _initdb(programs, data, known.database_password, user)
    options = {
        "port": settings.PORT_POSTGRES,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        **dict(option.split("=", 1) for option in os.environ.get("POSTGRES_OPTIONS", "").split()),
    }
    command = [programs / "postgres", "-D", data, *(f"--{key}={value}" for key, value in options.items())]
    new = processes.start("postgres", command, {"PORT_POSTGRES": settings.PORT_POSTGRES}, _plain_environment(), user)
    ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(settings.PORT_POSTGRES), "-U", "taskbell", "-d", "postgres"]
    processes.wait_for("postgres", lambda: subprocess.run(ready).returncode == 0)
    if new:
        psql = [programs / "psql", "-qtA", "-v", "ON_ERROR_STOP=1", known.database_url().rpartition("/")[0] + "/postgres"]
        if not _run([*psql, "-c", "SELECT 1 FROM pg_database WHERE datname = 'taskbell'"], user).strip():
            _run([*psql, "-c", "CREATE DATABASE taskbell"], user)
    return _place(settings.PORT_POSTGRES, new)


def redis() -> str:
    data = settings.STATE / "redis"
    data.mkdir(parents=True, exist_ok=True)
    options = ["--bind", "127.0.0.1", "--port", settings.PORT_REDIS, "--dir", data, "--save", "60", "1", "--daemonize", "no"]
    new = processes.start("redis", [install.redis_server(), *options], {"PORT_REDIS": settings.PORT_REDIS}, _plain_environment())
    processes.wait_for("redis", lambda: processes.listening(settings.PORT_REDIS))
    return _place(settings.PORT_REDIS, new)


def maildev() -> str:
    data = settings.MAIL_FOLDER
    data.mkdir(parents=True, exist_ok=True)
    options = ["--ip", "127.0.0.1", "--smtp", settings.PORT_SMTP, "--web-ip", "127.0.0.1", "--web", settings.PORT_MAIL]
    options += ["--mail-directory", data, "--max-emails", settings.MAX_MAILS, "--hide-extensions", "STARTTLS"]
    ports = {"PORT_SMTP": settings.PORT_SMTP, "PORT_MAIL": settings.PORT_MAIL}
    new = processes.start("maildev", [*install.maildev(), *options], ports, _plain_environment())
    processes.wait_for("maildev", lambda: processes.listening(settings.PORT_SMTP) and processes.listening(settings.PORT_MAIL))
    return _place(settings.PORT_MAIL, new)


def emulator() -> str:
    data = settings.STATE / "emulator"
    for folder in ("tmp", "s3", "state"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    environment = {
        **_plain_environment(),
        "GATEWAY_PORT": str(settings.PORT_API),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": settings.REGION,
        "TMPDIR": str(data / "tmp"),
        "S3_DATA_DIR": str(data / "s3"),
        "S3_PERSIST": "1",  # reports outlive a restart
        "STATE_DIR": str(data / "state"),
        "IOT_MTLS_ENABLED": "0",  # it would listen on 8883
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{data}/no-docker",  # functions are run natively
    }
    new = processes.start(
        "emulator", [sys.executable, Path(__file__).with_name("emulator.py")], {"PORT_API": settings.PORT_API}, environment
    )
    processes.wait_for("emulator", lambda: get(f"{settings.ENDPOINT}/_ministack/health")[0] == 200)
    return _place(settings.PORT_API, new)


def stop(name: str, by: signal.Signals | None = None) -> bool:
    # For Postgres, SIGINT ends the connections that functions still hold.
    stopped = processes.stop(name, by or (signal.SIGINT if name == "postgres" else signal.SIGTERM))
    if name == "emulator":
        shutil.rmtree(settings.STATE / "emulator/tmp", ignore_errors=True)  # the functions' unpacked code
    return stopped


def all_processes(name: str) -> list[int]:
    """The part's own process, and those that it started: of the emulator, the functions."""
    pid = processes.running(name)
    return [pid, *(child for child, _ in processes.children(pid))] if pid else []


def functions() -> list[tuple[int, str]]:
    """The functions that run in this emulator: process and name of each."""
    emulator = processes.running("emulator")
    if not emulator:
        return []
    found = ((pid, re.search(r"\bAWS_LAMBDA_FUNCTION_NAME=(\S+)", line)) for pid, line in processes.children(emulator))
    return [(pid, name[1].removeprefix(f"{settings.STACK}-")) for pid, name in found if name]


def get(url: str) -> tuple[int, str]:
    """The status and body of a GET; status 0 when nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)


def _initdb(programs: Path, data: Path, password: str, user: str | None) -> None:
    # Lower case of letters beyond ASCII, which full-text search needs, follows the locale.
    locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    command = [programs / "initdb", "-D", data, "-U", "taskbell", "-A", "scram-sha-256", "-E", "UTF8", f"--locale={locale}"]
    with tempfile.NamedTemporaryFile("w") as password_file:
        password_file.write(password)
        password_file.flush()
        if user:
            shutil.chown(password_file.name, user)
        _run([*command, f"--pwfile={password_file.name}"], user)


def _run(command: list, user: str | None) -> str:
    account = {"user": user, "group": user, "extra_groups": []} if user else {}
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=_plain_environment(), **account)
    if done.returncode:
        raise Failure(f"{Path(command[0]).name} failed", done.stdout + done.stderr)
    return done.stdout


def _plain_environment() -> dict[str, str]:
    """What the parts, and with the emulator the functions, get of the caller's environment."""
    return {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}


def _place(port: int, new: bool) -> str:
    return f"127.0.0.1:{port}{'' if new else ', ran already'}"
