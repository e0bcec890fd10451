"""Folders, ports, addresses, and the secrets, which are generated once and stored in the state folder.

The settings are environment variables that the Makefile sets, so that several copies can run at once.
"""

import dataclasses
import os
import secrets
from pathlib import Path

import keys  # in infra/

ROOT = Path(__file__).resolve().parent.parent

STACK = "taskbell"
CODE_BUCKET = "taskbell-code"
REPORTS_BUCKET = "taskbell-reports"
REGION = "us-east-1"
ADMIN_EMAIL = os.environ.get("ADMIN_EMAIL") or "admin@taskbell.example"

STATE = (ROOT / (os.environ.get("STATE") or ".local")).absolute()
TOOLS = (ROOT / (os.environ.get("TOOLS") or ".local")).absolute()
LOGS, RUN, SECRETS = STATE / "log", STATE / "run", STATE / "secrets"

PROFILE = os.environ.get("PROFILE") or "dev"
# A folder with zips; if unset, they are made from the binaries.
ZIPS = Path(os.environ["ZIPS"]) if os.environ.get("ZIPS") else None
TARGET = (ROOT / (os.environ.get("CARGO_TARGET_DIR") or "target")).absolute()
BINARIES = TARGET / ("debug" if PROFILE == "dev" else PROFILE)


def port(name: str, default: int) -> int:
    return int(os.environ.get(f"PORT_{name}") or default)


PORT_API = port("API", 4566)
PORT_POSTGRES = port("POSTGRES", 15432)
PORT_REDIS = port("REDIS", 16379)
PORT_MAIL = port("MAIL", 11080)
PORT_SMTP = port("SMTP", 11025)
PORT_WEB = port("WEB", 8080)

ENDPOINT = f"http://localhost:{PORT_API}"
# The API's id is the stack's name (a tag in infra/app.yaml), and its stage $default is not part of the path.
API_PATH = f"/_aws/execute-api/{STACK}"
API = f"{ENDPOINT}{API_PATH}"
WS = f"ws://localhost:{PORT_API}/_aws/execute-api/{STACK}-ws/live"
# The client's origin, which passes requests for the API on (web/Caddyfile).
WEB = f"http://localhost:{PORT_WEB}"
PUBLIC_URL = (os.environ.get("PUBLIC_URL") or WEB).rstrip("/")
# The folder where MailDev stores each e-mail in a file, and how many it keeps; 0 for all.
MAIL_FOLDER, MAX_MAILS = STATE / "mail", os.environ.get("MAX_MAILS") or "1000"
MAIL = f"http://localhost:{PORT_MAIL}"
REDIS_URL = f"redis://127.0.0.1:{PORT_REDIS}"
SMTP_URL = f"smtp://127.0.0.1:{PORT_SMTP}"
# The addresses of the emulator for these scripts, and of the parts for functions. They differ in containers
# (docker-compose.yml).
EMULATOR = os.environ.get("ADDRESS_EMULATOR") or f"localhost:{PORT_API}"
FUNCTIONS_ENDPOINT = os.environ.get("FUNCTIONS_ENDPOINT") or ENDPOINT
ADDRESS_POSTGRES = os.environ.get("ADDRESS_POSTGRES") or f"127.0.0.1:{PORT_POSTGRES}"
ADDRESS_REDIS = os.environ.get("ADDRESS_REDIS") or f"127.0.0.1:{PORT_REDIS}"
ADDRESS_SMTP = os.environ.get("ADDRESS_SMTP") or f"127.0.0.1:{PORT_SMTP}"
EVENTS_QUEUE_URL = f"{ENDPOINT}/000000000000/{STACK}-events"
EMAILS_QUEUE_URL = f"{ENDPOINT}/000000000000/{STACK}-emails"
REPORTS_QUEUE_URL = f"{ENDPOINT}/000000000000/{STACK}-reports"
CORS_ORIGINS = os.environ.get("CORS_ORIGINS") or "http://localhost:5173,http://localhost:3000"


@dataclasses.dataclass(frozen=True)
class Secrets:
    """The secrets of this copy."""

    database_password: str
    admin_password: str
    signing_key: str
    signing_key_id: str
    jwks: str
    unsubscribe_key: str
    refresh_key: str

    def database_url(self, address: str = f"127.0.0.1:{PORT_POSTGRES}") -> str:
        return f"postgres://taskbell:{self.database_password}@{address}/taskbell"


