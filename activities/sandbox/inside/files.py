"""Reads and writes files of a box from within it, so that no path and no link leads anywhere else.

Asked by one line of JSON on stdin, after which the bytes to be written follow. Answers with one line of JSON, after
which the bytes that were read follow: ``{"error": sentence}`` where it cannot be done.
"""

import json
import lzma
import os
import posixpath
import shutil
import stat
import sys
import tarfile
import tempfile
import zipfile
import zlib

PIECE = 1 << 16
LONGEST_NAME = 255


class Refused(Exception):
    """A sentence for whoever asked."""


def read(request, given):
    path, most = request["path"], request["most"]
    # Not blocking: a pipe of that name would be waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise Refused(f"{path} is not a file.")
    with os.fdopen(descriptor, "rb") as file:
        if found.st_size > most:
            raise Refused(f"{path} has {found.st_size:,} bytes, and {most:,} can be read at once.")
        data = file.read(most + 1)
        if len(data) > most:
            raise Refused(f"{path} has more than {most:,} bytes.")
    return {"size": len(data)}, data


def write(request, given):
    path = request["path"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.isdir(path):
        raise Refused(f"{path} is a folder.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise Refused(f"{path} is not a file.")
    existed = os.path.exists(path)
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(given, file)
            size = file.tell()
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return {"size": size, "replaced": existed}, b""


def listed(request, given):
    path, most = request["path"], request["most"]
    if not os.path.isdir(path):
        raise Refused(f"{path} is not a folder." if os.path.exists(path) else f"There is no folder {path}.")
    entries, more = [], 0
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        files = sorted(each for each in files if not each.startswith("."))
        for name in files + [each for each in folders if is_listed(os.path.join(folder, each))]:
            if len(entries) >= most:
                more += 1
                continue
            whole = os.path.join(folder, name)
            found = os.lstat(whole)
            kind = "folder" if stat.S_ISDIR(found.st_mode) else "link" if stat.S_ISLNK(found.st_mode) else "file"
            entries.append({"path": os.path.relpath(whole, path), "kind": kind, "size": found.st_size})
        if more > 100 * most:
            break
    return {"entries": entries, "more": more}, b""


def is_listed(folder):
    """Whether a folder is an entry of its own: what is in others is listed in its place."""
    try:
        return os.path.islink(folder) or not os.listdir(folder)
    except OSError:  # closed
        return True


def unpack(request, given):
    """All of an archive or nothing: it is looked through before the first file of it is written."""
    path, into = request["path"], request["into"]
    if not os.path.isfile(path):
        raise Refused(f"There is no file {path}.")
    if os.path.lexists(into):
        raise Refused(f"{into} exists already; name another folder.")
    if zipfile.is_zipfile(path):
        members = of_zip(path)
    elif tarfile.is_tarfile(path):
        members = of_tar(path)
    else:
        raise Refused(f"{path} is neither a zip nor a tar archive.")
    os.makedirs(os.path.dirname(into), exist_ok=True)
    draft = tempfile.mkdtemp(dir=os.path.dirname(into), prefix=".part-")
    try:
        count, size = extract(members, draft, request["entries"], request["most"])
        os.chmod(draft, 0o755)
        os.rename(draft, into)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return {"files": count, "size": size}, b""


def extract(members, draft, most_entries, most_bytes):
    entries = files = size = 0
    for name, is_folder, declared, content in members:
        entries += 1
        if entries > most_entries:
            raise Refused(f"It has more than {most_entries:,} entries. Nothing was unpacked.")
        if size + declared > most_bytes:
            raise Refused(f"It unfolds to more than {most_bytes >> 20:,} MiB. Nothing was unpacked.")
        target = os.path.join(draft, checked(name))
        if is_folder:
            os.makedirs(target, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        files += 1
        with open(target, "wb") as file:
            # What it declares may be a lie, so what comes is counted.
            while data := content.read(PIECE):
                size += len(data)
                if size > most_bytes:
                    raise Refused(f"It unfolds to more than {most_bytes >> 20:,} MiB. Nothing was unpacked.")
                file.write(data)
    return files, size


def checked(name):
    """A name of an entry that stays within its folder."""
    shown = ascii(name)[:120]
    plain = name.replace("\\", "/")
    if plain.startswith("/") or (len(plain) > 1 and plain[1] == ":" and plain[0].isalpha()):
        raise Refused(f"The entry {shown} has an absolute path. Nothing was unpacked.")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise Refused(f"The entry {shown} leads out of its folder. Nothing was unpacked.")
    if not parts or "\0" in plain or any(len(os.fsencode(part)) > LONGEST_NAME for part in parts):
        raise Refused(f"The entry {shown} has no usable name. Nothing was unpacked.")
    return posixpath.join(*parts)


def of_zip(path):
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise Refused(f"The entry {ascii(entry.filename)[:120]} is a link or a device. Nothing was unpacked.")
            if entry.flag_bits & 1:
                raise Refused("It is protected by a password. Nothing was unpacked.")
            if entry.is_dir():
                yield entry.filename, True, 0, None
            else:
                with archive.open(entry) as content:
                    yield entry.filename, False, entry.file_size, content


def of_tar(path):
    with tarfile.open(path) as archive:
        for entry in archive:
            if entry.isdir():
                if entry.name not in (".", "./"):
                    yield entry.name, True, 0, None
            elif entry.isreg():
                yield entry.name, False, entry.size, archive.extractfile(entry)
            else:
                kind = "link" if entry.issym() or entry.islnk() else "device"
                raise Refused(f"The entry {ascii(entry.name)[:120]} is a {kind}. Nothing was unpacked.")


def main():
    given = sys.stdin.buffer
    request = json.loads(given.readline())
    doing = {"read": read, "write": write, "list": listed, "unpack": unpack}[request["do"]]
    try:
        header, data = doing(request, given)
    except Refused as error:
        header, data = {"error": str(error)}, b""
    except OSError as error:
        header, data = {"error": f"{error.filename or request['path']}: {error.strerror or error}."}, b""
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, ValueError) as error:
        header, data = {"error": f"The archive is damaged: {error}. Nothing was unpacked."}, b""
    except (NotImplementedError, RuntimeError) as error:
        header, data = {"error": f"It cannot be unpacked: {error}. Nothing was unpacked."}, b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + data)
    sys.stdout.buffer.flush()


main()
