"""Files that people keep, in the database and in S3: whole, once, of nobody else, and gone when they are deleted."""

import asyncio
import sys
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest

from activities.files import s3 as s3_client
from activities.files.deleting import delete_due
from activities.files.exporting import add_contents
from activities.files.keeping import KeptFiles
from activities.files.tools import tools
from activities.tools.tool import Context, ToolOutput
from clara.errors import Misconfigured, ToolFailed, Unavailable
from clara.memory.kinds import Owner
from clara.messages import Attachment, Incoming, Quoted
from clara.settings import load
from clara.settings.files import FilesSettings
from clara.tools.provenance import Provenance
from store.database import Pool
from store.files import blobs, kept, objects
from store.memory import preferences
from store.people import people
from store.turns import steps, taint, turns
from store.turns.steps import KeptFile, ToolResult
from tests.activities.files import samples
from tests.activities.memory.people import message, told
from tests.loopback.s3 import KEY, SECRET, Bucket, LyingS3


def settings(front: LyingS3 | None = None, **more: str) -> FilesSettings:
    s3 = (
        {"S3_ENABLED": "true", "S3_ENDPOINT_URL": front.url, "S3_ACCESS_KEY": KEY, "S3_SECRET_KEY": SECRET}
        if front
        else {}
    )
    return load({**s3, **more}).files


async def use(
    pool: Pool, files: KeptFiles, said: Incoming, used: str, /, call: str = "c1", **arguments: str
) -> ToolOutput:
    await told(pool, said)
    tool = next(tool for tool in tools(files) if tool.name == used)
    made = await tool.run(tool.parse(arguments), Context(said, f"{said.turn_id}/0/{call}", datetime.now(UTC)))
    return tool.output(made)


async def text(*what: Any, **arguments: Any) -> str:
    return (await use(*what, **arguments)).text


@pytest.fixture(params=["database", "S3"])
def files(request: pytest.FixtureRequest, pool: Pool, front: LyingS3) -> KeptFiles:
    return KeptFiles(pool, settings(front if request.param == "S3" else None))


async def test_a_file_is_kept_listed_read_sent_and_deleted(pool: Pool, files: KeptFiles, owner: Owner) -> None:
    said = message(owner, "keep this list as plan.txt")
    assert await text(pool, files, said, "save_file", name="../plan.txt", text="milk\nbread") == (
        "Kept 'plan.txt' (text/plain, 10 bytes)."
    )
    assert "plan.txt (text/plain, 10 bytes" in await text(pool, files, said, "list_files")
    assert "milk\nbread" in await text(pool, files, said, "read_file", name="PLAN.txt")
    sent = await use(pool, files, said, "send_file", name="plan.txt")
    assert [(file.name, file.data) for file in sent.files] == [("plan.txt", b"milk\nbread")]
    with pytest.raises(ToolFailed, match="has not named the file"):
        await use(pool, files, message(owner, "tidy up"), "delete_file", name="plan.txt")
    asked = message(owner, "please delete plan.txt")
    assert await text(pool, files, asked, "delete_file", name="plan.txt") == "Deleted 'plan.txt'."
    assert "keeps no files" in await text(pool, files, said, "list_files")
    with pytest.raises(ToolFailed, match="no file called"):
        await use(pool, files, said, "read_file", name="plan.txt")


async def test_a_second_attempt_keeps_none_twice_and_a_second_call_gets_a_number(
    pool: Pool, files: KeptFiles, owner: Owner
) -> None:
    said = message(owner, "keep it")
    first = [await text(pool, files, said, "save_file", name="a.txt", text="x") for _ in range(3)]
    assert len(set(first)) == 1
    assert "'A (2).txt'" in await text(pool, files, said, "save_file", call="c2", name="A.txt", text="y")
    assert len(await kept.of_person(pool, owner, False, 9)) == 2


