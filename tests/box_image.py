"""An image for the boxes of tests, put together from this machine: its shell, its tools, its Python.

So it needs no registry and no network, and takes a few seconds once a machine.
"""

import hashlib
import io
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


METADATA = b"architecture: x86_64\ncreation_date: 1700000000\nproperties: {description: a box of tests}\n"
"""What an image of LXD has beside its file system."""


def archive(lxd: bool = False) -> Path:
    """The file system as a tar, or an image of LXD, kept in the temporary folder for the next run."""
    version = hashlib.sha256((Path(__file__).read_text() + sys.version + sys.base_prefix).encode()).hexdigest()[:12]
    kind = "lxd" if lxd else "image"
    file = Path(tempfile.gettempdir()) / f"clara-test-{kind}-{os.geteuid()}-{version}.tar"
    if not file.exists():
        making = file.with_suffix(f".{os.getpid()}")
        with tarfile.open(making, mode="w") as tar:
            if lxd:
                entry = tarfile.TarInfo("metadata.yaml")
                entry.size = len(METADATA)
                tar.addfile(entry, io.BytesIO(METADATA))
                Tree(tar, "").folder("rootfs")
            _fill(Tree(tar, "rootfs/" if lxd else ""))
        making.rename(file)
    return file


class Tree:
    """A tar of a file system that lies below ``prefix`` in it."""

    def __init__(self, tar: tarfile.TarFile, prefix: str) -> None:
        self._tar = tar
        self._prefix = prefix

    def file(self, path: Path, name: str) -> None:
        entry = self._tar.gettarinfo(path, self._prefix + name)
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mode |= 0o444
        if entry.islnk():  # a second name of one file becomes a file of its own, because the first may be elsewhere
            entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
        with path.open("rb") as content:
            self._tar.addfile(entry, content)

    def folder(self, name: str) -> None:
        entry = tarfile.TarInfo(self._prefix + name)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name.endswith("tmp") else 0o755
        self._tar.addfile(entry)

    def link(self, name: str, target: str) -> None:
        entry = tarfile.TarInfo(self._prefix + name)
        entry.type, entry.linkname = tarfile.SYMTYPE, target
        self._tar.addfile(entry)


def _fill(tree: "Tree") -> None:
    for folder in ("tmp", "home", "proc", "sys", "dev", "etc", "root", "var/tmp"):
        tree.folder(folder)
    executable = Path(os.path.realpath(sys.executable))
    tools = [Path(found) for tool in TOOLS if (found := shutil.which(tool, path="/usr/bin:/bin"))]
    packages = Path(sysconfig.get_path("stdlib", vars={"base": sys.base_prefix, "installed_base": sys.base_prefix}))
    modules = [*packages.glob("lib-dynload/*.so")]
    for name in ("bin", "sbin", "lib", "lib64"):
        tree.link(name, f"usr/{name}")
    for tool in tools:
        tree.file(Path(os.path.realpath(tool)), f"usr/bin/{tool.name}")
    for library, path in sorted(_libraries([executable, *tools, *modules]).items()):
        tree.file(path, re.sub("^(lib|lib64)/", r"usr/\1/", library.lstrip("/")))
    tree.file(executable, str(executable).lstrip("/"))
    tree.link("usr/bin/python3", str(executable))
    for path in _python(packages):
        tree.file(path, str(path).lstrip("/"))


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