def load_secrets() -> Secrets:
    """Reads the secrets, and generates missing ones."""
    SECRETS.mkdir(parents=True, exist_ok=True)
    SECRETS.chmod(0o700)
    signing_key = _kept("jwt-signing-key.pem", keys.new_signing_key)
    return Secrets(
        database_password=_kept("database-password", lambda: secrets.token_urlsafe(24)),
        admin_password=os.environ.get("ADMIN_PASSWORD") or _kept("admin-password", lambda: secrets.token_hex(10)),
        signing_key=signing_key,
        signing_key_id=keys.key_id(signing_key),
        jwks=keys.jwks([signing_key]),
        unsubscribe_key=_kept("unsubscribe-key", lambda: secrets.token_urlsafe(32)),
        refresh_key=_kept("refresh-key", lambda: secrets.token_urlsafe(32)),
    )


def plain_environment() -> dict[str, str]:
    """Returns the part of the caller's environment that the parts and the functions get."""
    return {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}


def addresses() -> dict[str, str]:
    """Returns the addresses and credentials for scripts and tests."""
    known = load_secrets()
    return {
        "WEB": PUBLIC_URL,
        "API": API,
        "WS": WS,
        "MAIL": MAIL,
        "DATABASE_URL": known.database_url(),
        "REDIS_URL": REDIS_URL,
        "ADMIN_EMAIL": ADMIN_EMAIL,
        "ADMIN_PASSWORD": known.admin_password,
    }


def for_tests() -> dict[str, str]:
    """Returns what the tests need besides the addresses; localstack/test sets it."""
    return {
        "EVENTS_QUEUE_URL": EVENTS_QUEUE_URL,
        "EVENTS_DEAD_QUEUE_URL": f"{EVENTS_QUEUE_URL}-dead",
        "EMAILS_QUEUE_URL": EMAILS_QUEUE_URL,
        "EMAILS_DEAD_QUEUE_URL": f"{EMAILS_QUEUE_URL}-dead",
        "REPORTS_QUEUE_URL": REPORTS_QUEUE_URL,
        "REPORTS_DEAD_QUEUE_URL": f"{REPORTS_QUEUE_URL}-dead",
        "REPORTS_BUCKET": REPORTS_BUCKET,
        "MAIL_FOLDER": str(MAIL_FOLDER),
        "UNSUBSCRIBE_KEY": load_secrets().unsubscribe_key,
        "SMTP_URL": SMTP_URL,
        "AWS_ENDPOINT_URL": ENDPOINT,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def parameters(architecture: str) -> dict[str, str]:
    """Returns the parameters of infra/app.yaml and infra/http.yaml."""
    known = load_secrets()
    return {
        "CodeBucket": CODE_BUCKET,
        "ReportsBucket": REPORTS_BUCKET,
        "Architecture": architecture,
        "EndpointUrl": FUNCTIONS_ENDPOINT,
        "LogLevel": os.environ.get("LOG_LEVEL") or "INFO",
        "DatabaseUrl": known.database_url(ADDRESS_POSTGRES),
        "RedisUrl": f"redis://{ADDRESS_REDIS}",
        "SmtpUrl": os.environ.get("SMTP_URL") or f"smtp://{ADDRESS_SMTP}",
        "MailFrom": os.environ.get("MAIL_FROM") or "Taskbell <taskbell@example.com>",
        "AdminEmail": ADMIN_EMAIL,
        "AdminPassword": known.admin_password,
        "PublicUrl": PUBLIC_URL,
        "WebSocketUrl": f"{PUBLIC_URL.replace('http', 'ws', 1)}/live",
        "CorsOrigins": CORS_ORIGINS,
        "JwtJwks": known.jwks,
        "JwtSigningKey": known.signing_key,
        "JwtSigningKeyId": known.signing_key_id,
        "UnsubscribeKey": known.unsubscribe_key,
        "RefreshKey": known.refresh_key,
        "EmailGatherSeconds": os.environ.get("EMAIL_GATHER_SECONDS") or "60",
        "EmailRetrySeconds": os.environ.get("EMAIL_RETRY_SECONDS") or "60",
        # The emulator loses its queues when it stops.
        "ResendAfterSeconds": os.environ.get("RESEND_AFTER_SECONDS") or "120",
        # Tests log in concurrently, and no other function needs protection from that.
        "ConcurrencyColumn": "Nothing",
        # All callers have one address here, and a test run sends many requests.
        "RateLimitOpenPerMinute": os.environ.get("RATE_LIMIT_OPEN_PER_MINUTE") or "600",
        "RateLimitUserPerMinute": os.environ.get("RATE_LIMIT_USER_PER_MINUTE") or "6000",
    }


def _kept(name: str, make) -> str:
    path = SECRETS / name
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(make())
    return path.read_text()
