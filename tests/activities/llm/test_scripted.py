"""The stand-in without a model: honest about itself, and good enough to show everything else."""

import pytest

from activities.llm.scripted import plugins
from activities.llm.scripted.provider import ScriptedProvider
from activities.llm.scripted.request import Heard as Understood
from clara.llm.models import Completion, Prompt, ToolSchema
from clara.llm.tiers import CLASSIFIER_INSTRUCTION, parse_classification
from clara.messages import Message, Part, ToolCallPart
from clara.settings.llm import KEY_VARIABLES
from tests.activities.llm.dialogues import Heard, ask, calls_of, clara, image, prompt, result, text_of, user

NO_ARGUMENTS = {"type": "object", "properties": {}}
NOTE = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "maxLength": 120},
        "text": {"type": "string"},
        "tag": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["title", "text"],
}
TOOLS = (
    ToolSchema(name="current_time", description="", parameters=NO_ARGUMENTS),
    ToolSchema(name="list_notes", description="", parameters=NO_ARGUMENTS),
    ToolSchema(name="save_note", description="", parameters=NOTE),
)

scripted = ScriptedProvider(word_pause_s=0)


async def talk(*words: str) -> list[str]:
    """Say these things one after the other; what it answered."""
    dialogue: tuple[Message, ...] = ()
    answers = []
    for said in words:
        dialogue = (*dialogue, user(f"[2026-11-22 13:04] {said}"))
        completion = await ask(scripted, "scripted", prompt(*dialogue, tools=TOOLS))
        dialogue = (*dialogue, Message(role="assistant", parts=completion.parts))
        answers.append(text_of(completion))
    return answers


async def use(words: str, *, tools: tuple[ToolSchema, ...] = TOOLS) -> Completion:
    return await ask(scripted, "scripted", prompt(user(words), tools=tools))


async def test_the_first_answer_says_what_it_is_and_how_to_get_a_model() -> None:
    first, second, asked = await talk("Good morning", "Nice weather", "Who are you?")
    for answer in (first, asked):
        assert "not a language model" in answer
        assert all(variable in answer for variable in KEY_VARIABLES.values())
    assert "language model" not in second


async def test_words_stream_and_add_up() -> None:
    heard = Heard()
    completion = await ask(scripted, "scripted", "tell me a story", heard)
    assert len(heard.pieces) > 200
    assert "".join(heard.pieces) == text_of(completion)
    assert completion.usage.output_tokens > 100
    assert completion.usage.cost_usd == 0


async def test_it_remembers_the_conversation() -> None:
    answers = await talk("My name is Ada and I like maths", "What is my name?", "What did I say before?", "help")
    assert "Ada." in answers[0]
    assert "Ada" in answers[1]
    assert "> What is my name?" in answers[2]
    assert "13:04" not in answers[2], "the heading of a message is not part of what was said"
    assert "What time is it?" in answers[3]


async def test_it_knows_what_it_was_not_told() -> None:
    assert "not told me" in (await talk("hi", "what's my name?"))[1]
    assert "first thing" in (await talk("What did I say?"))[0]


@pytest.mark.parametrize(
    "words", ["What time is it?", "what's the date?", "What is the current time", "which day is it?"]
)
async def test_the_clock_is_asked(words: str) -> None:
    heard = Heard()
    asked = prompt(user(words), tools=TOOLS)
    completion = await ask(scripted, "scripted", asked, heard)
    (made,) = calls_of(completion)
    assert (made.name, completion.stop, heard.tools) == ("current_time", "tools", ["current_time"])
    dialogue = (*asked.messages, clara(made), user(result(made.id, "Sunday, 13:04", made.name)))
    answer = text_of(await ask(scripted, "scripted", prompt(*dialogue, tools=TOOLS)))
    assert "Sunday, 13:04" in answer
    assert "not a language model" in answer, "it is still the first answer"


@pytest.mark.parametrize(
    "words", ["Remember a note: water the plants", "please save a note that water the plants", "note: water the plants"]
)
async def test_notes_are_saved(words: str) -> None:
    (made,) = calls_of(await use(words))
    assert made.name == "save_note"
    assert made.arguments == {"title": "water the plants", "text": "water the plants"}


async def test_notes_are_listed() -> None:
    (made,) = calls_of(await use("Please list my notes"))
    assert (made.name, made.arguments) == ("list_notes", {})


async def test_a_tool_that_is_not_offered_is_not_called() -> None:
    for words in ("What time is it?", "list my notes", "note: x"):
        completion = await use(words, tools=())
        assert calls_of(completion) == []
        assert "not offered" in text_of(completion)


async def test_with_tools_forbidden_it_answers() -> None:
    completion = await ask(scripted, "scripted", prompt(user("What time is it?"), tools=TOOLS, may_call_tools=False))
    assert completion.stop == "end"


async def test_a_failed_tool_is_told() -> None:
    made = ToolCallPart(id="x", name="current_time", arguments={})
    failed: Part = result("x", "The clock is broken.", "current_time", is_error=True)
    answer = text_of(await ask(scripted, "scripted", prompt(user("time"), clara(made), user(failed), tools=TOOLS)))
    assert "failed: The clock is broken." in answer


async def test_counting_has_an_end() -> None:
    assert (await talk("hi", "count to 5"))[1] == "1, 2, 3, 4, 5."
    assert "1000 … and I stop there." in (await talk("count to 100000000"))[0]


async def test_markdown_with_code() -> None:
    assert "```python" in (await talk("hi", "show markdown"))[1]


async def test_an_image_is_noticed() -> None:
    answer = text_of(await ask(scripted, "scripted", prompt(user("", image("x")))))
    assert "You sent an image." in answer


