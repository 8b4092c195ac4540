"""One fault."""

from dataclasses import dataclass

from gateway.doctor.finding import Level
from tests.gateway.doctor.world import Seed, World

ANTHROPIC = "sk-ant-api03-0123456789abcdefghij"
OPENROUTER = "sk-or-v1-0123456789abcdefghij"
OPENAI = "sk-proj-0123456789abcdefghijklmnop"
DISCORD = "MTEyMjMzNDQ1NTY2Nzc4ODk5MA.GaBcDe.0123456789abcdefghijklmnopqrstuvwxyzAB"
OUT = "https://127.0.0.1:9"
"""Keys of the right shape that nobody gave out."""


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
