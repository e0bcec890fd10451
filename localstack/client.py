"""`make client`: generates a Python client from the OpenAPI document of the running system, and uses it.

Omissions and warnings of openapi-python-client are errors of the document. Responses that the client cannot read are errors of the API.
"""

import importlib
import importlib.util
import secrets
import shutil
import subprocess
import sys
from types import ModuleType

import settings
from console import Failure, step

_PACKAGE = "taskbell_client"
_FOLDER = settings.STATE / "client"


def client() -> None:
    with step("Generate a client") as this:
        _generate()
        this.note(f"{len(list((_FOLDER / _PACKAGE / 'api').glob('*/[a-z]*.py')))} operations")
    with step("Use the client") as this:
        this.note(_use())


def _generate() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    configuration = _FOLDER / "config.yaml"
    configuration.write_text("post_hooks: []\n")  # the generated code is not formatted
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--url", f"{settings.API}/v1/openapi.json"]
    command += ["--output-path", _FOLDER / _PACKAGE, "--meta", "none", "--config", configuration, "--fail-on-warning"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failure(
            "cannot generate a complete client from the OpenAPI document", (done.stdout + done.stderr)[-4000:]
        )


def _use() -> str:
    """Logs in, creates tasks, lists them page by page, and reads a problem. Returns a summary."""
    package = _load()
    models = importlib.import_module(f"{_PACKAGE}.models")

    def call(operation: str, caller, **arguments):
        return importlib.import_module(f"{_PACKAGE}.api.{operation}").sync(client=caller, **arguments)

    anonymous = package.Client(settings.API, raise_on_unexpected_status=True)
    email, password = f"client.{secrets.token_hex(8)}@example.com", secrets.token_urlsafe(12)
    new = models.Registration(email=email, password=password, name="Client")
    _expect(isinstance(call("accounts.register", anonymous, body=new), models.LoggedIn), "registration")
    logged_in = call("accounts.login", anonymous, body=models.Login(email=email, password=password))
    _expect(isinstance(logged_in, models.LoggedIn) and logged_in.user.email == email, f"log-in: {logged_in}")
    refused = call("accounts.login", anonymous, body=models.Login(email=email, password=secrets.token_urlsafe(12)))
    _expect(isinstance(refused, models.Problem) and refused.status == 401, f"wrong password: {refused}")

    person = package.AuthenticatedClient(settings.API, logged_in.access_token, raise_on_unexpected_status=True)
    titles = ["Größe: 山田 🎉", "Write", "Test"]
    for title in titles:
        task = call(
            "tasks.create_task",
            person,
            body=models.NewTask(title=title, priority=models.Priority.HIGH, labels=["client"]),
        )
        _expect(
            isinstance(task, models.Task) and task.title == title and task.status == models.Status.TODO,
            f"created: {task}",
        )
    listed, cursor = [], {}
    while True:
        page = call("tasks.list_tasks", person, label="client", sort="created_at", limit=2, **cursor)
        _expect(isinstance(page, models.PageTask), f"list: {page}")
        listed += [task.title for task in page.items]
        if not page.next_cursor:
            break
        cursor = {"cursor": page.next_cursor}
    _expect(listed == titles, f"listed: {listed}")

    wrong = call("tasks.create_task", person, body=models.NewTask(title="", labels=["a" * 41]))
    _expect(isinstance(wrong, models.Problem) and wrong.status == 422, f"invalid fields: {wrong}")
    pointers = {fault.pointer for fault in wrong.errors}
    _expect(
        pointers == {"/labels/0", "/title"} and all(fault.detail for fault in wrong.errors), f"errors: {wrong.errors}"
    )
    return f"logged in, created {len(titles)} tasks and listed them, got errors of {len(pointers)} fields"


def _load() -> ModuleType:
    """Imports the client's package from its folder."""
    folder = _FOLDER / _PACKAGE
    spec = importlib.util.spec_from_file_location(
        _PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[_PACKAGE] = module
    spec.loader.exec_module(module)
    return module


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise Failure(f"the generated client failed: {otherwise}")
