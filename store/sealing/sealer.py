"""Encrypting secrets, each for its place, so that one cannot be moved to where another would be used."""

import hashlib
import hmac
from typing import TYPE_CHECKING

from clara.errors import Misconfigured
from store.sealing.keys import Keys

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_END = b"\0"
"""Between the place and the secret; no place holds it."""


class Sealer:
    """Authenticated encryption (Fernet: AES-128-CBC and HMAC-SHA256) with the newest of the keys.

    A place says what a secret is of, such as ``plugin/ID/USER/VARIABLE``. What was sealed for one place is not
    unsealed for another.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._made: tuple[tuple[str, ...], MultiFernet] | None = None

    def seal(self, secret: str, place: str) -> bytes:
        """Misconfigured where there is no key."""
        return self._fernet().encrypt(place.encode() + _END + secret.encode())

    def unseal(self, sealed: bytes, place: str) -> str:
        """Misconfigured where it was sealed with a key that is not known here."""
        from cryptography.fernet import InvalidToken

        try:
            found, _, secret = self._fernet().decrypt(sealed).partition(_END)
        except InvalidToken:
            raise Misconfigured(WRONG_KEY) from None
        if found != place.encode():
            raise Misconfigured("A secret in the database is not where it was kept. Somebody has moved it.")
        return secret.decode()

    def reseal(self, sealed: bytes) -> bytes:
        """The same, encrypted with the newest key. Misconfigured as ``unseal``."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().rotate(sealed)
        except InvalidToken:
            raise Misconfigured(WRONG_KEY) from None

    def signatures(self, text: str) -> list[str]:
        """What proves that a text comes from here, by each key in turn: to sign with is the first."""
        return [hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest() for key in self._keys.current()]

    def is_signed(self, text: str, signature: str) -> bool:
        return any(hmac.compare_digest(each, signature) for each in self.signatures(text))

    def _fernet(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet

        keys = self._keys.current()
        if self._made is None or self._made[0] != keys:
            self._made = keys, MultiFernet([Fernet(key) for key in keys])
        return self._made[1]


WRONG_KEY = (
    "CLARA_SECRET_KEY: a secret in the database was encrypted with another key than those that are set. Nothing is "
    "lost: put the former key back, behind the new one and a comma, or the former file secret_key in CLARA_HOME. "
    "Without it, the plugin or account has to be connected again."
)
