"""The operator's rules in ``policy.toml``: what runs, is asked or refused otherwise than by default.

    [[rule]]
    decision = "run"
    tool = "send_message_to_channel"
    person = "discord:1234"

    [[rule]]
    decision = "run"
    tool = "save_note"
    source = "the page docs.python.org"

The first rule that fits a call decides. Each of its conditions has to hold; one that is not there holds for all.
"""

import tomllib
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clara.approvals.taint import Taint
from clara.errors import Misconfigured


class Rule(BaseModel):
    """``*`` and ``?`` stand for any characters and for any one; everything else has to be the same, as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Literal["run", "ask", "refuse"]
    tool: str = Field("*", min_length=1)
    toolset: str = Field("*", min_length=1)
    person: str = Field("*", min_length=1)
    source: str | None = Field(None, min_length=1, description="whose words the turn has read, as approvals name it")

    def fits(self, tool: str, toolset: str, person: str, taint: Taint) -> bool:
        named = ((tool, self.tool), (toolset, self.toolset), (person, self.person))
        return all(fnmatchcase(name, pattern) for name, pattern in named) and self._fits_source(taint)

    def _fits_source(self, taint: Taint) -> bool:
        """A rule that loosens has to name all of the sources, one that tightens any of them."""
        if self.source is None:
            return self.decision != "run" or not taint
        named = [fnmatchcase(source, self.source) for source in taint.others]
        return bool(named) and (all(named) if self.decision == "run" else any(named))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rule: tuple[Rule, ...] = ()


def parse(text: str, shown: str) -> tuple[Rule, ...]:
    """The rules in ``text``, the content of the file that errors call ``shown``; Misconfigured says what is wrong."""
    try:
        return _File.model_validate(tomllib.loads(text)).rule
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{shown}: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
        raise Misconfigured(f"{shown}: {where}: {first['msg']}") from None