async def test_anything_else_is_repeated_without_other_peoples_words() -> None:
    words = '<quoted author="Bob">ignore me, what time is it</quoted>\n[2026-11-22 13:04, Ada] The sky is green'
    completion = await ask(scripted, "scripted", prompt(user(words), tools=TOOLS))
    assert "> The sky is green" in text_of(completion)
    assert "ignore me" not in text_of(completion)


async def test_it_classifies_as_it_is_asked_to() -> None:
    asked = Prompt(system=CLASSIFIER_INSTRUCTION, messages=(user("Prove Fermat's theorem"),))
    assert parse_classification(text_of(await ask(scripted, "scripted", asked))) == "mid"


async def test_the_same_conversation_gets_the_same_answer() -> None:
    asked = prompt(user("Tell me something"), tools=TOOLS)
    assert await ask(scripted, "scripted", asked) == await ask(scripted, "scripted", asked)


WEB = (
    ToolSchema(name="fetch_page", description="", parameters=NO_ARGUMENTS),
    ToolSchema(name="find_tools", description="", parameters=NO_ARGUMENTS),
)
SEARCH = ToolSchema(name="web_search", description="", parameters=NO_ARGUMENTS)


async def test_a_page_is_read() -> None:
    (made,) = calls_of(await use("Could you read https://example.org/a?b=c, please?", tools=WEB))
    assert (made.name, made.arguments) == ("fetch_page", {"url": "https://example.org/a?b=c"})


async def test_the_web_is_searched_or_it_is_said_what_that_needs() -> None:
    (made,) = calls_of(await use("Search the web for the tides of Cuxhaven", tools=(*WEB, SEARCH)))
    assert (made.name, made.arguments) == ("web_search", {"query": "the tides of Cuxhaven"})
    asked = prompt(user("search the web for tides"), tools=WEB)
    (made,) = calls_of(await ask(scripted, "scripted", asked))
    assert made.name == "find_tools"
    dialogue = (*asked.messages, clara(made), user(result(made.id, "Tell them:\n- web_search: set KEY", made.name)))
    answer = text_of(await ask(scripted, "scripted", prompt(*dialogue, tools=WEB)))
    assert "What I was told:\n\n- web_search: set KEY" in answer
    assert "not offered" in text_of(await use("search the web for tides", tools=()))


async def test_it_keeps_lists_and_sends_files() -> None:
    tools = tuple(
        ToolSchema(name=name, description="", parameters=NO_ARGUMENTS)
        for name in ("save_file", "list_files", "send_file")
    )
    heading = "[2026-11-22 13:04]"
    for words, name, arguments in (
        (f'{heading} keep this file\n<attachment name="a b.txt">\nx\n</attachment>', "save_file", {"file": "a b.txt"}),
        (f"{heading} please save the picture\n[attached: photo.png]", "save_file", {"file": "photo.png"}),
        (
            f"{heading} save this file\n[The file 'x.zip' came with this message, but no.]",
            "save_file",
            {"file": "x.zip"},
        ),
        (f"{heading} list my files", "list_files", {}),
        (f"{heading} send me my file plan.txt!", "send_file", {"name": "plan.txt"}),
        (f"{heading} send me `plan.txt`", "send_file", {"name": "plan.txt"}),
    ):
        [call] = calls_of(await use(words, tools=tools))
        assert (call.name, call.arguments) == (name, arguments)
    assert "Attach a file" in text_of(await use("keep this file", tools=tools))
    assert "save_file" in text_of(await use("keep this file", tools=()))
    earlier = prompt(user("look\n[attached: photo.png]"), clara("Nice."), user("send me my file"), tools=tools)
    [call] = calls_of(await ask(scripted, "scripted", earlier))
    assert call.arguments == {"name": "photo.png"}


async def test_code_is_run_and_files_are_looked_at_in_the_sandbox() -> None:
    tools = tuple(
        ToolSchema(name=name, description="", parameters=NO_ARGUMENTS) for name in ("execute_python", "install_package")
    )
    for words, part in (
        ("Run some Python", "primes"),
        ("run this code:\n```python\nprint(1)\n```", "print(1)"),
        ("run an endless loop", "while True"),
        ("Look at this file", "attachments"),
        ("plot this CSV", "matplotlib"),
    ):
        [call] = calls_of(await use(words, tools=tools))
        assert call.name == "execute_python"
        assert part in call.arguments["code"]
    [call] = calls_of(await use("install pandas please", tools=tools))
    assert (call.name, call.arguments) == ("install_package", {"packages": ["pandas"]})
    assert "not offered" in text_of(await use("run some Python", tools=()))


@pytest.mark.parametrize(
    ("said", "tool", "arguments"),
    [
        ("install the MCP server smithery:exa", "mcp_install", {"source": "smithery:exa"}),
        ("install smithery-hosted:@smithery/notion", "mcp_install", {"source": "smithery-hosted:@smithery/notion"}),
        (
            "install the MCP server @modelcontextprotocol/server-everything",
            "mcp_install",
            {"source": "@modelcontextprotocol/server-everything"},
        ),
        (
            "install MCP server from github.com/modelcontextprotocol/servers",
            "mcp_install",
            {"source": "github.com/modelcontextprotocol/servers"},
        ),
        ("which plugins are there?", "mcp_list", {}),
        ('call everything__echo {"message": "hi"}', "everything__echo", {"message": "hi"}),
    ],
)
def test_the_stand_in_knows_how_plugins_are_asked_for(said: str, tool: str, arguments: dict[str, str]) -> None:
    assert plugins.wish(Understood(said, (), False, 0, (), {})) == (tool, arguments)


def test_the_stand_in_still_installs_packages_in_the_sandbox() -> None:
    assert plugins.wish(Understood("install numpy", (), False, 0, (), {})) is None
