"""The mail server's address, such as smtps://user:password@host: whether `send-email` will read in it what was meant."""

import re
import urllib.parse

# What is printed with each fault; the address itself is not, since it holds the password.
FORM = (
    "Write smtps://USER:PASSWORD@HOST, with USER and PASSWORD percent-encoded (/ is %2F, + is %2B): "
    "python3 -c 'import getpass, urllib.parse; print(urllib.parse.quote(getpass.getpass(), safe=str()))' encodes a password"
)
_TLS = ("", "tls=required", "tls=opportunistic")


def fault(address: str) -> str | None:
    """What is wrong with the address, without saying its password; nothing if it is right."""
    if re.search(r"[\s\x00-\x1f\x7f]", address):
        return "it holds a space or a line break"
    scheme, _, rest = address.partition("://")
    if scheme not in ("smtp", "smtps"):
        return "it does not begin with smtp:// or smtps://"
    if re.search(r"[/?#\[\]\\^`{|}<>\"]", rest.rpartition("@")[0]):
        return "its user or password holds a character that is not percent-encoded"
    if re.search(r"%(?![0-9A-Fa-f]{2})", address):
        return "a % in it is not followed by two hexadecimal digits"
    parts = urllib.parse.urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        return "its port is no number below 65536"
    if not host or port == 0:
        return "it names no host" if not host else "its port is 0"
    if bool(parts.username) != bool(parts.password):
        return "it has a user without a password, or a password without a user"
    if parts.path not in ("", "/") or parts.fragment or parts.query not in _TLS:
        return "after the host come other words than ?tls=required"
    return None
