"""An image for the boxes of tests, put together from this machine: its shell, its tools, its Python.

So it needs no registry and no network, and takes a few seconds once a machine.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

TOOLS = [
    "bash", "cat", "chmod", "cp", "cut", "date", "dd", "df", "du", "echo", "env", "false", "find", "grep", "head",
    "hostname", "id", "kill", "ln", "ls", "mkdir", "mkfifo", "mknod", "mount", "mktemp", "mv", "nohup", "nproc", "ps",
    "pwd", "readlink", "rm", "rmdir", "sed", "seq", "setsid", "sh", "sleep", "sort", "stat", "tail", "tar", "tee",
    "timeout", "touch", "tr", "true", "uname", "wc", "which", "yes",
]  # fmt: skip

LEFT_OUT = re.compile(
    r"/(test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|config-.*|pydoc_data)(/|$)|\.opt-\d\.pyc$|\.a$"
)


def archive() -> Path:
    """The file system as a tar, kept in the temporary folder for the next run."""
    version = hashlib.sha256((Path(__file__).read_text() + sys.version + sys.base_prefix).encode()).hexdigest()[:12]
    file = Path(tempfile.gettempdir()) / f"clara-test-image-{os.geteuid()}-{version}.tar"
    if not file.exists():
        making = file.with_suffix(f".{os.getpid()}")
        with tarfile.open(making, mode="w") as tar:
            _fill(tar)
        making.rename(file)
    return file


def _fill(tar: tarfile.TarFile) -> None:
    for folder in ("tmp", "home", "proc", "sys", "dev", "etc", "root", "var/tmp"):
        _folder(tar, folder)
    executable = Path(os.path.realpath(sys.executable))
    tools = [Path(found) for tool in TOOLS if (found := shutil.which(tool, path="/usr/bin:/bin"))]
    packages = Path(sysconfig.get_path("stdlib", vars={"base": sys.base_prefix, "installed_base": sys.base_prefix}))
    modules = [*packages.glob("lib-dynload/*.so")]
    for name in ("bin", "sbin", "lib", "lib64"):
        _link(tar, name, f"usr/{name}")
    for tool in tools:
        _file(tar, Path(os.path.realpath(tool)), f"usr/bin/{tool.name}")
    for library, path in sorted(_libraries([executable, *tools, *modules]).items()):
        _file(tar, path, re.sub("^(lib|lib64)/", r"usr/\1/", library.lstrip("/")))
    _file(tar, executable, str(executable).lstrip("/"))
    _link(tar, "usr/bin/python3", str(executable))
    for path in _python(packages):
        _file(tar, path, str(path).lstrip("/"))


def _python(packages: Path) -> Iterator[Path]:
    """The standard library, compiled, and pip."""
    for path in packages.rglob("*"):
        inner = str(path.relative_to(packages))
        foreign = inner.startswith(("site-packages", "dist-packages")) and not re.match(r"[^/]+/pip(/|-)", inner)
        if path.is_file() and not foreign and not LEFT_OUT.search(f"/{inner}"):
            yield path


def _libraries(programs: list[Path]) -> dict[str, Path]:
    """Where each shared library is expected, and its file."""
    found = {}
    for start in range(0, len(programs), 40):
        listed = subprocess.run(
            ["ldd", *programs[start : start + 40]], capture_output=True, text=True, timeout=60
        ).stdout
        for expected in re.findall(r"^\s+(?:\S+ => )?(/\S+) \(", listed, re.MULTILINE):
            found[expected] = Path(os.path.realpath(expected))
    return found


def _file(tar: tarfile.TarFile, path: Path, name: str) -> None:
    entry = tar.gettarinfo(path, name)
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode |= 0o444
    if entry.islnk():
        entry = _copied(entry, path)
    with path.open("rb") as content:
        tar.addfile(entry, content)


def _copied(entry: tarfile.TarInfo, path: Path) -> tarfile.TarInfo:
    """A second name of one file becomes a file of its own, because the first may have another place."""
    entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
    return entry


def _folder(tar: tarfile.TarFile, name: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name.endswith("tmp") else 0o755
    tar.addfile(entry)


def _link(tar: tarfile.TarFile, name: str, target: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    tar.addfile(entry)
