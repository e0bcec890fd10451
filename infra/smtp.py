"""Validates the address of the mail server, such as smtps://user:password@host, as `send-email` will parse it."""

import re
import urllib.parse

# Printed with each error. The address itself is not printed, because it contains the password.
FORM = (
    "Write smtps://USER:PASSWORD@HOST, with USER and PASSWORD percent-encoded (/ is %2F, + is %2B): "
    "python3 -c 'import getpass, urllib.parse; print(urllib.parse.quote(getpass.getpass(), safe=str()))' encodes a password"
)
_TLS = ("", "tls=required", "tls=opportunistic")


def fault(address: str) -> str | None:
    """Returns the error of an address, without its password, or None if it is valid."""
    if re.search(r"[\s\x00-\x1f\x7f]", address):
        return "it contains a space or a line break"
    scheme, _, rest = address.partition("://")
    if scheme not in ("smtp", "smtps"):
        return "it does not begin with smtp:// or smtps://"
    if re.search(r"[/?#\[\]\\^`{|}<>\"]", rest.rpartition("@")[0]):
        return "its user or password contains a character that is not percent-encoded"
    if re.search(r"%(?![0-9A-Fa-f]{2})", address):
        return "a % in it is not followed by two hexadecimal digits"
    parts = urllib.parse.urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        return "its port is not a number below 65536"
    if not host or port == 0:
        return "it has no host" if not host else "its port is 0"
    if bool(parts.username) != bool(parts.password):
        return "it has a user without a password, or a password without a user"
    if parts.path not in ("", "/") or parts.fragment or parts.query not in _TLS:
        return "only ?tls=required may follow the host"
    return None
