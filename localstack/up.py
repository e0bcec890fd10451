"""`make up`: starts the parts, builds, deploys and migrates, and prints the addresses. It can be run again at any time.

In containers (docker-compose.yml) the parts already run and the functions are built; `install` does the rest.
"""

import contextlib
import json
import os
import platform
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import botocore.exceptions

import deploy  # in infra/
import package
import parts
import settings
import templates
import web
from application import Application
from console import Failure, step, wait_until
from install import toolchain

# The zips whose functions have started once.
_STARTED = settings.STATE / "zips/started.json"
# The same as in infra/app.yaml, except for the origins; a test compares them.
CORS = {
    "AllowMethods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
    "AllowHeaders": ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id"],
    "ExposeHeaders": ["etag", "location", "retry-after", "www-authenticate", "x-request-id"],
    "MaxAge": 3600,
}


def application(name: str = settings.STACK) -> Application:
    """Returns the two stacks of the application with this name."""
    return Application(deployment(name), deployment(f"{name}-http"))


def deployment(name: str = settings.STACK, bucket: str = settings.CODE_BUCKET) -> deploy.Deployment:
    session = boto3.Session("test", "test", region_name=settings.REGION)
    return deploy.Deployment(name, bucket, session, f"http://{settings.EMULATOR}")


def up() -> None:
    started = time.monotonic()
    settings.load_secrets()
    if not os.environ.get("SKIP_BUILD"):
        toolchain()
        web.build()
    for name in parts.NAMES:
        parts.start(name)
    build()
    install(started)


def install(started: float) -> None:
    """Deploys and migrates, waits until the API responds, and prints the addresses."""
    _deploy()
    with step("Wait for the API"):
        _wait_for_health()

    known = settings.load_secrets()
    print(f"\nTaskbell is up after {time.monotonic() - started:.1f} s.\n")
    for title, value in (
        ("Taskbell", settings.PUBLIC_URL),
        ("API", settings.API),
        ("API reference", f"{settings.PUBLIC_URL}/docs"),
        ("Mail", settings.MAIL),
        ("Administrator", f"{settings.ADMIN_EMAIL} with the password {known.admin_password}"),
    ):
        print(f"  {title:<14} {value}")


def keep_installed() -> None:
    """Deploys, and deploys again whenever the emulator has lost the application, as it does when it restarts.

    There is a file `deployed` in the state folder from the end of a deployment until the loss is noticed.
    """
    endpoints = application().http
    deployed = settings.STATE / "deployed"
    while True:
        deployed.unlink(missing_ok=True)
        started = time.monotonic()
        with step("Wait for the emulator"):
            if not wait_until(parts.emulator_responds, 120, pause=1):
                raise Failure(f"the emulator at {settings.EMULATOR} does not respond")
        install(started)
        deployed.touch()
        while not _is_lost(endpoints):
            time.sleep(5)
        print("\nThe emulator has restarted.\n")


def _is_lost(stack: deploy.Deployment) -> bool:
    try:
        return stack.status() is None
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):  # it is stopped, or not ready
        return False


def build() -> None:
    """Builds every binary of the workspace. Cargo itself says on the terminal what it is doing."""
    if os.environ.get("SKIP_BUILD"):
        return
    print(f"Build ({settings.PROFILE})", flush=True)
    command = ["cargo", "build", "--workspace", "--bins", "--profile", settings.PROFILE]
    done = subprocess.run(command, cwd=settings.ROOT, env={**os.environ, "CARGO_TARGET_DIR": str(settings.TARGET)})
    if done.returncode:
        raise Failure("the functions could not be built; the compiler says why above")


