"""The commands behind the Makefile."""

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import install
import parts
import processes
import settings
import web
from console import Failure, fail, step


def main() -> None:
    arguments = vars(parser().parse_args())
    arguments.pop("call")(**arguments)


def parser() -> argparse.ArgumentParser:
    """The commands with their arguments."""
    parser = argparse.ArgumentParser(
        prog="localstack/local", description="The commands behind the Makefile. `make` lists those."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Callable, help: str) -> argparse.ArgumentParser:
        """Adds a sub-command, which calls `function` with its arguments."""
        added = commands.add_parser(name, help=help, description=help)
        added.set_defaults(call=function)
        return added

    part = {"choices": list(parts.NAMES), "metavar": "PART", "help": ", ".join(parts.NAMES)}
    command("up", up, "start everything, build, deploy and migrate")
    command("down", down, "stop everything")
    command("reset", reset, "stop everything and delete all data")
    command("deploy", deploy, "deploy and migrate; the parts already run").add_argument(
        "--keep", action="store_true", help="go on, and deploy again whenever the emulator has restarted"
    )
    command("start", start, "start one part").add_argument("name", **part)
    stopping = command("stop", stop, "stop one part")
    stopping.add_argument("name", **part)
    stopping.add_argument(
        "by", nargs="?", choices=[one.name.removeprefix("SIG") for one in signal.Signals], metavar="SIGNAL"
    )
    command("processes", list_processes, "print the process ids of a part").add_argument("name", **part)
    command("functions", list_functions, "print running functions and their process ids")
    command("status", status, "show what runs")
    command("logs", logs, "print the logs of all functions, or of one").add_argument("function", nargs="?", default="")
    command("redrive", redrive, "move dead letters back to their queues, or to one queue").add_argument(
        "queue", nargs="?", default=""
    )
    command("tick", tick, "run a scheduled job, or list all").add_argument("job", nargs="?", default="")
    command("listen", listen, "print a user's notifications")
    command(
        "web",
        use_web,
        "work on the client: run its development server, check, test or measure it, or generate types",
    ).add_argument("action", nargs="?", choices=["develop", "check", "test", "measure", "generate"], default="develop")
    command("addresses", addresses, "print addresses, for scripts")
    command("test-environment", test_environment, "print the environment of the tests")
    command("redis-server", redis_server, "print the path of the Redis server, which is downloaded if it is missing")
    command("secrets", secrets, "generate missing secrets")
    command("rehearse", rehearse, "rehearse a deployment to AWS on the emulator")
    command("contract", contract, "test the running system against its OpenAPI document").add_argument(
        "seconds", nargs="?", type=int, default=60
    )
    command("client", client, "generate a client from the OpenAPI document and use it")
    command("lint-infra", lint_infra, "check the templates, the scripts and the documentation").add_argument(
        "arguments", nargs="*"
    )
    command("format", format_scripts, "format the scripts of localstack/ and infra/")
    command("lint-document", lint_document, "check the OpenAPI document")
    command("package", package, "build and zip the functions for AWS")
    staging = command("stage", stage, "run infra/stage.py, which deploys to AWS")
    staging.add_argument("command")
    staging.add_argument("name", nargs="?", default="")
    staging.add_argument("arguments", nargs=argparse.REMAINDER)
    command("venv", lambda: None, "create the virtual environment")

    return parser


def up() -> None:
    import up

    with alone():
        up.up()


def deploy(keep: bool = False) -> None:
    import up

    up.keep_installed() if keep else up.install(time.monotonic())


def use_web(action: str) -> None:
    actions = {
        "develop": web.develop,
        "check": web.check,
        "test": web.test_in_browser,
        "measure": web.measure,
        "generate": web.generate,
    }
    actions[action]()


def secrets() -> None:
    settings.load_secrets()
    print(f"The secrets are in {settings.SECRETS}.")


def addresses() -> None:
    for key, value in settings.addresses().items():
        print(f"{key}={value}")


def test_environment() -> None:
    plain = ("WEB", "API", "WS", "MAIL", "MAIL_FOLDER", "ADMIN_EMAIL", "ADMIN_PASSWORD", "REPORTS_BUCKET")
    for key, value in {**settings.addresses(), **settings.for_tests()}.items():
        ours = key.endswith("_QUEUE_URL") or key in plain
        print(f"{'TASKBELL_' if ours else ''}{key}={value}")


