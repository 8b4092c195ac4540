"""Rules that use a tool."""

import re
from typing import Any

from activities.llm.scripted import code, plugins, reminders
from activities.llm.scripted.replies.rule import Call, has, missing
from activities.llm.scripted.request import Heard
from clara.llm.models import ToolSchema


def save_note(heard: Heard) -> str | Call | None:
    asks = r"(?:\bremember|\bsave|\btake|\bmake|\bwrite)\b.{0,20}?\bnote\b(?: that| of| to)?[:,]?\s+(.+)|^note:\s*(.+)"
    found = re.search(asks, heard.text, re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    if "save_note" not in heard.tools:
        return missing("save_note")
    text = (found[1] or found[2]).strip()
    return Call("save_note", _filled(heard.tools["save_note"], text))


def list_notes(heard: Heard) -> str | Call | None:
    if not has(heard, r"\b(list|show|read|what are|which)\b.{0,20}\bnotes\b"):
        return None
    return Call("list_notes") if "list_notes" in heard.tools else missing("list_notes")


def save_file(heard: Heard) -> str | Call | None:
    if not has(heard, r"\b(keep|save|store)\b.{0,20}\b(file|attachment|picture|document)s?\b"):
        return None
    if "save_file" not in heard.tools:
        return missing("save_file")
    if not heard.files:
        return "Attach a file to your message, and say `keep this file`."
    return Call("save_file", {"file": heard.files[-1]})


def send_file(heard: Heard) -> str | Call | None:
    found = re.search(r"\bsend (?:me )?(?:my |the )?(?:file )?[`'\"]?(\S+\.\w+)", heard.text, re.IGNORECASE)
    if not found and not has(heard, r"\bsend (me )?(my|the) file"):
        return None
    if "send_file" not in heard.tools:
        return missing("send_file")
    name = found[1].rstrip("`'\".,!?") if found else next(iter(reversed(heard.files or heard.files_before)), "")
    return Call("send_file", {"name": name}) if name else "Say which one: `send me my file plan.txt`."


def list_files(heard: Heard) -> str | Call | None:
    if not has(heard, r"\b(list|show|what are|which)\b.{0,20}\bfiles\b"):
        return None
    return Call("list_files") if "list_files" in heard.tools else missing("list_files")


def reminder(heard: Heard) -> str | Call | None:
    found = reminders.wish(heard)
    if found is None:
        return None
    return Call(*found) if found[0] in heard.tools else missing(found[0])


def time(heard: Heard) -> str | Call | None:
    asks = r"\bwhat('s| is)? (the |today's )?(current |local )?(time|date|day)\b|\bwhich day\b|^\W*(time|date)\W*$"
    if not has(heard, asks):
        return None
    return Call("current_time") if "current_time" in heard.tools else missing("current_time")


def python(heard: Heard) -> str | Call | None:
    """Code of the person's own, or some of ours, run in the sandbox."""
    if not has(heard, r"\b(run|execute|try)\b.{0,30}\b(python|code|loop)\b"):
        return None
    own = re.search(r"```(?:python|py)?\n(.+?)```", heard.text, re.DOTALL)
    written = code.LOOP if has(heard, r"\bloop\b") else code.SAMPLE
    return _in_sandbox(heard, "execute_python", code=own[1] if own else written)


def file(heard: Heard) -> str | Call | None:
    if has(heard, r"\bplot\b"):
        return _in_sandbox(heard, "execute_python", code=code.PLOT)
    asks = r"\b(look at|read|open|what('s| is) in|analy[sz]e|describe)\b.{0,20}\b(file|files|csv|table|attachment)\b"
    return _in_sandbox(heard, "execute_python", code=code.LOOK) if has(heard, asks) else None


def plugin(heard: Heard) -> str | Call | None:
    wish = plugins.wish(heard)
    if wish is None:
        return None
    return Call(*wish) if wish[0] in heard.tools else missing(wish[0])


def install(heard: Heard) -> str | Call | None:
    found = re.search(r"\binstall (?:the package )?([A-Za-z0-9][\w.-]*\w)", heard.text)
    return _in_sandbox(heard, "install_package", packages=[found[1]]) if found else None


def _in_sandbox(heard: Heard, tool: str, **arguments: Any) -> str | Call:
    return Call(tool, arguments) if tool in heard.tools else f"{missing(tool)} `clara doctor` says what is missing."


def read_page(heard: Heard) -> str | Call | None:
    found = re.search(
        r"\b(?:read|open|fetch|get|look at|summari[sz]e)\b.{0,40}?(https?://\S+)", heard.text, re.IGNORECASE
    )
    if not found:
        return None
    return (
        Call("fetch_page", {"url": found[1].rstrip(".,;:!?)>")})
        if "fetch_page" in heard.tools
        else missing("fetch_page")
    )


def search_web(heard: Heard) -> str | Call | None:
    asks = r"\b(?:search|look up|look for|find|google)\b.{0,30}?\b(?:web|internet|online)\b(?: for| about)?:?\s*(.*)"
    found = re.search(asks, heard.text, re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    if "web_search" in heard.tools:
        return Call("web_search", {"query": " ".join(found[1].split())[:200] or "news of today"})
    # Which says what is missing, and what to do about it.
    return Call("find_tools", {"query": "search the web"}) if "find_tools" in heard.tools else missing("web_search")


def _filled(tool: ToolSchema, text: str) -> dict[str, Any]:
    """Arguments from one text: titles and names take its first words, all other required texts the whole."""
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    arguments: dict[str, Any] = {}
    for name in tool.parameters.get("required", ()):
        if properties.get(name, {}).get("type") == "string":
            short = " ".join(text.split()[:6])[: properties[name].get("maxLength", 120)]
            arguments[name] = short if name in ("title", "name") else text
    return arguments
