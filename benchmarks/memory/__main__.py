"""``make bench-memory``, or ``python -m benchmarks.memory [judging|quality|questions|speed]``."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from activities.llm.providers import Providers
from activities.memory.asking import asker, route
from activities.memory.embedding import Embedder, OpenAiEmbedder, Service, embedder
from activities.memory.learning import Learner
from activities.memory.memories import Memories
from benchmarks.figures import Spread
from benchmarks.memory import judging, quality, speed
from benchmarks.memory.questions import stand_in
from benchmarks.memory.questions.measure import measure
from clara.settings import Settings, environment, load
from store import migrations
from store.database import Pool, open_pool
from store.memory.mem0_store import Mem0Index
from store.memory.vector_servers import PostgresVectors
from tests import servers
from tests.loopback import memory_model
from tests.loopback.embeddings import KEY as EMBEDDING_KEY
from tests.loopback.embeddings import EmbeddingServer
from tests.loopback.models import KEY, ModelServer

BY_WORDS = "by words"
SIZES = (1_000, 10_000, 100_000)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(["judging", "quality", "questions", "speed"]))
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, envvar="SIZES", help="Of speed.")
@click.option("--dimensions", default=384, show_default=True, envvar="DIMENSIONS", help="Of the vectors, in speed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures to this file as well.")
def main(parts: tuple[str, ...], sizes: str, dimensions: int, file: Path | None) -> None:
    """Measure what the memory keeps, with the configured models or with stand-ins, and how fast it finds it."""
    figures: dict[str, Any] = {}
    console = Console(width=None if Console().is_terminal else 150)
    if "judging" in (parts or ("judging",)):
        attacked, told = judging.attacked(), judging.told()
        figures["judging"] = {
            "attacked": {kind: asdict(count) for kind, count in attacked.items()},
            "told": {language: asdict(count) for language, count in told.items()},
        }
        console.print(_attacks_table(attacked))
        console.print(_told_table(told))
    if "quality" in (parts or ("quality",)):
        rows = asyncio.run(qualities())
        figures["quality"] = rows
        console.print(_rows("What is kept of scripted conversations, in percent", rows))
        if len(rows) == 1:
            console.print("Real embeddings were not measured: EMBEDDINGS_PROVIDER names none.")
    if "questions" in (parts or ("questions",)):
        answered = asyncio.run(questions())
        figures["questions"] = answered
        console.print(_rows("Questions whose sentence a turn is given, within its budget of tokens", answered))
    if "speed" in (parts or ("speed",)):
        measured = []
        for size in map(int, sizes.split(",")):
            with tempfile.TemporaryDirectory() as home, servers.postgres() as url:
                migrations.upgrade(url)
                measured.append(asyncio.run(speed.measure(url, Path(home), size, dimensions)))
        figures["speed"] = [asdict(each) for each in measured]
        console.print(_speed_table(measured))
    if file is not None:
        file.write_text(json.dumps(figures, indent=2) + "\n")


async def qualities() -> list[dict[str, Any]]:
    """One row for words alone, and one for the configured embeddings if there are some."""
    settings = load()
    with tempfile.TemporaryDirectory() as home, servers.postgres() as url:
        migrations.upgrade(url)
        rows = [await _quality(settings, url, Path(home), None, 384, "words")]
        if made := embedder(settings.memory, settings.runtime.home):
            rows.append(await _quality(settings, url, Path(home), made, settings.memory.dimensions, "real"))
    return rows


async def _quality(
    settings: Settings, url: str, home: Path, using: Embedder | None, dimensions: int, run: str
) -> dict[str, Any]:
    async with _memories(url, home, run, using, dimensions) as memories:
        async with _model(settings, memories.pool) as (ask, model):
            account = await quality.measure(memories, Learner(memories, ask, model), run)
        label = memories.space.embedder.label if memories.space else BY_WORDS
    return {"model": model, "embeddings": label, **account.percent()}


async def questions() -> list[dict[str, Any]]:
    """By words with and without what a model notes beside a sentence, and with a stand-in's or the real embeddings."""
    settings = load()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as home, servers.postgres() as url:
        migrations.upgrade(url)
        for run, label, plain in (("words", BY_WORDS, False), ("plain", f"{BY_WORDS}, sentences alone", True)):
            async with _memories(url, Path(home), run) as memories:
                rows += [{"search": label, **row} for row in await measure(memories, run, plain)]
        async with EmbeddingServer(vector_of=stand_in.vector_of) as server:
            service = Service("stand-in", server.url, "stand-in", EMBEDDING_KEY, dimensions=384)
            async with _memories(url, Path(home), "stand_in", OpenAiEmbedder(service)) as memories:
                label = "by words and meaning (stand-in on loopback, told the pairs)"
                rows += [{"search": label, **row} for row in await measure(memories, "stand_in")]
        if made := embedder(settings.memory, settings.runtime.home):
            async with _memories(url, Path(home), "real", made, settings.memory.dimensions) as memories:
                rows += [
                    {"search": f"by words and meaning, {made.label}", **row} for row in await measure(memories, "real")
                ]
    return rows