def redis_server() -> None:
    with contextlib.redirect_stdout(sys.stderr):  # the steps of the download
        path = install.redis().command[0]
    print(path)


def list_functions() -> None:
    for pid, name in parts.functions():
        print(pid, name)


def list_processes(name: str) -> None:
    print(*parts.all_processes(name), sep="\n")


def rehearse() -> None:
    import rehearse

    _emulator()
    rehearse.rehearse()


def contract(seconds: int) -> None:
    import contract

    contract.contract(seconds)


def listen() -> None:
    import listen

    listen.listen()


def client() -> None:
    import client

    client.client()


@contextlib.contextmanager
def alone():
    """Locks this copy, so that only one command starts and stops its parts."""
    settings.STATE.mkdir(parents=True, exist_ok=True)
    with (settings.STATE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another up, down or reset runs in {settings.STATE}; wait until it ends") from None
        yield


def down() -> None:
    with alone():
        _down()


def _down() -> None:
    for name in reversed(parts.NAMES):
        if processes.running(name):
            with step(f"Stop {name}"):
                parts.stop(name)
        else:
            parts.stop(name)


def stop(name: str, by: str | None) -> None:
    """Stops one part: as `down` does, or with a signal, as in `stop redis KILL`."""
    with step(f"Stop {parts.NAMES[name]}"):
        parts.stop(name, signal.Signals[f"SIG{by}"] if by else None)


def start(name: str) -> None:
    """Starts one part again. The emulator restarts empty, so everything is deployed again."""
    parts.start(name)
    if name == "emulator":
        deploy()


def status() -> None:
    for name in parts.NAMES:
        pid = processes.running(name)
        print(f"{name:<10} {f'runs as process {pid}: {processes.program(name)}' if pid else 'does not run'}")
    code, body = parts.health()
    print(f"{'API':<10} {f'returns {code}: {body}' if code else 'does not respond'}")
    if not code:
        sys.exit(1)


def logs(function: str) -> None:
    """Prints the log of one function; without a name, the last lines of all functions."""
    _emulator()
    import templates  # in infra/
    from deploy import DeploymentFailed
    from up import deployment

    target = deployment()
    try:
        if function:
            print(target.log(function, since=1, lines=500) or f"{function} has not been called since `make up`.")
            return
        for name in templates.functions():
            if text := target.log(name, since=1, lines=3):
                print(f"== {name}\n{text}")
    except DeploymentFailed as error:
        raise Failure(str(error)) from error
    print(f"\nOne function: make logs F=login. The parts' own logs: {settings.LOGS}/")


def redrive(queue: str) -> None:
    """Moves the messages of all dead-letter queues back, or those of one queue."""
    _emulator()
    import redrive as back  # in infra/
    from up import deployment

    try:
        back.redrive(deployment(), queue)
    except back.RedriveFailed as error:
        raise Failure(str(error)) from error


def tick(job: str) -> None:
    """Runs a scheduled job now and prints its result; without a name, lists all jobs."""
    import templates

    jobs = templates.CORE.jobs()
    if not job:
        for name, schedule in jobs.items():
            print(f"{name:<20} {schedule}")
        print("\nRun one now: make tick J=clean-up")
        return
    if job not in jobs:
        raise Failure(f"there is no job {job}; the jobs are {', '.join(jobs)}")
    _emulator()
    from up import deploy, deployment

    try:
        with step(f"Run {job}") as this:
            this.note(deployment().invoke(f"{settings.STACK}-{job}"))
    except deploy.DeploymentFailed as error:
        raise Failure(str(error), error.log) from error


def reset() -> None:
    """Stops everything and deletes all data of this copy; downloaded programs stay."""
    with alone():
        _down()
        _delete()


def _delete() -> None:
    database = settings.STATE / "postgres"
    if database.is_symlink():
        shutil.rmtree(database.resolve(), ignore_errors=True)
        database.unlink()
        print(f"deleted {database}, which was in /var/tmp")
    for name in ("postgres", "redis", "mail", "emulator", "web", "zips", "secrets", "log", "run"):
        folder = settings.STATE / name
        if folder.exists():
            shutil.rmtree(folder)
            print(f"deleted {folder}")


def _emulator() -> None:
    """Fails unless the emulator responds, wherever it runs."""
    if not parts.emulator_responds():
        raise Failure(f"the emulator at {settings.EMULATOR} does not respond; run make up")


def lint_infra(arguments: list[str]) -> None:
    """Checks the templates, the scripts and the documentation."""
    tests = ["-m", "unittest", "discover", "--quiet"]
    ruff = [["-m", "ruff", "check", "--quiet"], ["-m", "ruff", "format", "--check", "--quiet"]]
    checks = [(".", words) for words in ruff] + [
        ("infra", ["lint.py", *arguments]),
        ("infra", tests),
        ("localstack", tests),
    ]
    # The tests of infra/ compare it with localstack/.
    environment = {**os.environ, "PYTHONPATH": f"{settings.ROOT / 'infra'}:{settings.ROOT / 'localstack'}"}
    for folder, words in checks:
        if subprocess.run([sys.executable, *words], cwd=settings.ROOT / folder, env=environment).returncode:
            sys.exit(1)


def format_scripts() -> None:
    for words in (["check", "--fix"], ["format"]):
        if subprocess.run([sys.executable, "-m", "ruff", *words, "--quiet"], cwd=settings.ROOT).returncode:
            sys.exit(1)


def lint_document() -> None:
    """Checks the OpenAPI document with two third-party tools, offline."""
    import install

    document = settings.ROOT / "functions/http/openapi.json"
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    redocly = [
        *install.redocly().command,
        "lint",
        "--config",
        settings.ROOT / "localstack/redocly.yaml",
        "--max-problems",
        "20",
        document,
    ]
    for command in ([sys.executable, "-m", "openapi_spec_validator", document], redocly):
        done = subprocess.run(command, env={**os.environ, **quiet}, capture_output=True, text=True)
        if done.returncode:
            raise Failure(
                "functions/http/openapi.json is not a valid OpenAPI document", (done.stdout + done.stderr)[-4000:]
            )
    print("functions/http/openapi.json is valid (openapi-spec-validator, Redocly)")


def stage(command: str, name: str, arguments: list[str]) -> None:
    """Runs infra/stage.py."""
    if not name:
        raise Failure(f"the stage is missing: make {command} STAGE=staging")
    packaged = []
    if command == "deploy":
        web.build()
        packaged = [zips_folder(), architecture()]
    sys.exit(
        subprocess.run(
            [sys.executable, settings.ROOT / "infra/stage.py", command, name, *packaged, *arguments]
        ).returncode
    )


def architecture() -> str:
    """Returns the architecture that `package` builds for and `stage deploy` deploys: ARCH."""
    import package as zips

    name = os.environ.get("ARCH") or "arm64"
    if name not in zips.ARCHITECTURES:
        raise Failure(f"ARCH is {name}; it must be {' or '.join(zips.ARCHITECTURES)}")
    return name


def zips_folder() -> Path:
    return settings.TARGET / f"package/zips-{architecture()}"


def package() -> None:
    """Builds release binaries for Lambda, and zips each for infra/deploy.py."""
    import package as zips
    import templates

    target, zipped = settings.TARGET / "package", zips_folder()
    built = target / f"lambda-{architecture()}"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [
        "cargo-lambda",
        "lambda",
        "build",
        "--workspace",
        "--bins",
        "--release",
        f"--{architecture()}",
        "--lambda-dir",
        built,
    ]
    done = subprocess.run(command, cwd=settings.ROOT, env={**os.environ, "PATH": path, "CARGO_TARGET_DIR": str(target)})
    if done.returncode:
        raise Failure("cannot build the functions; see the compiler output above")
    with step("Zip") as this:
        try:
            made, _ = zips.package(templates.functions(), built, zipped)
        except zips.MissingBinary as error:
            raise Failure(str(error)) from error
        this.note(f"{zips.summary(made)}, in {zipped}")


if __name__ == "__main__":
    try:
        main()
    except Failure as error:
        fail(error)
    except KeyboardInterrupt:
        sys.exit("\nstopped")
    except BrokenPipeError:
        sys.stderr.close()
