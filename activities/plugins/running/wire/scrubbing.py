"""Secrets that a server was given, taken out of what it says: it may repeat them, in an error or for no reason."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from activities.plugins.running.calls import CallResult

SHORTEST = 6
"""Characters. Shorter values are found in any text, and are no secrets worth the name."""

GONE = "***"


class Scrubber:
    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first, as one may be a part of another; and as they look within JSON.
        forms = {form for each in secrets if len(each) >= SHORTEST for form in (each, json.dumps(each)[1:-1])}
        self._forms = sorted(forms, key=len, reverse=True)

    def text(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, GONE)
        return text

    def result(self, result: CallResult) -> CallResult:
        return replace(result, text=self.text(result.text), structured=self._structured(result.structured))

    def _structured(self, structured: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if structured is None or not self._forms:
            return structured
        before = json.dumps(structured)
        after = self.text(before)
        cleaned: Mapping[str, Any] = structured if after == before else json.loads(after)
        return cleaned
