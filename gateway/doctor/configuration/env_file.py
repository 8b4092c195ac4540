"""Where the settings come from: the file that is read, what is odd in it, and what overrides it."""

import difflib
from collections.abc import Collection, Mapping

from clara.settings import Source, known_names, source
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, ok, warn

NAME = "env file"

_ALIKE = 0.92
"""How alike, of 1, a variable of the environment and a setting are before one is taken for the other.

Most variables there are none of Clara's business, so this is stricter than for the file's.
"""


def check(facts: Facts) -> list[Finding]:
    found = source()
    known = known_names()
    return [*of_file(found), *overridden(found, facts.variables, known), *misspelt(found, facts.variables, known)]


def of_file(found: Source) -> list[Finding]:
    """What the reader of the file itself found odd."""
    odd = (*found.warnings, *found.overlooked)
    if odd:
        return [warn(NAME, sentence, _fix(sentence)) for sentence in odd]
    return [ok(NAME, f"{found.file}, and every name in it is a setting")] if found.file and found.file.is_file() else []


def _fix(sentence: str) -> str:
    if "knows no" in sentence:
        return "Correct the name in that line; .env.example lists all names. What is a tool's own may stay."
    if "already" in sentence:
        return "Keep one of the two lines."
    if "is not read" in sentence:
        return "Move what you want to keep into the file that is read."
    return "Correct that, or remove it."


def overridden(found: Source, variables: Mapping[str, str], known: Collection[str]) -> list[Finding]:
    """Settings of the file that the environment has otherwise."""
    names = [
        name
        for name, value in sorted(found.values.items())
        if name in known and name != "CLARA_HOME" and value and variables.get(name, "").strip() not in ("", value)
    ]
    return [
        warn(NAME, f"{name} in the environment overrides .env, which has another value", f"unset {name}, or keep one.")
        for name in names
    ]


def misspelt(found: Source, variables: Mapping[str, str], known: Collection[str]) -> list[Finding]:
    """Variables of the environment that almost are settings."""
    findings = []
    for name in sorted(set(variables) - set(found.values)):
        if name in known or name.startswith("TEMPORAL_"):
            continue
        near = next(iter(difflib.get_close_matches(name.upper(), sorted(known), 1, _ALIKE)), None)
        if near and near not in variables:
            words = f"Clara knows no {name}, which is in the environment"
            findings.append(warn("environment", words, f"Did you mean {near}?"))
    return findings
