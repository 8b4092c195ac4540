"""What the scripted stand-in says: rules from top to bottom, the first that fits answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from activities.llm.scripted import code, plugins, reminders, samples
from activities.llm.scripted.request import Heard
from clara.llm.models import ToolSchema
from clara.messages import ToolResultPart

MOST_COUNTED = 1000

_MARKS = re.compile(r"^</?others\b[^\n>]*>$", re.MULTILINE)
"""Around others' words, for a model; a person reads them without."""


@dataclass(frozen=True)
class Call:
    """A tool to use before answering."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


Rule = Callable[[Heard], str | Call | None]


def reply(heard: Heard) -> str | Call:
    """What to say, or which tool to use first; the same for the same conversation."""
    if (more := plugins.goes_on(heard)) is not None and more[0] in heard.tools:
        return Call(*more)
    if heard.results:
        answer: str | Call = "\n\n".join(_told(result) for result in heard.results)
    else:
        answer = next((found for rule in _RULES if (found := rule(heard)) is not None), None) or _echo(heard)
    if isinstance(answer, Call):
        return answer
    return f"{samples.WHO}\n\n{answer}" if heard.first and samples.WHO not in answer else answer


def _told(result: ToolResultPart) -> str:
    if result.is_error:
        return f"I tried the tool `{result.name}`, but it failed: {result.text}"
    match result.name:
        case "current_time":
            return f"My clock says: {result.text}."
        case "execute_python" | "install_package":
            return f"The sandbox says:\n\n```\n{result.text}\n```"
        case "list_notes":
            return f"Here are your notes:\n\n{result.text}"
        case "find_tools":
            found = "\n".join(line for line in result.text.splitlines() if line.startswith("- "))
            return f"I looked for a tool. What I was told:\n\n{found or result.text}"
        case "list_files":
            return f"Here is what you keep with me:\n\n{result.text}"
        case "send_file":
            return "Here it is."
        case _:
            return _MARKS.sub("", result.text).strip()


def _who(heard: Heard) -> str | None:
    asks = r"who are you|what are you|are you (real|an? (ai|bot|model|human|llm))|which model|what model"
    return samples.WHO if _has(heard, asks) else None


def _help(heard: Heard) -> str | None:
    return samples.HELP if _has(heard, r"^\W*help\b|what can (you|i) do|how do (i|you) (use|configure|set)") else None


def _markdown(heard: Heard) -> str | None:
    return samples.MARKDOWN if _has(heard, r"\bmarkdown\b|\bcode block\b") else None


def _story(heard: Heard) -> str | None:
    return samples.STORY if _has(heard, r"\bstory\b") else None


def _count(heard: Heard) -> str | None:
    found = re.search(r"\bcount (?:up )?to (\d{1,9})", heard.text, re.IGNORECASE)
    if not found:
        return None
    last = min(int(found[1]), MOST_COUNTED)
    numbers = ", ".join(str(number) for number in range(1, last + 1))
    return f"{numbers}." if last == int(found[1]) else f"{numbers} … and I stop there."


def _save_note(heard: Heard) -> str | Call | None:
    asks = r"(?:\bremember|\bsave|\btake|\bmake|\bwrite)\b.{0,20}?\bnote\b(?: that| of| to)?[:,]?\s+(.+)|^note:\s*(.+)"
    found = re.search(asks, heard.text, re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    if "save_note" not in heard.tools:
        return _missing("save_note")
    text = (found[1] or found[2]).strip()
    return Call("save_note", _filled(heard.tools["save_note"], text))


def _list_notes(heard: Heard) -> str | Call | None:
    if not _has(heard, r"\b(list|show|read|what are|which)\b.{0,20}\bnotes\b"):
        return None
    return Call("list_notes") if "list_notes" in heard.tools else _missing("list_notes")


def _save_file(heard: Heard) -> str | Call | None:
    if not _has(heard, r"\b(keep|save|store)\b.{0,20}\b(file|attachment|picture|document)s?\b"):
        return None
    if "save_file" not in heard.tools:
        return _missing("save_file")
    if not heard.files:
        return "Attach a file to your message, and say `keep this file`."
    return Call("save_file", {"file": heard.files[-1]})


def _send_file(heard: Heard) -> str | Call | None:
    found = re.search(r"\bsend (?:me )?(?:my |the )?(?:file )?[`'\"]?(\S+\.\w+)", heard.text, re.IGNORECASE)
    if not found and not _has(heard, r"\bsend (me )?(my|the) file"):
        return None
    if "send_file" not in heard.tools:
        return _missing("send_file")
    name = found[1].rstrip("`'\".,!?") if found else next(iter(reversed(heard.files or heard.files_before)), "")
    return Call("send_file", {"name": name}) if name else "Say which one: `send me my file plan.txt`."


def _list_files(heard: Heard) -> str | Call | None:
    if not _has(heard, r"\b(list|show|what are|which)\b.{0,20}\bfiles\b"):
        return None
    return Call("list_files") if "list_files" in heard.tools else _missing("list_files")


def _time(heard: Heard) -> str | Call | None:
    asks = r"\bwhat('s| is)? (the |today's )?(current |local )?(time|date|day)\b|\bwhich day\b|^\W*(time|date)\W*$"
    if not _has(heard, asks):
        return None
    return Call("current_time") if "current_time" in heard.tools else _missing("current_time")


def _python(heard: Heard) -> str | Call | None:
    """Code of the person's own, or some of ours, run in the sandbox."""
    if not _has(heard, r"\b(run|execute|try)\b.{0,30}\b(python|code|loop)\b"):
        return None
    own = re.search(r"```(?:python|py)?\n(.+?)```", heard.text, re.DOTALL)
    written = code.LOOP if _has(heard, r"\bloop\b") else code.SAMPLE
    return _in_sandbox(heard, "execute_python", code=own[1] if own else written)


