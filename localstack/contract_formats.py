"""Extends Schemathesis: valid values of Taskbell's formats (shared/src/domain/formats.rs), and unique keys for each request."""

import datetime
import re
import unicodedata
import uuid

import schemathesis
from hypothesis import strategies as st

# Fields of the formats line, text and password, which accept almost any text.
_FREE = {"title", "name", "description", "body", "labels", "email", "password", "new_password"}

_CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"])
# Visible, and unchanged by Unicode normalization.
_VISIBLE = st.characters(categories=["L", "N", "P", "S"], max_codepoint=0x24F)
_LINES = st.builds("{}{}".format, _VISIBLE, st.text(_CHARACTERS.filter(lambda c: c not in "\u2028\u2029")))
_DAYS = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
_RULES = st.one_of(
    st.builds(
        "FREQ={};INTERVAL={}".format, st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), st.integers(1, 5)
    ),
    st.builds(lambda days: f"FREQ=WEEKLY;BYDAY={','.join(days)}", _DAYS),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={};COUNT={}".format, st.integers(1, 31), st.integers(1, 99)),
)
_TIMES = st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(9999, 12, 30))

for name, values in {
    "line": _LINES,
    "name": _LINES.filter(lambda name: "://" not in name and "www." not in name.lower()),
    "email": st.emails(),
    "text": st.text(st.one_of(_CHARACTERS, st.sampled_from("\n\r\t"))),
    "password": st.text(_VISIBLE, min_size=10),
    "time-zone": st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]),
    "rrule": _RULES,
    "time-of-day": st.times().map("{:%H:%M}".format),
    "reminder-offset": st.builds("P{}DT{}H{}M".format, st.integers(0, 29), st.integers(0, 23), st.integers(1, 59)),
    "date-time": _TIMES.map("{:%Y-%m-%dT%H:%M:%SZ}".format),
}.items():
    schemathesis.openapi.format(name, values)


@schemathesis.deserializer("application/octet-stream")
def deserialize_file(context, response) -> str:
    """Returns the bytes of a file, which may be any."""
    return response.content.decode("latin-1")


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Replaces each valid Idempotency-Key by a unique one. A used key returns the first response again, even if that resource was
    deleted since, which looks as if a created resource were missing."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]([ -~]{0,253}[!-~])?", key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    """Returns whether it is a failure. Schemathesis cannot check these formats, and treats any text as invalid; a valid one is no failure."""
    mutations = getattr(case.meta.phase.data, "mutations", ()) if case.meta else ()
    good = bool(mutations) and all(
        change.keywords == ("format",) and change.path[0] in _FREE and _is_line(_at(case.body, change.path))
        for change in mutations
    )
    return not (good and type(failure).__name__ == "AcceptedNegativeData")


def _at(value, path):
    """Returns the value at a path, or None."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _is_line(value) -> bool:
    items = value if isinstance(value, list) else [value]
    return all(
        isinstance(item, str) and item.strip() and not any(unicodedata.category(c) == "Cc" for c in item)
        for item in items
    )
