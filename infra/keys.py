"""The secrets of a stage, from AWS Secrets Manager, as parameters of the application. infra/data.yaml generates them, except the
signing keys of access tokens.

The newest signing key signs; the previous one stays in the JWKS, so that its tokens are valid until they expire.
"""

import base64
import hashlib
import json
import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# The number of stored signing keys: the current and the previous one.
_KEPT = 2


class Keys:
    """The secrets of one stage; `outputs` of its data stack have their ids."""

    def __init__(self, client, outputs: dict[str, str]):
        self._client, self._outputs = client, outputs

    def parameters(self) -> dict[str, str]:
        """Returns the parameters of the application for data stores and secrets."""
        signing = self._signing()
        database, cache = self.password("DatabaseSecret"), self.password("CacheSecret")
        return {
            "DatabaseUrl": f"postgres://taskbell:{database}@{self._address('Database')}/taskbell?sslmode=require",
            "RedisUrl": f"rediss://functions:{cache}@{self._address('Cache')}",
            "SmtpUrl": self.smtp(),
            "AdminPassword": self.password("AdministratorSecret"),
            "UnsubscribeKey": self.password("UnsubscribeSecret"),
            "RefreshKey": self.password("RefreshSecret"),
            "OriginSecret": self.password("OriginSecret"),
            "JwtSigningKey": signing[0],
            "JwtSigningKeyId": key_id(signing[0]),
            "JwtJwks": jwks(signing),
        }

    def smtp(self) -> str:
        return self._read("SmtpSecret")

    def password(self, secret: str) -> str:
        return json.loads(self._read(secret))["password"]

    def new_signing_key(self) -> None:
        """Adds a new signing key, which is used from the next deployment on."""
        self._write("SigningSecret", json.dumps([new_signing_key(), *self._kept()][:_KEPT]))

    def new_password(self, secret: str) -> str:
        """Stores a new password and returns it."""
        password = secrets.token_hex(20)
        self._write(secret, json.dumps({"password": password}))
        return password

    def _address(self, store: str) -> str:
        return f"{self._outputs[f'{store}Host']}:{self._outputs[f'{store}Port']}"

    def _signing(self) -> list[str]:
        if not (keys := self._kept()):
            self.new_signing_key()
            keys = self._kept()
        return keys

    def _kept(self) -> list[str]:
        return json.loads(self._read("SigningSecret"))

    def _read(self, secret: str) -> str:
        return self._client.get_secret_value(SecretId=self._outputs[secret])["SecretString"]

    def _write(self, secret: str, text: str) -> None:
        self._client.put_secret_value(SecretId=self._outputs[secret], SecretString=text)


def new_signing_key() -> str:
    """Returns a new Ed25519 private key, as PEM."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Ed25519PrivateKey.generate().private_bytes(*form).decode()


def key_id(pem: str) -> str:
    """Returns the thumbprint of RFC 7638: the hash of the required members, in this order, without spaces."""
    return _base64url(hashlib.sha256(json.dumps(_public(pem), separators=(",", ":")).encode()).digest())


def jwks(pems: list[str]) -> str:
    """Returns the JWKS document that verifies signatures of these keys."""
    keys = [{**_public(pem), "kid": key_id(pem), "alg": "EdDSA", "use": "sig"} for pem in pems]
    return json.dumps({"keys": keys}, separators=(",", ":"))


def _public(pem: str) -> dict[str, str]:
    key = serialization.load_pem_private_key(pem.encode(), password=None).public_key()
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"crv": "Ed25519", "kty": "OKP", "x": _base64url(raw)}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
