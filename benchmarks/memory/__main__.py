"""``make bench-memory``, or ``python -m benchmarks.memory [quality|speed]``."""

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
from activities.memory.embedding import Embedder
from activities.memory.learning import Learner
from activities.memory.memories import Memories
from benchmarks.figures import Spread
from benchmarks.memory import quality, speed
from clara.settings import Settings, environment, load
from store import migrations
from store.database import Pool, open_pool
from store.memory.mem0_store import Mem0Index
from store.memory.opening import collection_name
from store.memory.vector_servers import PostgresVectors
from tests import servers
from tests.loopback import memory_model
from tests.loopback.hash_embedder import HashEmbedder, embedder
from tests.loopback.models import KEY, ModelServer

SIZES = (1_000, 10_000, 100_000)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(["quality", "speed"]))
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True, envvar="SIZES", help="Of speed.")
@click.option("--dimensions", default=384, show_default=True, envvar="DIMENSIONS", help="Of the vectors, in speed.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the figures to this file as well.")
def main(parts: tuple[str, ...], sizes: str, dimensions: int, file: Path | None) -> None:
    """Measure what the memory keeps, with the configured models or with stand-ins, and how fast it finds it."""
    figures: dict[str, Any] = {}
    console = Console(width=None if Console().is_terminal else 150)
    if "quality" in (parts or ("quality",)):
        rows = asyncio.run(qualities())
        figures["quality"] = rows
        console.print(_quality_table(rows))
        if len(rows) == 1:
            console.print("Real embeddings were not measured: none are configured (EMBEDDINGS_PROVIDER).")
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
    """One row for the feature hash, and one for the configured embeddings if they are real ones."""
    settings = load()
    with tempfile.TemporaryDirectory() as home, servers.postgres() as url:
        migrations.upgrade(url)
        rows = [await _quality(settings, url, Path(home), HashEmbedder(), 384, "hash")]
        if settings.memory.embeddings != "hash":
            made = embedder(settings.memory, settings.runtime.home)
            rows.append(await _quality(settings, url, Path(home), made, settings.memory.dimensions, "real"))
    return rows


async def _quality(
    settings: Settings, url: str, home: Path, using: Embedder, dimensions: int, run: str
) -> dict[str, Any]:
    pool = await open_pool(url)
    index = Mem0Index(PostgresVectors(url), collection_name("bench", run, dimensions), dimensions, home)
    try:
        async with _model(settings, pool) as (ask, model):
            memories = Memories(pool, index, using)
            account = await quality.measure(memories, Learner(memories, ask, model), run)
    finally:
        await using.close()
        await index.close()
        await pool.close()
    return {"model": model, "embeddings": using.label, **account.percent()}


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


def _quality_table(rows: list[dict[str, Any]]) -> Table:
    made = Table(title="What is kept of scripted conversations, in percent")
    for name in rows[0]:
        made.add_column(name, justify="left" if name in ("model", "embeddings") else "right")
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
