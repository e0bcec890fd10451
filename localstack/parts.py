"""The parts of the local system: Postgres, Redis, MailDev, the AWS emulator and Caddy. All listen on loopback only."""

import hashlib
import importlib.metadata
import os
import re
import shutil
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

import install
import postgres
import processes
import settings
import web
from console import step

# Their titles, in the order in which they start; they stop in reverse order.
NAMES = {
    "postgres": "Postgres",
    "redis": "Redis",
    "maildev": "MailDev",
    "emulator": "AWS emulator",
    "web": "Web server",
}


def start(name: str) -> None:
    """Starts a part unless it runs, waits until it is ready, and prints its address. First downloads what it needs."""
    prepare = {
        "postgres": postgres.cluster,
        "redis": install.redis,
        "maildev": install.maildev,
        "emulator": lambda: None,
        "web": install.caddy,
    }[name]
    needed = prepare()
    run = {"postgres": _postgres, "redis": _redis, "maildev": _maildev, "emulator": _emulator, "web": _web}[name]
    with step(NAMES[name]) as this:
        this.note(run(needed) if needed else run())


def _postgres(cluster: postgres.Cluster) -> str:
    options = {
        "port": settings.PORT_POSTGRES,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 200,
        **dict(option.split("=", 1) for option in os.environ.get("POSTGRES_OPTIONS", "").split()),
    }
    command = ["-D", cluster.data, *(f"--{key}={value}" for key, value in options.items())]
    return _run(
        "postgres", cluster.program, command, {"PORT_POSTGRES": settings.PORT_POSTGRES}, cluster.is_ready, cluster.user
    )


def _redis(program: install.Program) -> str:
    data = settings.STATE / "redis"
    data.mkdir(parents=True, exist_ok=True)
    options = [
        "--bind",
        "127.0.0.1",
        "--port",
        settings.PORT_REDIS,
        "--dir",
        data,
        "--save",
        "60",
        "1",
        "--daemonize",
        "no",
    ]
    return _run("redis", program, options, {"PORT_REDIS": settings.PORT_REDIS})


def _maildev(program: install.Program) -> str:
    data = settings.MAIL_FOLDER
    data.mkdir(parents=True, exist_ok=True)
    options = ["--ip", "127.0.0.1", "--smtp", settings.PORT_SMTP, "--web-ip", "127.0.0.1", "--web", settings.PORT_MAIL]
    options += ["--mail-directory", data, "--max-emails", settings.MAX_MAILS, "--hide-extensions", "STARTTLS"]
    return _run("maildev", program, options, {"PORT_MAIL": settings.PORT_MAIL, "PORT_SMTP": settings.PORT_SMTP})


def _emulator() -> str:
    data = settings.STATE / "emulator"
    for folder in ("tmp", "s3", "state"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    environment = {
        "GATEWAY_PORT": str(settings.PORT_API),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": settings.REGION,
        "TMPDIR": str(data / "tmp"),
        "S3_DATA_DIR": str(data / "s3"),
        "S3_PERSIST": "1",  # keeps reports across restarts
        "STATE_DIR": str(data / "state"),
        "IOT_MTLS_ENABLED": "0",  # would listen on 8883
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{data}/no-docker",  # functions are run natively
    }
    name = f"MiniStack {importlib.metadata.version('ministack')}"
    program = install.Program(name, [sys.executable, str(Path(__file__).with_name("emulator.py"))])

    ports = {"PORT_API": settings.PORT_API}
    return _run("emulator", program, [], ports, lambda _pid: emulator_responds(), environment=environment)


def _web(program: install.Program) -> str:
    data, configuration = settings.STATE / "web", web.FOLDER / "Caddyfile"
    data.mkdir(parents=True, exist_ok=True)
    environment = {
        "SITE": settings.WEB,
        "BIND": "127.0.0.1",
        "API_UPSTREAM": settings.EMULATOR,
        "WEB_ROOT": str(web.DIST),
        **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(data)),
        # Restarts it when its configuration changes.
        "CONFIGURATION": hashlib.sha256(configuration.read_bytes()).hexdigest(),
    }
    options = ["run", "--adapter", "caddyfile", "--config", configuration]
    return _run("web", program, options, {"PORT_WEB": settings.PORT_WEB}, environment=environment)


def _run(
    name: str,
    program: install.Program,
    options: list,
    ports: dict[str, int],
    is_ready=None,
    user: str | None = None,
    environment=None,
) -> str:
    """Starts a part unless it runs with the same command, waits until it is ready, and returns its address and version."""
    environment = {**settings.plain_environment(), **(environment or {})}
    new = processes.start(name, program, options, ports, environment, postgres.account(user))
    processes.wait_for(name, is_ready or (lambda _pid: all(map(processes.listening, ports.values()))))
    return f"127.0.0.1:{next(iter(ports.values()))}, {program.name}{'' if new else ', already running'}"


def stop(name: str, by: signal.Signals | None = None) -> bool:
    # For Postgres, SIGINT ends the connections that functions still hold.
    stopped = processes.stop(name, by or (signal.SIGINT if name == "postgres" else signal.SIGTERM))
    if name == "emulator":
        shutil.rmtree(settings.STATE / "emulator/tmp", ignore_errors=True)  # the functions' unpacked code
    return stopped


def all_processes(name: str) -> list[int]:
    """Returns the process ids of the part and its children, such as the functions of the emulator."""
    pid = processes.running(name)
    return [pid, *(child for child, _ in processes.children(pid))] if pid else []


def functions() -> list[tuple[int, str]]:
    """Returns process id and name of the functions that run in this emulator."""
    emulator = processes.running("emulator")
    if not emulator:
        return []
    found = ((pid, re.search(r"\bAWS_LAMBDA_FUNCTION_NAME=(\S+)", line)) for pid, line in processes.children(emulator))
    return [(pid, name[1].removeprefix(f"{settings.STACK}-")) for pid, name in found if name]


def emulator_responds() -> bool:
    return get(f"http://{settings.EMULATOR}/_localstack/health")[0] == 200


def health() -> tuple[int, str]:
    """Returns the status and body of the API's health."""
    return get(f"http://{settings.EMULATOR}{settings.API_PATH}/v1/health")


def get(url: str) -> tuple[int, str]:
    """Returns the status and body of a GET, or status 0 without a response."""
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)
