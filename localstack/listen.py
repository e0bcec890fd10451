"""`make listen`: logs in, opens a WebSocket, and prints a line for each message, until Ctrl-C.

After a drop it reconnects with a new ticket, and resumes after the last notification and the last change.
"""

import contextlib
import getpass
import json
import os
import sys
import time
import urllib.error
import urllib.request

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

import settings
from console import Failure

_PING_SECONDS = 300  # API Gateway closes idle connections after ten minutes


class Unavailable(Exception):
    """The API does not respond, or has failed."""


def listen() -> None:
    """Reads the environment variables U, P, OPEN and SINCE."""
    email, since = os.environ.get("U", ""), os.environ.get("SINCE", "")
    if not email:
        raise Failure("the user is missing: make listen U=ann@example.com")
    if since and not since.isdecimal():
        raise Failure(f"SINCE is the seq of a notification, or 0 for all, not {since}")
    try:
        Listener(email, _password(email), int(since) if since else None, os.environ.get("OPEN", "")).run()
    except Unavailable as error:
        raise Failure(f"{settings.API} does not respond ({error}); start the system with make up") from error
    except KeyboardInterrupt:
        print(file=sys.stderr)  # below the terminal's ^C


class Numbers:
    """Which of the numbers from 1 on have been received."""

    def __init__(self, last: int):
        # Everything up to `last` was received, and `ahead` are later ones that arrived out of order.
        self.last, self._ahead = last, set()

    def add(self, number: int) -> bool:
        """Returns whether the number is new."""
        if number <= self.last or number in self._ahead:
            return False
        self._ahead.add(number)
        while self.last + 1 in self._ahead:
            self.last += 1
            self._ahead.remove(self.last)
        return True


class Listener:
    """One user's session and the notifications received."""

    def __init__(self, email: str, password: str, since: int | None, project: str):
        log_in = {"email": email, "password": password}
        self._tokens = _checked(*_call("POST", "/v1/auth/login", log_in), f"{email} cannot log in")
        if since is None:
            items = _checked(*self._authorized("GET", "/v1/notifications?limit=1"), "cannot read the notifications")[
                "items"
            ]
            since = items[0]["seq"] if items else 0
        self._notifications, self._project = Numbers(since), project
        self._changes: Numbers | None = None  # from when the project is open

    def run(self) -> None:
        """Prints messages. Ends only with an exception."""
        url, pause = self._ticket(), 0.5
        while True:
            try:
                with connect(url, proxy=None, close_timeout=1) as socket:
                    pause = 0.5
                    self._resume(socket)
                    self._read(socket)
            except (OSError, WebSocketException) as error:
                print(f"disconnected ({error}); reconnecting", file=sys.stderr, flush=True)
            url = None
            while not url:
                time.sleep(pause)
                pause = min(pause * 2, 15)
                with contextlib.suppress(Unavailable):
                    url = self._ticket()

    def _read(self, socket: ClientConnection) -> None:
        ping_at = time.monotonic() + _PING_SECONDS
        while True:
            try:
                message = socket.recv(max(ping_at - time.monotonic(), 0))
            except TimeoutError:
                self._resume(socket)  # keeps it open, and gets what was not pushed
                ping_at = time.monotonic() + _PING_SECONDS
                continue
            kind = (frame := json.loads(message)).pop("type", "?")
            if kind == "notification":
                told = frame["notification"]
                if self._notifications.add(frame["seq"]):
                    text = " — ".join(filter(None, (told["title"], told["body"])))
                    _print(kind, f"#{frame['seq']} {told['kind']}: {text}")
            elif kind != "pong" and self._is_new(frame):
                _print(kind, json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
            if kind == "opened" and self._changes is None:
                self._changes = Numbers(frame["last"])
            if kind == "error" and frame["status"] == 410:
                self._changes = None  # what was missed is no longer kept
            if frame.get("more") or (kind == "error" and frame["status"] == 410):
                self._resume(socket)

    def _is_new(self, frame: dict) -> bool:
        return "n" not in frame or self._changes is None or self._changes.add(frame["n"])

    def _resume(self, socket: ClientConnection) -> None:
        _send(socket, action="resume", since=self._notifications.last)
        if self._project:
            since = {} if self._changes is None else {"since": self._changes.last}
            _send(socket, action="open", project_id=self._project, **since)

    def _ticket(self) -> str:
        """Returns the URL of one connection."""
        return _checked(*self._authorized("POST", "/v1/realtime/tickets"), "cannot get a ticket for the WebSocket")[
            "url"
        ]

    def _authorized(self, method: str, path: str) -> tuple[int, dict]:
        answer = _call(method, path, token=self._tokens["access_token"])
        if answer[0] == 401:  # the access token has expired
            refreshed = _call("POST", "/v1/auth/refresh", {"refresh_token": self._tokens["refresh_token"]})
            self._tokens = _checked(*refreshed, "the session has ended")
            answer = _call(method, path, token=self._tokens["access_token"])
        return answer


def _password(email: str) -> str:
    try:
        return os.environ.get("P") or getpass.getpass(f"Password of {email}: ")
    except EOFError:
        raise Failure("no terminal to ask for the password; set P=…") from None


def _call(method: str, path: str, body: dict | None = None, token: str = "") -> tuple[int, dict]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = json.dumps(body).encode() if body else None
    try:
        with urllib.request.urlopen(
            urllib.request.Request(settings.API + path, data, headers, method=method), timeout=15
        ) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code >= 500:
            raise Unavailable(f"{error.code} to {method} {path}") from error
        with error, contextlib.suppress(ValueError):
            return error.code, json.load(error)
        return error.code, {}
    except (OSError, ValueError) as error:
        raise Unavailable(getattr(error, "reason", error)) from error


def _checked(status: int, body: dict, otherwise: str) -> dict:
    if status >= 300:
        raise Failure(f"{otherwise}: {body.get('detail') or body.get('title') or f'the API returns {status}'}")
    return body


def _send(socket: ClientConnection, **message) -> None:
    socket.send(json.dumps(message))


def _print(kind: str, text: str) -> None:
    """Prints one line without control characters, and flushes it for scripts."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    print(f"{time.strftime('%H:%M:%S')} {kind:<12} {text}", flush=True)
