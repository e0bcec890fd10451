"""`make contract`: tests the running system against its OpenAPI document, as an administrator and as a user.

Schemathesis generates valid and invalid requests from the document, and compares each response with it: no 500, no undocumented
status, header, body or media type, no valid request rejected and no invalid one accepted, nothing accessible without a token.
schemathesis.toml configures it for this system.
"""

import json
import secrets
import string
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import settings
from console import Failure, step

_CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
_FORMATS = Path(__file__).with_name("contract_formats.py")


def contract(seconds: int) -> None:
    """Runs for this many seconds, half of them as each of the two users."""
    admin = _Client()
    admin.log_in(settings.ADMIN_EMAIL, settings.load_secrets().admin_password)
    for role in ("admin", "user"):
        with step(f"The contract, as {'an administrator' if role == 'admin' else 'a user'}") as this:
            caller = _Client()
            caller.register()
            this.note(_run(_world(admin, caller, role), seconds // 2, settings.LOGS / f"contract-{role}.log"))
            if admin.call("GET", f"/v1/users/{caller.id}")["role"] != role:
                raise Failure("the run removed its own role, so it tested little; exclude that in schemathesis.toml")
            admin.call("PATCH", f"/v1/users/{caller.id}", {"active": False})


def _run(world: dict[str, str], seconds: int, log: Path) -> str:
    """Runs Schemathesis and returns its last line."""
    configuration = log.with_suffix(".toml")
    configuration.write_text(string.Template(_CONFIGURATION.read_text()).substitute(world))
    command = [
        Path(sys.executable).with_name("schemathesis"),
        "--config-file",
        configuration,
        "run",
        f"{settings.API}/v1/openapi.json",
    ]
    command += ["--url", settings.API, "--max-time", str(seconds), "--no-color"]
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, stderr=output, cwd=log.parent)
    text = log.read_text()
    if done.returncode:
        raise Failure(f"the API does not match its document; see {log}", text[-6000:])
    return text.strip().splitlines()[-1].strip("= ")


def _world(admin: "_Client", caller: "_Client", role: str) -> dict[str, str]:
    """Creates users and resources for the caller to change and delete. Returns the variables of schemathesis.toml."""
    member, newcomer = _Client(), _Client()
    member.register()
    newcomer.register()
    admin.call("PATCH", f"/v1/users/{caller.id}", {"role": "manager"})
    projects = [
        caller.call("POST", "/v1/projects", {"key": f"C{secrets.token_hex(3).upper()}", "name": "Contract"})["id"]
        for _ in "ab"
    ]
    for project in projects:
        caller.call("PUT", f"/v1/projects/{project}/members/{member.id}")
    tasks = [caller.call("POST", "/v1/tasks", {"title": "Task", "project_id": project}) for project in projects]
    comments = [caller.call("POST", f"/v1/tasks/{task['id']}/comments", {"body": "Comment"})["id"] for task in tasks]
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    report = caller.call("POST", "/v1/reports", {"kind": "overdue", "format": "csv", **period})
    weekly = {"kind": "overdue", "format": "csv", "weekday": "monday", "at": "08:00"}
    subscription = caller.call("POST", "/v1/report-subscriptions", weekly)
    admin.call("PATCH", f"/v1/users/{caller.id}", {"role": role})
    return {
        "FORMATS": str(_FORMATS),
        "SEED": {"admin": "1", "user": "2"}[
            role
        ],  # different seeds: with the same one, the first run would use up the attempts of the second
        "EMAIL": caller.email,
        "PASSWORD": caller.password,
        "MEMBER": member.id,
        "NEWCOMER": newcomer.id,
        "PROJECT": projects[0],
        "SPARE_PROJECT": projects[1],
        "TASK": tasks[0]["id"],
        "TASK_KEY": tasks[0]["key"],
        "SPARE_TASK": tasks[1]["id"],
        "COMMENT": comments[0],
        "SPARE_COMMENT": comments[1],
        "REPORT": report["id"],
        "SUBSCRIPTION": subscription["id"],
    }


class _Client:
    """A client of the API."""

    def __init__(self) -> None:
        self.id = self.email = self.password = self.token = ""

    def register(self) -> None:
        self.email, self.password = f"contract.{secrets.token_hex(8)}@example.com", secrets.token_urlsafe(12)
        new = {"email": self.email, "password": self.password, "name": "Contract"}
        self._logged_in(self.call("POST", "/v1/auth/register", new))

    def log_in(self, email: str, password: str) -> None:
        self._logged_in(self.call("POST", "/v1/auth/login", {"email": email, "password": password}))

    def _logged_in(self, answer: dict) -> None:
        self.id, self.token = answer["user"]["id"], answer["access_token"]

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        request = urllib.request.Request(
            settings.API + path, json.dumps(body).encode() if body else None, headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return json.loads(answer.read() or "{}")
        except urllib.error.HTTPError as error:
            raise Failure(f"{method} {path} returns {error.code}", error.read().decode(errors="replace")) from error
        except OSError as error:
            raise Failure(f"the API at {settings.API} does not respond; run make up", str(error)) from error