async def test_what_was_kept_in_private_is_not_noticed_where_others_read(
    pool: Pool, files: KeptFiles, owner: Owner, stranger: Owner
) -> None:
    await use(pool, files, message(owner, "keep"), "save_file", name="diagnosis.txt", text="gout")
    room = message(owner, "delete diagnosis.txt", private=False)
    assert "keeps no files that may be seen here" in await text(pool, files, room, "list_files")
    for tool in ("read_file", "send_file"):
        with pytest.raises(ToolFailed, match="no file called"):
            await use(pool, files, room, tool, name="diagnosis.txt")
    assert "no file called" in await text(pool, files, room, "delete_file", name="diagnosis.txt")
    assert "'diagnosis.txt'" in await text(pool, files, room, "save_file", name="diagnosis.txt", text="open")
    assert "open" in await text(pool, files, room, "read_file", name="diagnosis.txt")
    with pytest.raises(ToolFailed, match="no file called"):
        await use(pool, files, message(stranger, "hm"), "read_file", name="diagnosis.txt")
    await preferences.share_private(pool, owner, True)
    assert (await text(pool, files, room, "list_files")).count("diagnosis.txt") == 2


async def test_a_file_that_is_too_large_or_finds_no_room_is_refused_in_words(pool: Pool, owner: Owner) -> None:
    files = KeptFiles(pool, settings(CLARA_MAX_FILE_SIZE="2000", CLARA_FILES_QUOTA="3000"))
    said = message(owner, "keep")
    with pytest.raises(ToolFailed, match=r"has 1 KiB; one may have 1 KiB"):
        await use(pool, files, said, "save_file", name="a.txt", text="x" * 2001)
    await use(pool, files, said, "save_file", call="c2", name="a.txt", text="x" * 2000)
    with pytest.raises(ToolFailed, match=r"no room.*have files deleted"):
        await use(pool, files, said, "save_file", call="c3", name="b.txt", text="x" * 1001)


async def test_two_at_once_do_not_pass_the_quota_together(pool: Pool, owner: Owner) -> None:
    files = KeptFiles(pool, settings(CLARA_FILES_QUOTA="3000"))
    said = message(owner, "keep")
    await told(pool, said)
    calls = (
        use(pool, files, said, "save_file", call=f"c{number}", name="a.txt", text="x" * 1000) for number in range(6)
    )
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, ToolFailed) for each in done) == 3
    assert len({each.name for each in await kept.of_person(pool, owner, False, 9)}) == 3


async def test_an_attached_file_and_one_of_a_tool_are_kept_by_their_names(
    pool: Pool, files: KeptFiles, owner: Owner
) -> None:
    pdf = samples.pdf()
    blob = await blobs.save(pool, owner, "report.pdf", "application/pdf", pdf)
    attached = Attachment(blob_id=blob, name="report.pdf", media_type="application/pdf", size=len(pdf))
    said = message(owner, "keep this").model_copy(update={"attachments": (attached,)})
    assert "Kept 'report.pdf' (application/pdf" in await text(pool, files, said, "save_file", file="Report.pdf")
    assert "Hello from a PDF" in await text(pool, files, message(owner, "read"), "read_file", name="report.pdf")
    chart = await blobs.save(pool, owner, "chart.png", "image/png", b"not a picture at all")
    made = KeptFile(blob_id=chart, name="chart.png", media_type="image/png", size=20)
    async with pool.connection() as connection:
        result = ToolResult(said.turn_id, 0, "t1", "fetch", "", False, False, 0, None, Provenance.OTHERS, files=(made,))
        await steps.save_result(connection, result)
    saved = await text(pool, files, said, "save_file", call="c2", name="mine.png", file="chart.png")
    assert saved.startswith("Kept 'mine.png' (text/plain"), "the content counts, not what is said of it"
    found = await kept.find(pool, owner, "mine.png", False)
    assert found is not None
    assert found.origin is Provenance.OTHERS
    with pytest.raises(ToolFailed, match="no file called 'x' in this conversation"):
        await use(pool, files, said, "save_file", call="c3", file="x")


