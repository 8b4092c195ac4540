"""Which program of an installed package is its server, as ``package.json`` tells."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from activities.plugins.installing.box import file
from clara.errors import UserError

LARGEST = 2 * 2**20
"""Bytes of a file that is read here."""


def manifest(folder: Path, path: str = "package.json") -> Mapping[str, Any]:
    """A JSON object that lies in a folder; UserError where it is none."""
    found = file(folder, path)
    try:
        with found.open("rb") as opened:
            data = json.loads(opened.read(LARGEST))
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise UserError(f"Its {path.rpartition('/')[2]} cannot be read, so it cannot be installed.")
    return data


def program(package: Mapping[str, Any]) -> str:
    """The path of a package's program, as written there; empty where it has none."""
    bins = package.get("bin")
    if isinstance(bins, str):
        return bins
    named = {str(name): path for name, path in bins.items() if isinstance(path, str)} if isinstance(bins, dict) else {}
    own = str(package.get("name", "")).rpartition("/")[2]
    for name in (own, *(name for name in named if "server" in name), *(name for name in named if "mcp" in name)):
        if name in named:
            return named[name]
    return next(iter(named.values()), "")


def checked(folder: Path, path: str) -> str:
    """``path``, of a file that Node.js can run; UserError otherwise."""
    with file(folder, path).open("rb") as opened:
        first = opened.readline(200)
    if first.startswith(b"#!") and b"node" not in first:
        raise UserError("Its program is not one for Node.js, so it cannot be run as a plugin.")
    return path
