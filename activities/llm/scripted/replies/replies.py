"""The answer: rules from top to bottom, the first that fits."""

import re

from activities.llm.scripted import plugins, samples
from activities.llm.scripted.replies import talking, using
from activities.llm.scripted.replies.rule import Call, Rule
from activities.llm.scripted.request import Heard
from clara.messages import ToolResultPart

_MARKS = re.compile(r"^</?others\b[^\n>]*>$", re.MULTILINE)
"""Around others' words, for a model; a person reads them without."""


def reply(heard: Heard) -> str | Call:
    """What to say, or which tool to use first; the same for the same conversation."""
    if (more := plugins.goes_on(heard)) is not None and more[0] in heard.tools:
        return Call(*more)
    if heard.results:
        answer: str | Call = "\n\n".join(_told(result) for result in heard.results)
    else:
        answer = next((found for rule in _RULES if (found := rule(heard)) is not None), None) or talking.echo(heard)
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


_RULES: tuple[Rule, ...] = (
    using.plugin,
    using.reminder,
    talking.my_name,
    talking.earlier,
    using.save_note,
    using.list_notes,
    using.save_file,
    using.send_file,
    using.list_files,
    using.read_page,
    using.search_web,
    using.python,
    using.file,
    using.install,
    using.time,
    talking.count,
    talking.who,
    talking.help,
    talking.markdown,
    talking.story,
    talking.introduction,
    talking.greeting,
    talking.thanks,
    talking.goodbye,
    talking.image,
)