def _deploy() -> None:
    names, known = templates.functions(), settings.parameters(architecture())
    both = application()
    target = both.core
    try:
        zips = finished_zips(names)
        with step("Deploy") as this:
            for bucket in (settings.CODE_BUCKET, settings.REPORTS_BUCKET):
                # MiniStack 1.5.33 reports a bucket that it kept across a restart as existing.
                with contextlib.suppress(target.s3.exceptions.BucketAlreadyOwnedByYou):
                    target.s3.create_bucket(Bucket=bucket)
            if both.is_single():
                target.delete()
            uploaded = target.upload(zips)
            done = both.deploy_core(zips, known)
            _allow_origins(target)
            this.note(f"core {done}, {uploaded} functions uploaded")
        with step("Migrate") as this:
            this.note(target.migrate()[:100])
        with step("Deploy the endpoints") as this:
            endpoints = both.deploy_http(zips, known)
            target.keep_only(zips)
            this.note(f"endpoints {endpoints}")
        if "created" in (done, endpoints):
            _STARTED.unlink(missing_ok=True)
        started = json.loads(_STARTED.read_text()) if _STARTED.exists() else {}
        new = [name for name in names if started.get(name) != zips[name].name and name != "migrate"]
        if new:
            with step("Start") as this:
                _start(target, new)
                this.note(_count(new, names))
        _STARTED.parent.mkdir(parents=True, exist_ok=True)
        _STARTED.write_text(json.dumps({name: path.name for name, path in zips.items()}))
    except deploy.DeploymentFailed as error:
        raise Failure(str(error), error.log) from error
    except package.MissingBinary as error:
        raise Failure(str(error)) from error


def finished_zips(names: list[str]) -> dict[str, Path]:
    """Returns the zip of each function, and makes missing ones."""
    if settings.ZIPS:
        return package.packaged(names, settings.ZIPS)
    with step("Zip") as this:
        zips, made = package.package(names, settings.BINARIES, settings.STATE / "zips", level=1)
        this.note(_count(made, names))
    return zips


def architecture() -> str:
    """Returns AWS's name of this machine's architecture."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def _allow_origins(target: deploy.Deployment) -> None:
    """Sets CORS by a call, because MiniStack 1.5.33 reads the settings of a template under wrong names."""
    cors = {"AllowOrigins": settings.CORS_ORIGINS.split(","), **CORS}
    target.client("apigatewayv2").update_api(ApiId=settings.STACK, CorsConfiguration=cors)


def _start(target: deploy.Deployment, names: list[str]) -> None:
    """Starts each function once with an empty event, to find functions that cannot start."""
    http = {"method": "GET", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "make up"}
    context = {"requestId": "make-up", "stage": "$default", "routeKey": "$default", "timeEpoch": 0}
    plain = {"headers": {}, "isBase64Encoded": False}
    call = {
        **plain,
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "requestContext": {**context, "http": http},
    }
    socket = {**plain, "requestContext": {**context, "eventType": "DISCONNECT", "connectionId": "make-up"}}
    functions = target.client("lambda")

    def fault(name: str) -> str | None:
        event = {**(socket if name.startswith("ws-") else call), "Records": []}
        answer = functions.invoke(FunctionName=f"{settings.STACK}-{name}", Payload=json.dumps(event).encode())
        body = answer["Payload"].read().decode()
        if answer.get("FunctionError") and ("Runtime." in body or "init" in body):
            return f"the function {name} cannot start: {_message(body)}"
        return None

    with ThreadPoolExecutor(8) as pool:
        for name, message in zip(names, pool.map(fault, names), strict=True):
            if message:
                raise Failure(message, target.log(name))


def _wait_for_health() -> None:
    last = (0, "")

    def healthy() -> bool:
        nonlocal last
        last = parts.health()
        return last[0] == 200

    if not wait_until(healthy, 20, pause=0.5):
        log = deployment().log("get-health")
        raise Failure(f"GET {settings.API}/v1/health returns {last[0]}: {last[1][:500]}", log)


def _message(body: str) -> str:
    try:
        return str(json.loads(body)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return body[:1000]


def _count(some: list[str], every: list[str]) -> str:
    return f"{len(some)} functions" if len(some) in (0, len(every)) or len(some) > 4 else ", ".join(some)
