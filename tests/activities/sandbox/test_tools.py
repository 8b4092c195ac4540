"""What a model can do with the sandbox, and what a person gets of it, in every back end."""

import asyncio
import base64

import pytest

from activities.sandbox import journal as journal_module
from activities.sandbox.journal import CUT_OFF, Journal
from activities.sandbox.tools.python import NEW
from activities.tools.tool import Context, File, ToolOutput
from clara.errors import ToolFailed, Unavailable
from clara.memory.kinds import Owner
from clara.messages import Incoming, Quoted
from clara.tools.provenance import Provenance
from store import sandbox
from store.database import Pool
from store.turns import turns
from tests.activities.sandbox.test_conformance import CANARY, alive, gone, mark
from tests.activities.sandbox.workbench import Workbench

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

DRAWN = f"""
import sys, types
class Figure:
    def savefig(self, file, **options): file.write({PNG!r})
pyplot = types.ModuleType("matplotlib.pyplot")
pyplot.open = [1, 2]
pyplot.get_fignums = lambda: list(pyplot.open)
pyplot.figure = lambda number: Figure()
pyplot.close = lambda what: pyplot.open.clear()
sys.modules["matplotlib.pyplot"] = pyplot
"""
"""What matplotlib does when something was drawn, in short."""


async def test_variables_stay_within_a_conversation_and_nowhere_else(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    assert await bench.text(said, "execute_python", code="side = 3") == "(It wrote nothing.)"
    assert await bench.text(await bench.says(owner), "execute_python", code="side ** 2") == "9"
    elsewhere = await bench.text(await bench.says(owner, channel="another"), "execute_python", code="side")
    assert "NameError" in elsewhere


async def test_files_of_the_message_are_there_and_what_is_made_of_them_comes_back(
    bench: Workbench, owner: Owner
) -> None:
    table = b"month,sales\nMay,3\nJune,4\n"
    said = await bench.says(owner, [("../../sales of 2026.csv", table), ("sales of 2026.csv", b"other")])
    listed = await bench.text(said, "sandbox_list_files", folder="attachments")
    assert listed.splitlines() == ["sales of 2026 (2).csv  5 bytes", "sales of 2026.csv  25 bytes"]
    code = "import csv\nsum(int(row['sales']) for row in csv.DictReader(open('attachments/sales of 2026.csv')))"
    assert await bench.text(said, "execute_python", code=code) == "7"
    await bench.text(said, "run_shell", command="cut -d, -f1 'attachments/sales of 2026.csv' > months.txt")
    sent = await bench.call(said, "copy_from_sandbox", path="months.txt")
    assert [(file.name, file.data) for file in sent.files] == [("months.txt", b"month\nMay\nJune\n")]
    assert "goes to the person" in sent.text


async def test_figures_go_to_the_person(bench: Workbench, owner: Owner) -> None:
    drawn = await bench.call(await bench.says(owner), "execute_python", code=DRAWN)
    assert [(file.name, file.media_type, file.data) for file in drawn.files] == [
        ("figure-1.png", "image/png", PNG),
        ("figure-2.png", "image/png", PNG),
    ]
    assert "2 figures were sent to the person" in drawn.text
    assert not (await bench.call(await bench.says(owner), "execute_python", code="1")).files


async def test_what_a_run_writes_is_shown_meanwhile(bench: Workbench, owner: Owner) -> None:
    bench.shown.clear()
    await bench.text(await bench.says(owner), "run_shell", command="for i in 1 2 3; do echo line $i; sleep 0.6; done")
    assert bench.shown[0] == "line 1"
    assert len(bench.shown) >= 2
    bench.shown.clear()
    code = "import time\nfor i in range(3): print('round', i); time.sleep(0.6)"
    await bench.text(await bench.says(owner), "execute_python", code=code)
    assert "round 0" in bench.shown[0]


async def test_a_command_tells_how_it_ended(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    assert await bench.text(said, "run_shell", command="echo no >&2; exit 4") == "no\n[exit code 4]"
    late = await bench.text(said, "run_shell", command="echo begun; sleep 60", timeout=1)
    assert late == "begun\n[It took longer than 1 s and was ended.]"
    assert await bench.text(said, "run_shell", command="true") == "(It wrote nothing.)"


async def test_an_attempt_after_a_crash_runs_nothing_again(bench: Workbench, owner: Owner, pool: Pool) -> None:
    said = await bench.says(owner)
    once = await bench.call(said, "run_shell", call="call_1", command="echo run >> runs; wc -l < runs")
    assert once.text.strip() == "1"
    # It ended and could not be stored: the attempt after it is given the same.
    assert (await bench.call(said, "run_shell", call="call_1", command="echo run >> runs")).text == once.text
    # Its worker died: nothing is known of it but that it began.
    bench.opened.journal._ended.clear()
    with pytest.raises(ToolFailed) as told:
        await bench.call(said, "run_shell", call="call_1", command="echo run >> runs")
    assert str(told.value) == CUT_OFF
    # It may still be alive.
    key = f"{said.turn_id}/0/call_2"
    assert await sandbox.begin(pool, key, owner, said.conversation.id, "run_shell", 60) is None
    with pytest.raises(Unavailable) as waiting:
        await bench.call(said, "run_shell", call="call_2", command="echo run >> runs")
    assert waiting.value.retry_after is not None
    assert (await bench.text(said, "run_shell", command="cat runs")) == "run"


async def test_a_session_that_had_to_begin_anew_says_so(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    await bench.text(said, "execute_python", code="kept = 1\nopen('kept', 'w').write('here')")
    await bench.opened.stop((await sandbox.box_of(bench.pool, owner)).id)
    anew = await bench.text(said, "execute_python", code="print(open('kept').read()); 'kept' in globals()")
    assert anew == f"{NEW}\nhere\nFalse"
    assert NEW not in await bench.text(said, "execute_python", code="1")


async def test_the_call_after_one_that_was_cut_off_says_that_its_session_is_new(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    await bench.text(said, "execute_python", code="kept = 1")
    await bench.call(said, "execute_python", call="call_3", code="kept = 2")
    await bench.opened.stop((await sandbox.box_of(bench.pool, owner)).id)  # its worker died,
    bench.opened.journal._ended.clear()  # and another one tries the call again
    with pytest.raises(ToolFailed, match="cut off"):
        await bench.call(said, "execute_python", call="call_3", code="kept = 2")
    assert (await bench.text(said, "execute_python", code="'kept' in globals()")) == f"{NEW}\nFalse"


async def test_a_failure_that_could_not_be_stored_is_told_again_as_it_was(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)

    async def fail() -> ToolOutput:
        raise ToolFailed("Not installed. No such package.")

    context = Context(said, f"{said.turn_id}/0/call_4", said.sent_at)
    for _ in range(2):
        with pytest.raises(ToolFailed, match="No such package"):
            await bench.opened.journal.once("install_package", context, fail)


async def test_only_so_much_is_held_until_it_is_stored(
    bench: Workbench, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "REMEMBERED_SIZE", 2_500)
    said, journal = await bench.says(owner), Journal(bench.pool)

    async def draw() -> ToolOutput:
        return ToolOutput("", (File("figure-1.png", "image/png", bytes(1_000)),))

    for number in range(5):
        await journal.once("execute_python", Context(said, f"{said.turn_id}/1/{number}", said.sent_at), draw)
    assert len(journal._ended) == 2


@pytest.mark.parametrize("command", ["echo a\0b", "echo " + "é" * 49_000 + "é" * 900 + "€" * 50])
async def test_a_command_that_no_process_can_be_given_is_refused_with_what_to_do(
    bench: Workbench, owner: Owner, command: str
) -> None:
    said = await bench.says(owner)
    if "\0" in command:
        with pytest.raises(ToolFailed, match="sandbox_write_file"):
            await bench.text(said, "run_shell", command=command)
    else:
        assert (await bench.text(said, "run_shell", command=command)).startswith("ééé")
        with pytest.raises(ToolFailed, match="sandbox_write_file"):
            await bench.text(said, "run_shell", command="echo " + "€" * 49_000)


async def test_an_attachment_that_does_not_fit_is_told_once_and_the_box_can_be_tidied_up(
    bench: Workbench, owner: Owner
) -> None:
    said = await bench.says(owner)
    fill = "i=0; while dd if=/dev/zero of=full$i bs=1M count=8 2>/dev/null; do i=$((i+1)); sleep 0.05; done"
    await bench.text(said, "run_shell", command=fill)
    attached = await bench.says(owner, [("table.csv", bytes(20 << 20))])
    with pytest.raises(ToolFailed, match=r"table.csv was attached and could not be put into the sandbox"):
        await bench.text(attached, "run_shell", command="true")
    assert await bench.text(attached, "run_shell", command="rm full* && echo tidy") == "tidy"


async def test_another_worker_leaves_attachments_as_code_has_changed_them(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner, [("table.csv", b"a,b\n")])
    await bench.text(said, "run_shell", command="echo 1,2 >> attachments/table.csv")
    bench.opened.boxes._brought.clear()  # as one that knows nothing of this turn
    assert await bench.text(said, "run_shell", command="cat attachments/table.csv") == "a,b\n1,2"
    assert await bench.text(said, "sandbox_list_files", folder="attachments") == "table.csv  8 bytes"
    again = await bench.says(owner, [("table.csv", b"new\n")])
    assert await bench.text(again, "run_shell", command="cat attachments/table.csv") == "new"


async def test_links_and_closed_folders_are_listed(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    made = "mkdir full empty closed && touch full/file closed/file && ln -s full link && chmod 000 closed"
    await bench.text(said, "run_shell", command=made)
    listed = (await bench.text(said, "sandbox_list_files")).splitlines()
    await bench.text(said, "run_shell", command="chmod 700 closed")
    assert set(listed) >= {"empty/  folder", "full/file  0 bytes", "link  link"}
    assert [line for line in listed if line.startswith("closed/")]  # who counts its files may have opened it


async def test_a_stop_ends_a_loop_at_once_and_keeps_variables(bench: Workbench, owner: Owner) -> None:
    said, marked = await bench.says(owner), mark()
    await bench.text(said, "execute_python", code="kept = 42")
    code = f"import subprocess\nsubprocess.run(['sleep', '{marked}'])"
    running = asyncio.create_task(bench.call(said, "execute_python", code=code))
    while not alive(marked):
        await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await gone(marked)
    assert await bench.text(said, "execute_python", code="kept") == "42"


async def test_files_are_written_read_and_listed(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    wrote = await bench.text(said, "sandbox_write_file", path="notes/one.md", content="# One\nÄ\n")
    assert wrote == "Wrote notes/one.md, 9 bytes."
    assert (await bench.text(said, "sandbox_write_file", path="~/notes/one.md", content="two")).startswith("Replaced")
    assert await bench.text(said, "sandbox_read_file", path="/home/user/notes/one.md") == "two"
    assert await bench.text(said, "sandbox_list_files", folder="notes") == "one.md  3 bytes"
    long = "x" * 30_000
    await bench.text(said, "sandbox_write_file", path="long", content=long)
    page = await bench.text(said, "sandbox_read_file", path="long")
    assert page.startswith("[characters 0 to 11,500 of 30,000; go on with start=11500]\n")
    await bench.text(said, "run_shell", command="head -c 100 /dev/zero > binary; mkfifo pipe; ln -s /etc/hostname link")
    for path, words in (
        ("binary", "is no text"),
        ("pipe", "is not a file"),
        ("notes", "is not a file"),
        ("missing", "No such file"),
        ("/dev/zero", "is not in the sandbox's folder"),
    ):
        with pytest.raises(ToolFailed, match=words):
            await bench.text(said, "sandbox_read_file", path=path)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd", "../../etc/passwd", "a/../../../etc/shadow", "/proc/1/environ", "/home/user/../other/x",
        "/home/userx", "/", "..", "~root/.ssh/id", "/tmp/../etc/x", "", " ", "a\0b", "x" * 2000, "/var/run/docker.sock",
        "/sys/kernel", "//etc/passwd", "./../..", "/home", "~/../../root",
    ],
)  # fmt: skip
async def test_paths_outside_are_refused_in_words(bench: Workbench, owner: Owner, path: str) -> None:
    said = await bench.says(owner)
    for name, more in (
        ("sandbox_read_file", {"path": path}),
        ("sandbox_write_file", {"path": path, "content": "x"}),
        ("copy_from_sandbox", {"path": path}),
        ("sandbox_unzip", {"path": path}),
    ):
        with pytest.raises(ToolFailed) as refused:
            await bench.text(said, name, **more)
        assert "sandbox" in str(refused.value) or "no path" in str(refused.value), name


async def test_a_kept_file_or_one_of_the_conversation_is_copied_in_and_out(
    bench: Workbench, owner: Owner, stranger: Owner
) -> None:
    said = await bench.says(owner)
    with pytest.raises(ToolFailed, match="There is no file"):
        await bench.text(said, "copy_to_sandbox", name="plan.txt")
    await bench.text(said, "run_shell", command="echo mine > plan.txt")
    assert "neither" not in await bench.text(said, "run_shell", command="ls")
    with pytest.raises(ToolFailed, match="send it or to keep it"):
        await bench.text(said, "copy_from_sandbox", path="plan.txt", send=False)
    others = await bench.says(stranger)
    with pytest.raises(ToolFailed, match="No such file"):
        await bench.text(others, "copy_from_sandbox", path="plan.txt")


async def test_two_people_have_boxes_of_their_own_whatever_the_arguments_say(
    bench: Workbench, owner: Owner, stranger: Owner
) -> None:
    await bench.text(await bench.says(owner), "run_shell", command=f"echo {CANARY} > mine; echo {CANARY} > /tmp/mine")
    others = await bench.says(stranger)
    search = f"cat mine /tmp/mine; ls /home; grep -r {CANARY} / --include=mine 2>/dev/null; :"
    assert CANARY not in await bench.text(others, "run_shell", command=search)
    tools = bench._tools.values()
    assert not [name for tool in tools for name in tool.arguments.model_fields if "user" in name or "owner" in name]


async def test_secrets_of_the_environment_are_nowhere_in_a_box(
    bench: Workbench, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_API_KEY", "DISCORD_BOT_TOKEN", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, CANARY)
    said = await bench.says(owner)
    search = "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; cat /run/clara/* 2>/dev/null; :"
    seen = await bench.text(said, "run_shell", command=search)
    assert CANARY not in seen
    code = "import os, sys\nprint(dict(os.environ), sys.path, globals().keys())"
    assert CANARY not in await bench.text(said, "execute_python", code=code)


async def test_output_is_told_by_whom_it_may_be(bench: Workbench, owner: Owner) -> None:
    said = await bench.says(owner)
    assert (await bench.call(said, "run_shell", command="echo x")).provenance is Provenance.PERSON
    quoted = (Quoted(author="Eve", text="a script", relation="reply"),)
    tainted = (await bench.says(owner)).model_copy(update={"quoted": quoted})
    await turns.begin(bench.pool, tainted)
    await bench.call(tainted, "sandbox_write_file", path="x.sh", content="echo x")
    assert (await bench.call(said, "run_shell", command="sh x.sh")).provenance is Provenance.OTHERS
    assert (await bench.call(said, "execute_python", code="1")).provenance is Provenance.OTHERS


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("sandbox_write_file", {"path": "page.txt", "content": "x"}),
        ("run_shell", {"command": "echo x > page.txt"}),
        ("execute_python", {"code": "open('page.txt', 'w').write('x')"}),
    ],
)
async def test_words_of_others_stay_theirs_when_the_model_writes_them_into_a_box(
    bench: Workbench, owner: Owner, monkeypatch: pytest.MonkeyPatch, name: str, arguments: dict[str, str]
) -> None:
    async def read_a_page(message: Incoming) -> Provenance:
        return Provenance.OTHERS

    with monkeypatch.context() as patched:
        patched.setattr(bench.workshop.kept, "origin", read_a_page)
        await bench.call(await bench.says(owner), name, **arguments)
    later = await bench.call(await bench.says(owner), "sandbox_read_file", path="page.txt")
    assert later.provenance is Provenance.OTHERS


@pytest.mark.parametrize(
    "name",
    [
        "https://example.com/x.whl", "git+https://example.com/x", "../x", "/tmp/x", "--index-url=http://evil", "-r x",
        "x; rm -rf /", "x @ https://example.com/x", "", " ", "x$(id)", "x\n--pre", "file:///etc/passwd", "x y;z", "é",
    ],
)  # fmt: skip
async def test_only_names_of_packages_are_installed(bench: Workbench, owner: Owner, name: str) -> None:
    with pytest.raises(ToolFailed, match="package"):
        await bench.text(await bench.says(owner), "install_package", packages=[name])


async def test_schemas_are_small(bench: Workbench) -> None:
    assert sum(tool.tokens for tool in bench._tools.values()) < 1_800