@asynccontextmanager
async def _memories(
    url: str, home: Path, run: str, using: Embedder | None = None, dimensions: int = 384
) -> AsyncIterator[Memories]:
    pool = await open_pool(url)
    memories = Memories(pool, Mem0Index(PostgresVectors(url), f"bench_{run}", dimensions, home), using)
    try:
        yield memories
    finally:
        await memories.close()
        await pool.close()


@asynccontextmanager
async def _model(settings: Settings, pool: Pool) -> AsyncIterator[tuple[Any, str]]:
    chosen = route(settings)
    if chosen is not None:
        models = Providers(settings.llm)
        yield asker(settings, models, pool), f"{chosen.provider} {chosen.model}"
        await models.close()
        return
    async with ModelServer(memory_model.answer) as server:
        values = {
            **environment(),
            "LLM_PROVIDER": "openai",
            "CUSTOM_OPENAI_API_KEY": KEY,
            "CUSTOM_OPENAI_BASE_URL": server.openai_url,
            "CUSTOM_OPENAI_MODEL_LOW": "echo",
        }
        stand_in = load(values)
        models = Providers(stand_in.llm)
        yield asker(stand_in, models, pool), "stand-in on loopback (no model configured)"
        await models.close()


def _attacks_table(counts: dict[str, judging.Count]) -> Table:
    made = Table(title="A model that always lies: what is stored of single messages")
    made.add_column("attack")
    for name in ("messages", "stored as said and not said", "lies beside a sentence, as a reading"):
        made.add_column(name, justify="right")
    for kind, count in counts.items():
        made.add_row(kind, str(count.cases), str(count.wrong), str(count.readings))
    whole = counts.values()
    made.add_section()
    made.add_row("all", *(str(sum(getattr(each, name) for each in whole)) for name in ("cases", "wrong", "readings")))
    return made


def _told_table(counts: dict[str, judging.Count]) -> Table:
    made = Table(title="A careless model: sentences of people that are kept word for word")
    made.add_column("language")
    for name in ("sentences", "kept", "percent"):
        made.add_column(name, justify="right")
    cases, wrong = (sum(getattr(each, name) for each in counts.values()) for name in ("cases", "wrong"))
    for language, count in (*counts.items(), ("all", judging.Count(cases, wrong))):
        kept = count.cases - count.wrong
        made.add_row(language, str(count.cases), str(kept), f"{100 * kept / count.cases:.1f}")
    return made


def _rows(title: str, rows: list[dict[str, Any]]) -> Table:
    made = Table(title=title)
    for name, value in rows[0].items():
        made.add_column(name, justify="left" if isinstance(value, str) else "right")
    for row in rows:
        made.add_row(*(str(value) for value in row.values()))
    return made


def _speed_table(measured: list[speed.Speed]) -> Table:
    made = Table(title="Finding memories, ms p50 (p95), the embedding call aside")
    for name in (
        "memories",
        "users",
        "dimensions",
        "recall",
        "nearest",
        "plain SQL",
        "top 10 found",
        "adding",
    ):
        made.add_column(name, justify="right")
    for each in measured:
        spreads = [each.recall_ms, each.nearest_ms, each.plain_sql_ms]
        found = f"{each.least_found:.2f}"
        made.add_row(
            f"{each.memories:,}",
            str(each.users),
            str(each.dimensions),
            *map(_shown, spreads),
            found,
            _shown(each.add_ms),
        )
    return made


def _shown(spread: Spread) -> str:
    return f"{spread.p50:.1f} ({spread.p95:.1f})"


if __name__ == "__main__":
    main()