def _file(heard: Heard) -> str | Call | None:
    if _has(heard, r"\bplot\b"):
        return _in_sandbox(heard, "execute_python", code=code.PLOT)
    asks = r"\b(look at|read|open|what('s| is) in|analy[sz]e|describe)\b.{0,20}\b(file|files|csv|table|attachment)\b"
    return _in_sandbox(heard, "execute_python", code=code.LOOK) if _has(heard, asks) else None


def _plugin(heard: Heard) -> str | Call | None:
    wish = plugins.wish(heard)
    if wish is None:
        return None
    return Call(*wish) if wish[0] in heard.tools else _missing(wish[0])


def _reminder(heard: Heard) -> str | Call | None:
    found = reminders.wish(heard)
    if found is None:
        return None
    return Call(*found) if found[0] in heard.tools else _missing(found[0])


def _install(heard: Heard) -> str | Call | None:
    found = re.search(r"\binstall (?:the package )?([A-Za-z0-9][\w.-]*\w)", heard.text)
    return _in_sandbox(heard, "install_package", packages=[found[1]]) if found else None


def _in_sandbox(heard: Heard, tool: str, **arguments: Any) -> str | Call:
    return Call(tool, arguments) if tool in heard.tools else f"{_missing(tool)} `clara doctor` says what is missing."


def _read_page(heard: Heard) -> str | Call | None:
    found = re.search(
        r"\b(?:read|open|fetch|get|look at|summari[sz]e)\b.{0,40}?(https?://\S+)", heard.text, re.IGNORECASE
    )
    if not found:
        return None
    return (
        Call("fetch_page", {"url": found[1].rstrip(".,;:!?)>")})
        if "fetch_page" in heard.tools
        else _missing("fetch_page")
    )