async def test_a_text_is_of_whoever_was_read_before_it(pool: Pool, owner: Owner) -> None:
    files = KeptFiles(pool, settings())
    said = message(owner, "keep a summary")
    await use(pool, files, said, "save_file", name="own.txt", text="x")
    async with pool.connection() as connection:
        page = ToolResult(said.turn_id, 0, "p1", "fetch_page", "", False, False, 0, None, Provenance.OTHERS)
        await steps.save_result(connection, page)
    turn = await turns.get(pool, said.turn_id)
    assert turn is not None
    await taint.grow(pool, turn)  # as the next step does
    await use(pool, files, said, "save_file", call="c2", name="summary.txt", text="x")
    quoting = message(owner, "keep it").model_copy(
        update={"quoted": (Quoted(author="Eve", text="psst", relation="reply"),)}
    )
    await use(pool, files, quoting, "save_file", name="quoted.txt", text="x")
    origins = {each.name: each.origin for each in await kept.of_person(pool, owner, False, 9)}
    assert origins == {
        "own.txt": Provenance.PERSON,
        "summary.txt": Provenance.OTHERS,
        "quoted.txt": Provenance.OTHERS,
    }
    listed = await use(pool, files, said, "list_files")
    read = await use(pool, files, said, "read_file", name="own.txt")
    assert (listed.provenance, read.provenance) == (Provenance.OTHERS, Provenance.PERSON)


async def test_what_is_asked_by_a_forgotten_message_is_not_kept(pool: Pool, files: KeptFiles, owner: Owner) -> None:
    said = message(owner, "keep")
    context = Context(said, f"{said.turn_id}/0/c1", datetime.now(UTC))
    with pytest.raises(ToolFailed, match="forgotten"):
        await files.save(context, "a.txt", b"x", Provenance.PERSON)
    assert await kept.usage(pool, owner) == (0, 0)


# S3


async def test_objects_go_with_their_files_also_when_s3_is_away(
    pool: Pool, front: LyingS3, bucket: Bucket, owner: Owner
) -> None:
    files = KeptFiles(pool, settings(front))
    assert files.objects is not None
    async with pool.connection() as connection:
        await connection.execute("delete from object_deletions")  # those of other tests
    for number in range(3):
        said = message(owner, f"keep {number}")
        await use(pool, files, said, "save_file", name=f"{number}.txt", text=f"text {number}")
    assert sorted(bucket.objects().values()) == [b"text 0", b"text 1", b"text 2"]
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("update turns set status = 'completed' where user_id = %s", (owner,))
        counted = await people.wipe(connection, owner)
    assert counted["kept_files"] == 3
    front.lie, front.method = "503", "DELETE"
    assert await delete_due(pool, files.objects) == 0
    assert len(bucket.objects()) == 3
    front.lie = None
    async with pool.connection() as connection:
        await connection.execute("update object_deletions set due_at = now()")
    assert await delete_due(pool, files.objects) == 3
    assert bucket.objects() == {}
    assert await objects.waiting(pool) == 0


