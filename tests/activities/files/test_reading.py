"""What is read of a file, by the process that reads it and within its limits."""

import asyncio
import io
import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from activities.files import process
from activities.files.child import SHOWN
from store.files.readings import FileReading
from tests.activities.files import samples

ROOT = Path(__file__).parents[3]
ZIP = b"PK\x05\x06" + bytes(18)


async def read(data: bytes) -> FileReading:
    return await process.read(data, "application/octet-stream", 1568)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
async def test_text_is_read_in_its_encoding(encoding: str) -> None:
    words = "name;Größe\r\nMüller;12 €, naïve café\r\n"
    assert await read(words.encode(encoding)) == FileReading("text", "text/plain", words)


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Привет, как дела? Это текст на русском языке.", "cp1251"),
        ("Привет, как дела? Это текст на русском языке.", "koi8-r"),
        ("これは日本語の文章です。東京は日本の首都です。", "shift_jis"),
        ("中文文本测试。这是一个例子。中文文本测试。", "gb18030"),
    ],
)
async def test_other_scripts_are_read_too(words: str, encoding: str) -> None:
    assert (await read(words.encode(encoding))).text == words


@pytest.mark.parametrize(
    "data", [b"MZ\0\0" + bytes(range(256)), bytes(range(256)), b"a\0b" * 50, random.Random(4711).randbytes(2_000), ZIP]
)
async def test_what_is_no_text_is_not_taken_for_one(data: bytes) -> None:
    found = await read(data)
    assert found.kind == "unreadable"
    assert "neither text nor a picture nor a document" in found.text


async def test_a_long_text_is_cut_in_its_middle_and_says_so() -> None:
    found = await read(b"beginning " + b"x" * 5_000_000 + b" end")
    assert len(found.text) == SHOWN
    assert found.text.startswith("beginning")
    assert found.text.endswith(" end")
    assert "4,9" in found.text
    assert "characters left out" in found.text


async def test_a_pdf_and_a_word_file_are_read() -> None:
    assert (await read(samples.pdf())).text == "Hello from a PDF"
    found = await read(samples.word("The figures are excellent.", table=("Köln", "42")))
    assert found.text == "The figures are excellent.\nKöln | 42\nafter the table"


async def test_an_image_is_made_fit_and_a_small_one_stays() -> None:
    out = io.BytesIO()
    Image.new("RGB", (2000, 1000), "navy").save(out, "JPEG")
    found = await read(out.getvalue())
    assert (found.kind, found.media_type) == ("image", "image/jpeg")
    assert found.data is not None
    assert Image.open(io.BytesIO(found.data)).size == (1568, 784)
    assert (await process.read(found.data, "", 1568)).data is found.data
    smaller = await process.read(found.data, "", 100)
    assert smaller.data is not None
    assert Image.open(io.BytesIO(smaller.data)).size == (100, 50)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 nothing of the kind", "damaged"),
        (samples.pdf(b""), "no text in it"),
        (samples.word(), "no text in it"),
        (samples.word("words")[:-300], "damaged"),
        (b"PK\x03\x04 word/document.xml", "damaged"),
        (b"PK\x03\x04 something else", "neither text nor"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not an image"),
        (samples.png_that_claims(60_000, 60_000), "52 megapixels"),
        (b"\0\0\0\x1cftypheic" + bytes(100), "not an image"),
    ],
)
async def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    found = await read(data)
    assert (found.kind, found.data) == ("unreadable", None)
    assert reason in found.text


BOMBS = [
    samples.pdf_of_pages_without_number,
    samples.pdf_of_pages_within_themselves,
    samples.pdf_that_unfolds,
    samples.word_that_unfolds,
    samples.word_with_a_huge_part,
]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_costs_what_a_file_may_cost(bomb: Callable[[], bytes]) -> None:
    data = bomb()
    assert len(data) < 3_000_000
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.05)
            ticks += 1

    ticking = asyncio.create_task(tick())
    found = await read(data)
    ticking.cancel()
    assert ticks, "the loop went on meanwhile"
    assert found.kind == "unreadable" or found.text.endswith("it was read up to here …]")
    assert len(found.text) <= SHOWN + 100


PEAK = """
import resource, subprocess, sys
command = [sys.executable, "-m", "activities.files.child", "1568"]
subprocess.run(command, stdin=sys.stdin, stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_a_small_file_that_unfolds_to_a_huge_picture_takes_bounded_memory(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (7200, 7200)).save(out, "PNG", compress_level=1)
    assert len(out.getvalue()) < 1_000_000
    # Through a shell, so that the child does not begin with the size of this process.
    command = ["/bin/sh", "-c", 'exec "$0" -c "$1"', sys.executable, PEAK]
    done = subprocess.run(command, input=out.getvalue(), capture_output=True, timeout=60, check=True, cwd=ROOT)
    assert int(done.stdout) < 700, "MiB"


HANGING = "import time; time.sleep(3600)"
SPINNING = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
while True:
    pass
"""


def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> Path:
    """Have another program read files: this code, which leaves its process id behind."""
    pid = tmp_path / "pid"
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nimport os\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\n{code}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return pid


def is_alive(pid: Path) -> bool:
    try:
        os.kill(int(pid.read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


async def test_what_hangs_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = instead(tmp_path, monkeypatch, HANGING)
    monkeypatch.setattr(process, "TIMEOUT_S", 1.0)
    found = await read(b"words" * 1_000_000)
    assert (found.kind, found.text) == ("unreadable", "it takes too long to read")
    assert not is_alive(pid)


async def test_what_spins_is_ended_by_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(tmp_path, monkeypatch, SPINNING)
    assert (await read(b"words")).text in (process.SLOW, "it takes too much memory or time to read")


async def test_a_stop_kills_the_process_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = instead(tmp_path, monkeypatch, HANGING)
    reading = asyncio.create_task(read(b"words"))
    while not is_alive(pid):
        await asyncio.sleep(0.02)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not is_alive(pid)


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os; os.kill(os.getpid(), 15)"])
async def test_a_process_that_is_ended_from_outside_says_nothing_about_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    instead(tmp_path, monkeypatch, code)
    with pytest.raises(process.Interrupted):
        await read(b"words")


async def test_the_process_knows_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    seen = tmp_path / "seen"
    instead(tmp_path, monkeypatch, f"open({str(seen)!r}, 'w').write(str(dict(os.environ)))")
    with suppress(ValueError):  # it answers nothing
        await read(b"words")
    assert "sk-secret" not in await asyncio.to_thread(seen.read_text)
