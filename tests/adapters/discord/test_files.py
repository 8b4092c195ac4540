"""Files that come with messages: what reaches the model, and what is left out and why."""

import base64
import io
import json
import re
from typing import Any

import docx
from PIL import Image

from tests.adapters.discord.harness import Stage
from tests.loopback.discord import Channel, User
from tests.loopback.models import ModelServer


def picture(width: int, height: int, kind: str = "PNG", orientation: int = 1) -> bytes:
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


async def heard(bot: Stage, models: ModelServer, channel: Channel, who: User, at: str, *files: Any) -> dict[str, Any]:
    """What the model was sent for a message with files: its newest message."""
    trigger = await bot.fake.say(channel, who, f"{at} look at this", attachments=list(files))
    await bot.answer(channel, trigger)
    return asked_last(models)


def asked_last(models: ModelServer) -> dict[str, Any]:
    """The newest message of the newest question that came with tools: others ask the model too, about memories."""
    body = [exchange.body for exchange in models.log if exchange.body.get("tools")][-1]
    newest: dict[str, Any] = [message for message in body["messages"] if message["role"] == "user"][-1]
    return newest


def images_of(message: dict[str, Any]) -> list[Image.Image]:
    urls = re.findall(r"data:image/[a-z]+;base64,([A-Za-z0-9+/=]+)", json.dumps(message))
    return [Image.open(io.BytesIO(base64.b64decode(url))) for url in urls]


async def test_a_picture_is_scaled_and_turned_upright(
    bot: Stage, models: ModelServer, channel: Channel, alice: User, at: str
) -> None:
    sideways = picture(4000, 1000, "JPEG", orientation=6)
    message = await heard(bot, models, channel, alice, at, bot.fake.attach("a.jpg", sideways, "image/jpeg"))
    (shown,) = images_of(message)
    assert max(shown.size) <= 1568
    assert shown.height > shown.width


async def test_more_pictures_than_allowed_are_named(
    bot: Stage, models: ModelServer, channel: Channel, alice: User, at: str
) -> None:
    files = [bot.fake.attach(f"{n}.png", picture(10, 10), "image/png") for n in range(2)]
    message = await heard(bot, models, channel, alice, at, *files)
    assert len(images_of(message)) == 1
    assert "1.png" in json.dumps(message)


async def test_texts_and_documents_are_read(
    bot: Stage, models: ModelServer, channel: Channel, alice: User, at: str
) -> None:
    document = docx.Document()
    document.add_paragraph("The quarterly figures are excellent.")
    out = io.BytesIO()
    document.save(out)
    files = [
        bot.fake.attach("notes.py", "print('Grüße')".encode(), "text/x-python"),
        bot.fake.attach("report.docx", out.getvalue(), "application/octet-stream"),
        bot.fake.attach("letter.pdf", PDF, "application/pdf"),
    ]
    text = json.dumps(await heard(bot, models, channel, alice, at, *files), ensure_ascii=False)
    assert "Grüße" in text
    assert "quarterly figures" in text
    assert "Hello from a PDF" in text


async def test_files_that_lie_or_cannot_be_used_never_cost_the_message(
    bot: Stage, models: ModelServer, channel: Channel, alice: User, at: str
) -> None:
    fake = bot.fake
    elsewhere = {**fake.attach("evil.txt", b"x", "text/plain"), "url": "http://127.0.0.1:1/evil.txt"}
    files = [
        fake.attach("huge.txt", b"a" * 200_000, "text/plain"),
        fake.attach("liar.txt", b"a" * 200_000, "text/plain", size=10),
        fake.attach("long.png", b"a" * 200_000, "image/png"),
        fake.attach("broken.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png"),
        fake.attach("tool.exe", b"MZ\0\0" + bytes(range(256)), "application/octet-stream"),
        fake.attach("moved.txt", b"x", "text/plain", redirect="http://127.0.0.1:1/"),
        fake.attach("gone.txt", b"x", "text/plain", status=404),
        fake.attach("broken.pdf", b"%PDF-1.7 nothing of the kind", "application/pdf"),
        elsewhere,
        fake.attach("innocent.png", b"only text", "text/plain", declared_type="image/png"),
    ]
    text = json.dumps(await heard(bot, models, channel, alice, at, *files))
    assert "look at this" in text
    for name in (
        "huge.txt",
        "liar.txt",
        "long.png",
        "broken.png",
        "tool.exe",
        "moved.txt",
        "gone.txt",
        "broken.pdf",
        "evil.txt",
    ):
        assert f"The file '{name}' came with this message, but" in text
    assert "only text" in text
    assert "aaaaaaaaaa" not in text


async def test_the_reply_chain_and_the_talk_around_are_told_apart(
    bot: Stage, models: ModelServer, channel: Channel, alice: User, at: str
) -> None:
    bob = bot.fake.world.add_user("Bob")
    first = await bot.fake.say(channel, bob, "I think it is the carburettor")
    second = await bot.fake.say(channel, bob, "or the battery", reply_to=first)
    await bot.fake.say(channel, bob, "what a day")
    trigger = await bot.fake.say(channel, alice, f"{at} is <@{bob.id}> right?", reply_to=second)
    await bot.answer(channel, trigger)
    text = json.dumps(asked_last(models))
    for words in ("carburettor", "or the battery", "what a day", "Alice of Wonderland", "is @Bob right?"):
        assert words in text
    assert text.count("carburettor") == 1


PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj
4 0 obj<</Length 44>>stream
BT /F1 24 Tf 10 50 Td (Hello from a PDF) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
startxref
0
%%EOF
"""