async def test_a_worker_that_dies_after_the_upload_leaves_one_object(
    pool: Pool, front: LyingS3, bucket: Bucket, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = KeptFiles(pool, settings(front))
    said = message(owner, "keep")

    async def dies(*_: object) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(kept, "stored", dies)
        with pytest.raises(asyncio.CancelledError):
            await use(pool, files, said, "save_file", name="a.txt", text="x")
    assert await kept.of_person(pool, owner, False, 9) == [], "half a file is none"
    await use(pool, files, said, "save_file", name="a.txt", text="x")
    assert len(await kept.of_person(pool, owner, False, 9)) == 1
    assert list(bucket.objects().values()) == [b"x"]


async def test_what_never_came_to_its_end_is_cleared_away(
    pool: Pool, front: LyingS3, bucket: Bucket, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = KeptFiles(pool, settings(front))
    assert files.objects is not None
    said = message(owner, "keep")

    async def dies(*_: object) -> bool:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(kept, "stored", dies)
        with pytest.raises(asyncio.CancelledError):
            await use(pool, files, said, "save_file", name="a.txt", text="x")
    assert await kept.delete_abandoned(pool) == 0, "it may still be tried again"
    async with pool.connection() as connection:
        await connection.execute("delete from object_deletions")
        await connection.execute("update kept_files set created_at = now() - interval '2 days'")
    assert await kept.delete_abandoned(pool) == 1
    assert await delete_due(pool, files.objects) == 0, "what is on its way may still arrive"
    async with pool.connection() as connection:
        await connection.execute("update object_deletions set due_at = now()")
    assert await delete_due(pool, files.objects) == 1
    assert bucket.objects() == {}


@pytest.mark.parametrize("lie", ["403", "etag"])
async def test_an_upload_that_is_refused_or_not_what_was_sent_leaves_nothing(
    pool: Pool, front: LyingS3, owner: Owner, lie: Any
) -> None:
    files = KeptFiles(pool, settings(front))
    front.lie, front.method = lie, "PUT"
    with pytest.raises(ToolFailed, match=r"does not let me in|another file") as failed:
        await use(pool, files, message(owner, "keep"), "save_file", name="a.txt", text="x")
    assert SECRET not in str(failed.value)
    assert KEY not in str(failed.value)
    assert await kept.usage(pool, owner) == (0, 0)


@pytest.mark.parametrize("lie", ["503", "aborts", "hangs"])
async def test_an_upload_while_s3_is_away_is_tried_again(
    pool: Pool, front: LyingS3, bucket: Bucket, owner: Owner, lie: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_client, "SILENCE_S", 0.5)
    files = KeptFiles(pool, settings(front))
    front.lie, front.method = lie, "PUT"
    said = message(owner, "keep")
    with pytest.raises(Unavailable):
        await use(pool, files, said, "save_file", name="a.txt", text="x")
    assert await kept.of_person(pool, owner, False, 9) == []
    front.lie = None
    await use(pool, files, said, "save_file", name="a.txt", text="x")
    assert list(bucket.objects().values()) == [b"x"]


@pytest.mark.parametrize("lie", ["cut", "other", "403", "503", "aborts", "hangs"])
async def test_no_part_of_a_file_is_shown_as_the_whole(
    pool: Pool, front: LyingS3, owner: Owner, lie: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_client, "SILENCE_S", 0.5)
    files = KeptFiles(pool, settings(front))
    said = message(owner, "keep")
    await use(pool, files, said, "save_file", name="a.txt", text="words " * 100)
    front.lie, front.method = lie, "GET"
    with pytest.raises((ToolFailed, Unavailable)):
        await use(pool, files, said, "send_file", name="a.txt")
    front.lie = None
    assert "words words" in await text(pool, files, said, "read_file", name="a.txt")


async def test_a_bucket_that_is_not_there_and_a_lost_object_are_said(
    pool: Pool, front: LyingS3, bucket: Bucket, owner: Owner
) -> None:
    files = KeptFiles(pool, settings(front))
    said = message(owner, "keep")
    await use(pool, files, said, "save_file", name="a.txt", text="x")
    bucket.clear()
    with pytest.raises(ToolFailed, match="no longer has this file"):
        await use(pool, files, said, "read_file", name="a.txt")
    elsewhere = KeptFiles(pool, settings(front, S3_BUCKET="not-there"))
    with pytest.raises(ToolFailed, match="bucket is not there"):
        await use(pool, elsewhere, said, "save_file", call="c2", name="b.txt", text="x")
    off = KeptFiles(pool, settings())
    with pytest.raises(ToolFailed, match="switched off"):
        await use(pool, off, said, "read_file", name="a.txt")


async def test_without_boto3_it_is_said_what_to_install(
    pool: Pool, front: LyingS3, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ToolFailed, match="clara install s3"):
        await use(pool, KeptFiles(pool, settings(front)), message(owner, "keep"), "save_file", name="a.txt", text="x")
    assert await kept.usage(pool, owner) == (0, 0)


async def test_an_export_holds_what_is_in_s3_or_says_why_not(pool: Pool, front: LyingS3, owner: Owner) -> None:
    said = message(owner, "keep")
    await use(pool, KeptFiles(pool, settings(front)), said, "save_file", name="a.txt", text="words")
    exported = await people.export(pool, owner)
    await add_contents(exported, settings(front))
    assert b64decode(exported["kept_files"][0]["base64"]) == b"words"
    for wrong in ("cut", "403"):
        front.lie, front.method = wrong, "GET"  # type: ignore[assignment]
        exported = await people.export(pool, owner)
        await add_contents(exported, settings(front))
        assert "base64" not in exported["kept_files"][0]
        assert exported["kept_files"][0]["missing"]
    off = await people.export(pool, owner)
    await add_contents(off, settings())
    assert "S3_ENABLED" in off["kept_files"][0]["missing"]


async def test_no_secret_of_s3_is_in_what_is_shown_of_the_settings(front: LyingS3) -> None:
    assert SECRET not in repr(settings(front))
    with pytest.raises(Misconfigured, match="S3_ENABLED: needs S3_ACCESS_KEY and S3_SECRET_KEY"):
        load({"S3_ENABLED": "true"})
