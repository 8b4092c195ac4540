"""Archives from strangers: each of these is refused in words, with nothing unpacked, by every back end."""

import bz2
import gzip
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from uuid import uuid4

import pytest

from clara.errors import ToolFailed
from clara.memory.kinds import Owner, scope
from tests.activities.sandbox.workbench import Workbench


def zipped(*entries: tuple[str, bytes], mode: int = stat.S_IFREG | 0o644, compress: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = archive.compression
            archive.writestr(entry, data)
    return made.getvalue()


def tarred(*entries: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, link, len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def lying() -> bytes:
    """A zip whose directory says that an entry is small, and whose entry is not."""
    made = bytearray(zipped(("big", bytes(60 * 2**20)), compress=True))
    at = made.rfind(b"PK\x01\x02")
    made[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(made)


def huge_tar() -> bytes:
    """A compressed tar of zeros, far larger than a box."""
    head = tarfile.TarInfo("zeros")
    head.size = 3 * 2**30
    return gzip.compress(head.tobuf(), 1) + gzip.compress(bytes(16 * 2**20), 1) * 10


def protected() -> bytes:
    made = bytearray(zipped(("secret", b"x")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(mark)
        made[at + offset] |= 1
    return bytes(made)


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip, absolute": (lambda: zipped(("/etc/passwd", b"x")), "absolute path"),
    "zip, absolute after a good one": (lambda: zipped(("good", b"x"), ("/tmp/evil", b"x")), "absolute path"),
    "zip, up": (lambda: zipped(("../evil", b"x")), "leads out"),
    "zip, up in the middle": (lambda: zipped(("a/../../evil", b"x")), "leads out"),
    "zip, up with backslashes": (lambda: zipped(("..\\..\\evil", b"x")), "leads out"),
    "zip, a drive": (lambda: zipped(("C:\\Windows\\evil", b"x")), "absolute path"),
    "zip, a share": (lambda: zipped(("\\\\host\\share", b"x")), "absolute path"),
    "zip, a link": (lambda: zipped(("link", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777), "link or a device"),
    "zip, a device": (lambda: zipped(("device", b""), mode=stat.S_IFCHR | 0o666), "link or a device"),
    "zip, a pipe": (lambda: zipped(("pipe", b""), mode=stat.S_IFIFO | 0o666), "link or a device"),
    "zip, a bomb": (lambda: zipped(("zeros", bytes(60 * 2**20)), compress=True), "unfolds to more than"),
    "zip, a bomb that lies": (lying, "unfolds to more than|damaged"),
    "zip, a bomb of many": (
        lambda: zipped(*((f"{n}", bytes(8 * 2**20)) for n in range(8)), compress=True),
        "unfolds to more than",
    ),
    "zip, very many entries": (lambda: zipped(*((f"{n}", b"") for n in range(301))), "more than 300 entries"),
    "zip, a long name": (lambda: zipped(("x" * 300, b"x")), "no usable name"),
    "zip, only dots": (lambda: zipped(("./.", b"x")), "no usable name"),
    "zip, with a password": (protected, "password"),
    "zip, cut off": (lambda: zipped(("a", b"x" * 1000))[:600], "neither a zip nor a tar|damaged"),
    "zip, a wrong checksum": (lambda: zipped(("a", b"hello")).replace(b"hello", b"jello"), "damaged"),
    "zip, a file in the place of a folder": (lambda: zipped(("a", b"x"), ("a/b", b"x")), "a/b|Not a directory|exists"),
    "tar, absolute": (lambda: tarred(("/etc/passwd", b"x")), "absolute path"),
    "tar, up": (lambda: tarred(("../../evil", b"x")), "leads out"),
    "tar, a symbolic link": (lambda: tarred(("link", b""), kind=tarfile.SYMTYPE, link="/etc"), "is a link"),
    "tar, a hard link": (lambda: tarred(("link", b""), kind=tarfile.LNKTYPE, link="/etc/shadow"), "is a link"),
    "tar, a character device": (lambda: tarred(("null", b""), kind=tarfile.CHRTYPE), "is a device"),
    "tar, a block device": (lambda: tarred(("disk", b""), kind=tarfile.BLKTYPE), "is a device"),
    "tar, a pipe": (lambda: tarred(("pipe", b""), kind=tarfile.FIFOTYPE), "is a device"),
    "tar, a bomb": (huge_tar, "unfolds to more than"),
    "tar, very many entries": (lambda: tarred(*((f"{n}", b"") for n in range(301))), "more than 300 entries"),
    "tar, cut off": (lambda: tarred(("a", b"x" * 5000))[:2000], "damaged"),
    "tar, compressed and cut off": (lambda: gzip.compress(tarred(("a", os.urandom(5000))))[:3000], "damaged|neither"),
    "no archive": (lambda: b"just words", "neither a zip nor a tar"),
    "an empty file": (lambda: b"", "neither a zip nor a tar"),
    "another format": (lambda: bz2.compress(b"words"), "neither a zip nor a tar"),
}


@pytest.fixture(scope="module")
def receiver(bench: Workbench) -> Owner:
    """Whom they are all sent to, of one back end: each leaves the box as it was, or the next ones fail as well."""
    return scope(f"cli:receiver-{uuid4().hex[:8]}")


@pytest.mark.parametrize("name", list(HOSTILE))
async def test_hostile_archives_are_refused_and_leave_nothing(bench: Workbench, receiver: Owner, name: str) -> None:
    made, words = HOSTILE[name]
    bench.opened.files.entries = 300
    said = await bench.says(receiver, [("sent.zip", made())])
    with pytest.raises(ToolFailed, match=words):
        await bench.text(said, "sandbox_unzip", path="attachments/sent.zip", folder="out")
    left = await bench.text(said, "run_shell", command="ls -A . attachments; ls -A /tmp; ls /evil 2>&1")
    assert left.splitlines()[:6] == [".:", "attachments", "", "attachments:", ".turn", "sent.zip"]
    assert left.splitlines()[6].startswith("ls: ")


async def test_archives_are_unpacked_into_a_new_folder(bench: Workbench, owner: Owner) -> None:
    entries = (("a/one.txt", b"1"), ("a/b/two.txt", b"22"))
    said = await bench.says(
        owner, [("z.zip", zipped(*entries, compress=True)), ("t.tar.gz", gzip.compress(tarred(*entries)))]
    )
    assert await bench.text(said, "sandbox_unzip", path="attachments/z.zip") == (
        "Unpacked 2 files, 3 bytes, into attachments/z/."
    )
    await bench.text(said, "sandbox_unzip", path="attachments/t.tar.gz", folder="t")
    assert await bench.text(said, "run_shell", command="cat attachments/z/a/b/two.txt t/a/one.txt") == "221"
    with pytest.raises(ToolFailed, match="exists already"):
        await bench.text(said, "sandbox_unzip", path="attachments/z.zip")