def _search_web(heard: Heard) -> str | Call | None:
    asks = r"\b(?:search|look up|look for|find|google)\b.{0,30}?\b(?:web|internet|online)\b(?: for| about)?:?\s*(.*)"
    found = re.search(asks, heard.text, re.IGNORECASE | re.DOTALL)
    if not found:
        return None
    if "web_search" in heard.tools:
        return Call("web_search", {"query": " ".join(found[1].split())[:200] or "news of today"})
    # Which says what is missing, and what to do about it.
    return Call("find_tools", {"query": "search the web"}) if "find_tools" in heard.tools else _missing("web_search")


def _my_name(heard: Heard) -> str | None:
    if not _has(heard, r"\b(what('s| is) my name|who am i|my name\?)"):
        return None
    name = next((found for text in reversed(heard.before) if (found := _name_in(text))), None)
    return f"You told me that your name is {name}." if name else "You have not told me your name in this conversation."


def _introduction(heard: Heard) -> str | None:
    name = _name_in(heard.text)
    return f"Nice to meet you, {name}. Ask me later what your name is, and I will know." if name else None


def _earlier(heard: Heard) -> str | None:
    if not _has(heard, r"\bwhat (did|have) i (say|said|write|written|ask|asked|tell|told)\b"):
        return None
    if not heard.before:
        return "This is the first thing that you have said in this conversation."
    said = "\n".join(f"> {line}" for line in _short(heard.before[-1], 500).splitlines())
    count = len(heard.before)
    return f"Before this you said:\n\n{said}\n\n(You have said {count} {'thing' if count == 1 else 'things'} so far.)"


def _greeting(heard: Heard) -> str | None:
    if not _has(heard, r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|moin|servus)\b.{0,30}$"):
        return None
    again = "Hello again!" if heard.before else "Hello!"
    return f"{again} Say `help` to see what I can show you."


def _thanks(heard: Heard) -> str | None:
    return "You are welcome." if _has(heard, r"^\W*(thanks|thank you|thx|danke)\b") else None


def _goodbye(heard: Heard) -> str | None:
    said = _has(heard, r"^\W*(bye|goodbye|see you|good night)\b")
    return "Goodbye. This conversation stays here for when you come back." if said else None


def _image(heard: Heard) -> str | None:
    if not heard.images:
        return None
    seen = "an image" if heard.images == 1 else f"{heard.images} images"
    return f"You sent {seen}. It arrived, but only a real model could look at it."


def _echo(heard: Heard) -> str:
    if not heard.text:
        return "You sent no words. Say `help` to see what I can show you."
    said = "\n".join(f"> {line}" for line in _short(heard.text, 800).splitlines())
    return (
        f"You said:\n\n{said}\n\nA real model would answer this now; I can only repeat it. Say `help` for what I know."
    )


_RULES: tuple[Rule, ...] = (
    _plugin,
    _reminder,
    _my_name,
    _earlier,
    _save_note,
    _list_notes,
    _save_file,
    _send_file,
    _list_files,
    _read_page,
    _search_web,
    _python,
    _file,
    _install,
    _time,
    _count,
    _who,
    _help,
    _markdown,
    _story,
    _introduction,
    _greeting,
    _thanks,
    _goodbye,
    _image,
)


def _has(heard: Heard, pattern: str) -> bool:
    return re.search(pattern, heard.text, re.IGNORECASE) is not None


def _name_in(text: str) -> str | None:
    found = re.search(r"\b(?i:my name is|my name's|i am called)\s+([^\W\d_][\w'-]*(?: [A-Z][\w'-]*)?)", text)
    return found[1] if found else None


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + " …"


def _missing(tool: str) -> str:
    return f"For that I would use the tool `{tool}`, but it is not offered here."


def _filled(tool: ToolSchema, text: str) -> dict[str, Any]:
    """Arguments from one text: titles and names take its first words, all other required texts the whole."""
    properties: dict[str, Any] = tool.parameters.get("properties", {})
    arguments: dict[str, Any] = {}
    for name in tool.parameters.get("required", ()):
        if properties.get(name, {}).get("type") == "string":
            short = " ".join(text.split()[:6])[: properties[name].get("maxLength", 120)]
            arguments[name] = short if name in ("title", "name") else text
    return arguments
