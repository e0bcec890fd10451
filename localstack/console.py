"""The output of the scripts: each step with its duration, and failures in one sentence."""

import contextlib
import sys
import time


class Failure(Exception):
    """Ends the command. The message is one sentence; `detail` is a log that explains it."""

    def __init__(self, message: str, detail: str = ""):
        super().__init__(message)
        self.detail = detail


class Step:
    """A line of progress; `note` sets its result."""

    def __init__(self) -> None:
        self.result = ""

    def note(self, text: str) -> None:
        self.result = text


@contextlib.contextmanager
def step(title: str):
    """Prints the title, then the duration and the result."""
    print(f"{title:<44}", end="", flush=True)
    started = time.monotonic()
    current = Step()
    try:
        yield current
    except BaseException:
        print("failed", flush=True)
        raise
    took = time.monotonic() - started
    print(f"{took:6.1f} s  {current.result}".rstrip(), flush=True)


def fail(error: Failure) -> None:
    """Prints a failure and ends the program."""
    sys.stdout.flush()
    if error.detail.strip():
        print(error.detail.rstrip(), file=sys.stderr)
        print(file=sys.stderr)
    sys.exit(f"error: {error}")


def wait_until(what, seconds: float, pause: float = 0.05):
    """Calls `what` until it returns something true, and returns that; returns None after the timeout."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := what():
            return answer
        if time.monotonic() > deadline:
            return None
        time.sleep(pause)
