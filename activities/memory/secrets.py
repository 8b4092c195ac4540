"""Whether a text holds what is never kept: passwords, keys of services, numbers of cards and accounts.

Keys are found by the detectors of detect-secrets, numbers by their checksums (python-stdnum), and
passwords told in prose by ``clara.memory.secrets``.
"""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from clara.memory import secrets

_SKIPPED = {"high_entropy_strings", "ip_public"}
"""An address is no secret; entropy is asked below, of single words and not of quoted strings."""

_DIGITS = re.compile(r"(?<![\w.])(?:\d[ .\u2010-\u2015\u2212-]?){10,18}\d(?!\w)")
_ACCOUNT = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?!\w)")
_COMPACT = re.compile(r"(?<!\w)[A-Za-z0-9][A-Za-z0-9.-]{6,16}[A-Za-z0-9](?!\w)")
_NUMBERS = (
    (r"\d ?\d\d ?\d\d ?\d\d ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    (r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    (r"\d{4}[ -]\d{4}[ -]\d{4}", "in_.aadhaar"),
    (r"[A-Za-z0-9]{16}", "it.codicefiscale"),
    (r"\d{8}-?[A-Za-z]", "es.dni"),
    (r"\d{3}-\d{2}-\d{4}", "us.ssn"),
)
"""Numbers of people, by their shape and their checksum."""

_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{16,}")
_MIXED = re.compile(r"(?=[^-_]*\d)(?=[^-_]*[A-Za-z])[^-_]{8,}")
ENTROPY = 3.5
"""Bits a letter, above which a long word of letters and digits is taken for a key; names are below."""


def holds_secret(text: str) -> bool:
    """Whether ``text`` looks like it tells a secret, also where it is written wide or with invisible letters."""
    plain = secrets.fold(text)
    return secrets.tells(plain) or _is_numbered(plain) or _is_key(plain)


def _is_key(plain: str) -> bool:
    detectors, entropy = _detectors()
    if any(
        detector.analyze_line(filename="", line=line, line_number=1)
        for line in plain.splitlines()
        for detector in detectors
    ):
        return True
    return any(_MIXED.search(word) and entropy(word) >= ENTROPY for word in _TOKEN.findall(plain))


@cache
def _detectors() -> tuple[list[Any], Callable[[str], float]]:
    """Imported when first asked: they bring a client for HTTP, which nothing here uses."""
    plugins = importlib.import_module("detect_secrets.plugins")
    base = importlib.import_module("detect_secrets.plugins.base").BasePlugin
    found = []
    for module in pkgutil.iter_modules(plugins.__path__):
        if module.name in _SKIPPED:
            continue
        loaded = importlib.import_module(f"detect_secrets.plugins.{module.name}")
        kinds = (kind for kind in vars(loaded).values() if isinstance(kind, type) and issubclass(kind, base))
        found += [kind() for kind in kinds if kind.__module__ == loaded.__name__ and not inspect.isabstract(kind)]
    strings = importlib.import_module("detect_secrets.plugins.high_entropy_strings").Base64HighEntropyString()
    return found, strings.calculate_shannon_entropy


def _is_numbered(plain: str) -> bool:
    return any(is_valid(number) for number, is_valid in _candidates(plain))


def _candidates(plain: str) -> Iterator[tuple[str, Callable[[str], bool]]]:
    for found in _DIGITS.findall(plain):
        digits = re.sub(r"\D", "", found)
        yield from ((digits, _valid(name)) for shape, name in _NUMBERS if re.fullmatch(shape, found))
        if 13 <= len(digits) <= 19:
            yield digits, _valid("luhn")
    for found in _ACCOUNT.findall(plain):
        compact = re.sub(r"[ -]", "", found)
        yield from ((compact[:end], _valid("iban")) for end in range(len(compact), 14, -1))  # words may follow
    for found in _COMPACT.findall(plain):
        yield from ((found, _valid(name)) for shape, name in _NUMBERS if re.fullmatch(shape, found))


def _valid(name: str) -> Callable[[str], bool]:
    return _checks()[name]


@cache
def _checks() -> dict[str, Callable[[str], bool]]:
    import stdnum.br.cpf
    import stdnum.es.dni
    import stdnum.fr.nir
    import stdnum.iban
    import stdnum.in_.aadhaar
    import stdnum.it.codicefiscale
    import stdnum.luhn
    import stdnum.us.ssn

    return {
        "luhn": stdnum.luhn.is_valid,
        "iban": stdnum.iban.is_valid,
        "br.cpf": stdnum.br.cpf.is_valid,
        "es.dni": stdnum.es.dni.is_valid,
        "fr.nir": stdnum.fr.nir.is_valid,
        "in_.aadhaar": stdnum.in_.aadhaar.is_valid,
        "it.codicefiscale": stdnum.it.codicefiscale.is_valid,
        "us.ssn": stdnum.us.ssn.is_valid,
    }
