"""Behaviours by the name of the model, for tests that need no script of their own."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import get_args

from tests.loopback.models.plan import Flood, Plan, Refusal, Reply, Shape, Sloppiness, ToolUse
from tests.loopback.models.request import Request

Scenario = Callable[[Request, str], Plan]

_USE = re.compile(r"\buse (\w+)(?: (?=\{))?")


def plan_for(request: Request) -> Plan:
    """What the model of this name answers; a refusal with 404 where there is no such model."""
    for pattern, scenario in SCENARIOS.items():
        if found := re.fullmatch(pattern, request.model):
            return scenario(request, found[1] if found.groups() else "")
    return Refusal(404, "not_found_error", f"model: {request.model}")


def orders(text: str) -> list[ToolUse]:
    """The calls that a text asks for: "use NAME {json}", any number of them."""
    found = []
    for match in _USE.finditer(text):
        at = match.end()
        arguments = json.JSONDecoder().raw_decode(text, at)[0] if text[at : at + 1] == "{" else {}
        found.append(ToolUse(match[1], arguments))
    return found


def obey(request: Request, pause_ms: str = "") -> Plan:
    """Makes the calls that the person's words ask for, one after the other, then tells what came of them.

    "[m-7] use record {"n": 1}" is answered with a text that repeats the words and each result.
    """
    asked = orders(request.user_text)
    done = len(request.results)
    pause_s = int(pause_ms or 0) / 1000
    if done < len(asked) and asked[done].name in request.tools:
        return Reply(calls=(asked[done],), pause_s=pause_s)
    said = " | ".join(result.text for result in request.results)
    return Reply(f"Done: {request.user_text} => {said}" if asked else f"You said: {request.user_text}", pause_s=pause_s)


def _echo(request: Request, pause_ms: str) -> Plan:
    return Reply(f"You said: {request.user_text}", pause_s=int(pause_ms or 0) / 1000)


def _tool_then_answer(request: Request, _: str) -> Plan:
    if request.results:
        return Reply("The tool said: " + "; ".join(result.text for result in request.results))
    return Reply("Let me look.", calls=(ToolUse(request.tools[0], {"city": "Köln"}),))


def _parallel_tools(request: Request, _: str) -> Plan:
    if request.results:
        return Reply("; ".join(f"{result.call_id}={result.text}" for result in request.results))
    return Reply(calls=tuple(ToolUse(request.tools[0], {"city": city}) for city in ("Rome", "Oslo")))


def _raw_arguments(raw: str) -> Scenario:
    return lambda request, _: Reply("Done.") if request.results else Reply(calls=(ToolUse(request.tools[0], raw),))


def _sloppy(request: Request, how: str) -> Plan:
    (sloppy,) = (each for each in get_args(Sloppiness) if each == how)
    calls = tuple(ToolUse(name, {"n": n}, id="" if how == "no-id" else None) for n, name in enumerate(("one", "two")))
    return Reply("Done.") if request.results else Reply("Well.", calls=calls, sloppy=sloppy)


def _colliding(request: Request, _: str) -> Plan:
    """Calls whose ids say nothing, or what nobody can store; the results are told with their calls."""
    if request.results:
        return Reply("; ".join(result.text for result in request.results))
    ids = ("call_1", "", "call_1", "\0", "a\ud800", "x" * 10_000, "call_5")
    calls = (ToolUse(request.tools[0], {"n": n}, id=id) for n, id in enumerate(ids))
    return Reply(calls=tuple(calls))


def _many_calls(request: Request, count: str) -> Plan:
    if request.results:
        return Reply(f"{len(request.results)} results; the last one: {request.results[-1].text}")
    return Reply(calls=tuple(ToolUse(request.tools[0], {"n": n}) for n in range(int(count))))


def _flood(request: Request, shape: str) -> Plan:
    (known,) = (each for each in get_args(Shape) if each == shape)
    return Reply("Then I stop.") if request.results else Flood(known)


def _deep(request: Request, levels: str) -> Plan:
    raw = '{"a":' * int(levels) + "1" + "}" * int(levels)
    return Reply("Done.") if request.results else Reply(calls=(ToolUse(request.tools[0], raw),))


def _thinking(request: Request, _: str) -> Plan:
    if request.results:
        kept = sum(len(message.thinking) for message in request.messages)
        return Reply(f"Thought {kept} times before.")
    return Reply(thinking="Let me think about it.", calls=(ToolUse(request.tools[0]),))


def _void_signature(request: Request, _: str) -> Plan:
    if any(message.thinking for message in request.messages):
        message = "messages.1.content.0: `thinking` blocks in the latest assistant message cannot be modified."
        return Refusal(400, "invalid_request_error", message)
    return Reply("Without thinking.")


def _overflow(request: Request, limit: str) -> Plan:
    if len(request.messages) <= int(limit):
        return Reply(f"I read {len(request.messages)} messages.")
    if request.api == "anthropic":
        return Refusal(400, "invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum")
    words = "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens."
    return Refusal(400, "context_length_exceeded", words)


def _error(request: Request, status: str) -> Plan:
    kinds = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error", 529: "overloaded_error"}
    kind = kinds.get(int(status), "api_error" if int(status) >= 500 else "invalid_request_error")
    return Refusal(int(status), kind, f"This is error {status}.")


def _limited(**headers: str) -> Scenario:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, _: Refusal(429, "rate_limit_error", "Slow down.", headers=named)


def _in_a_while(request: Request, _: str) -> Plan:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    return Refusal(429, "rate_limit_error", "Slow down.", headers={"retry-after": date})


SCENARIOS: dict[str, Scenario] = {
    r"echo|slow-(\d+)": _echo,
    r"obey(?:-(\d+))?": obey,
    r"tool-then-answer": _tool_then_answer,
    r"parallel-tools": _parallel_tools,
    r"malformed-tool": _raw_arguments('{"city": "Par'),
    r"list-arguments": _raw_arguments('["Paris"]'),
    r"no-arguments": _raw_arguments(""),
    r"hostile-arguments": _raw_arguments('{"a": "x\\u0000y\\ud83d", "b": [1, "\\ud83d\\ude00"]}'),
    r"sloppy-(.+)": _sloppy,
    r"colliding-ids": _colliding,
    r"calls-(\d+)": _many_calls,
    r"nested-(\d+)": _deep,
    r"huge-number": _raw_arguments('{"a": 1e999}'),
    r"flood-(\w+)": _flood,
    r"nul-thinking": lambda request, _: Reply("Well.", thinking="a\0b\ud800c"),
    r"nul-name": lambda request, _: Reply("Done.") if request.results else Reply(calls=(ToolUse("a\0b\ud800", {}),)),
    r"nul-model": lambda request, _: Reply("Named.", model="a\0b\ud800"),
    r"not-utf-8": lambda request, _: Reply("one two three four", ending="not-utf-8"),
    r"odd-shapes": lambda request, _: Reply("one two three four", ending="odd-shapes"),
    r"thinking": _thinking,
    r"void-signature": _void_signature,
    r"empty": lambda request, _: Reply(),
    r"emoji-halves": lambda request, _: Reply(("A smile: \ud83d", "\ude00", " and half a one: \ud83d")),
    r"length": lambda request, _: Reply("This is the beginning of a very long", stop="length"),
    r"length-in-call": lambda request, _: Reply(calls=(ToolUse(request.tools[0], ""),), stop="length"),
    r"refusal": lambda request, _: Reply("I", stop="refusal"),
    r"finish-error": lambda request, _: Reply("I", stop="error"),
    r"stall(?:-(\d+))?": lambda request, n: Reply("one two three four", ending="stall", after=int(n or 2)),
    r"cut(?:-(\d+))?": lambda request, n: Reply("one two three four", ending="cut", after=int(n or 2)),
    r"eof(?:-(\d+))?": lambda request, n: Reply("one two three four", ending="eof", after=int(n or 2)),
    r"garbage": lambda request, _: Reply("one two three four", ending="garbage"),
    r"error-in-stream-(\w+)": lambda request, kind: Reply("one two three four", ending="error", error=kind),
    r"error-(\d+)": _error,
    r"rate-limit": _limited(retry_after="7"),
    r"rate-limit-ms": _limited(retry_after_ms="1500", retry_after="7"),
    r"rate-limit-date": _in_a_while,
    r"rate-limit-hour": _limited(retry_after="3600"),
    r"rate-limit-odd": _limited(retry_after="soon"),
    r"quota": lambda request, _: Refusal(429, "insufficient_quota", "You exceeded your current quota."),
    r"no-credit": lambda request, _: Refusal(400, "invalid_request_error", "Your credit balance is too low."),
    r"too-large-for-minute": lambda request, _: Refusal(
        429,
        "rate_limit_exceeded",
        "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 50000.",
    ),
    r"flagged": lambda request, _: Refusal(403, "permission_error", "Your input was flagged by moderation."),
    r"html": lambda request, _: Refusal(200, "", "", page="<html><body>Just a moment…</body></html>"),
    r"html-502": lambda request, _: Refusal(502, "", "", page="<html><body>Bad gateway</body></html>"),
    r"json-error-200-(\w+)": lambda request, kind: Refusal(200, kind, "An error with a status of 200."),
    r"redirect": lambda request, _: Refusal(307, "", "", headers={"location": "http://127.0.0.1:1/elsewhere"}),
    r"overflow-above-(\d+)-messages": _overflow,
}
