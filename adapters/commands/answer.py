"""What plugins want to know of the person, and the answers."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.errors import UserError
from clara.plugins import elicitation
from store import plugin_questions
from store.plugin_questions import Asked

DECLINE = "decline"


async def _answer(request: Request, arguments: Arguments) -> CommandResult:
    found = await request.door.store(plugin_questions.of_person, request.asker.id)
    text = arguments.get("text", "")
    chosen, said = _chosen(found, text)
    prefix = request.face.prefix
    if chosen is None:
        return CommandResult("\n\n".join(_card(each, prefix) for each in found) or "No plugin has asked you anything.")
    if not said and chosen.question.fields:
        return CommandResult(_card(chosen, prefix))
    declined = said.lower() == DECLINE
    content = None if declined else elicitation.answer(chosen.question, said)
    if not await request.door.answer_plugin(chosen.id, request.asker.id, content):
        raise UserError("That was answered a moment ago, or nobody waits for it any more.")
    told = "is told that you do not say" if declined else "gets your answer"
    return CommandResult(f"The plugin {chosen.plugin} {told}.")


def _chosen(found: list[Asked], text: str) -> tuple[Asked | None, str]:
    """The question that is meant, and what was said to it: the only one needs no id."""
    first, _, rest = text.partition(" ")
    for each in found:
        if each.id == first.lower():
            return each, rest.strip()
    return (found[0], text) if len(found) == 1 and text else (None, text)


def _card(asked: Asked, prefix: str) -> str:
    return elicitation.card(asked.plugin, asked.question, asked.id, prefix)


ANSWER = Command(
    "answer",
    "Answer what a plugin wants to know from you, or see what that is",
    _answer,
    (Option("text", "the id of the question if there are several, then your answer, or decline"),),
)
