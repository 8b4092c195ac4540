"""Whether a model really answers: one short question, through the code that answers people."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from activities.llm.providers import Providers
from clara.errors import ClaraError, ModelRefused, Unavailable
from clara.llm.models import Prompt, Usage
from clara.messages import Message, TextPart
from clara.settings.llm import KEY_VARIABLES, LlmSettings

PROOF_S = 45
"""Models that think first, and models that have to be loaded first, take their time."""
TOKENS = 1_024
"""Enough for models that think first; the answer itself is one word."""

_FIXES = {
    "auth": "Check {prefix}_API_KEY: is it whole, of this provider, and not withdrawn?",
    "billing": "Top up the account of {prefix}_API_KEY.",
    "not_found": "Check {prefix}_BASE_URL, and the name in {prefix}_MODEL.",
    "bad_request": "Check {prefix}_MODEL and {prefix}_BASE_URL: the provider understands neither key nor model so.",
    "connection": "Check the network, and {prefix}_BASE_URL.",
}


@dataclass(frozen=True)
class Outcome:
    works: bool
    words: str
    """``answers …``, or what the provider did instead."""
    fix: str = ""
    passing: bool = False
    """The fault is the world's and may be gone in a minute: it says nothing about the key."""


async def of_model(llm: LlmSettings, provider: str, model: str) -> Outcome:
    """Ask ``model`` of ``provider``. The key appears in nothing that comes back."""
    prompt = Prompt(
        system="Answer with one word.",
        messages=(Message(role="user", parts=(TextPart(text="Say: ready"),)),),
        max_tokens=min(TOKENS, llm.max_tokens),
    )
    providers = Providers(llm)
    try:
        with _silenced() as logged:
            async with asyncio.timeout(PROOF_S):
                asked = await providers.get(provider)
                began = asyncio.get_running_loop().time()
                completion = await asked.complete(prompt, model, _no_image, _ignore, _ignore)
                took = asyncio.get_running_loop().time() - began
    except TimeoutError:
        return Outcome(False, f"{provider} did not answer within {PROOF_S} seconds", _fix(provider, ""), passing=True)
    except (ModelRefused, Unavailable) as error:
        kind = error.kind
        details = [*getattr(error, "__notes__", []), *logged]
        words = _plain(str(error)) + (f" It says: {details[0]}" if details and kind == "bad_request" else "")
        passing = isinstance(error, Unavailable) and kind != "connection"
        return Outcome(False, words, _fix(provider, kind), passing)
    except ClaraError as error:
        return Outcome(False, str(error), _fix(provider, ""))
    finally:
        await providers.close()
    return Outcome(True, f"answers, after {took:.1f} s{_cost(completion.usage)}")


def _fix(provider: str, kind: str) -> str:
    prefix = KEY_VARIABLES[provider].removesuffix("_API_KEY")
    return _FIXES.get(kind, "Try again in a few minutes.").format(prefix=prefix)


def _plain(words: str) -> str:
    """The first sentence: what follows it is advice to somebody in a chat."""
    first, dot, _ = words.partition(". ")
    return f"{first}." if dot else words


def _cost(usage: Usage) -> str:
    tokens = f", {usage.input_tokens + usage.output_tokens:,} tokens"
    return f"{tokens}, ${usage.cost_usd:.4f}" if usage.cost_usd is not None else tokens


@contextmanager
def _silenced() -> Iterator[list[str]]:
    """Providers report faults to the log, which without a handler is the person's screen; here it is a list."""
    details: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            details.append(record.getMessage().rpartition(": ")[2])

    keep, log = Keep(), logging.getLogger("temporalio.activity")
    propagated, log.propagate = log.propagate, False
    log.addHandler(keep)
    try:
        yield details
    finally:
        log.removeHandler(keep)
        log.propagate = propagated


async def _no_image(blob_id: str) -> bytes:
    raise LookupError(blob_id)


def _ignore(_: str) -> None:
    """Nobody watches."""
