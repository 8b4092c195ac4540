"""All tools that there are, and the kinds that may come."""

from typing import Any

import pytest

from activities.tools.tool import Arguments, Context, Tool
from clara.settings import load
from clara.tools.provenance import Provenance
from clara.tools.tool import Audience, Effect, Risk
from store import sandbox
from store.database import Pool
from tests.approvals import ways
from workers.bootstrap import assemble
from workers.roles import ROLES


class Anything(Arguments):
    text: str


async def _never(arguments: Anything, context: Context) -> str:
    raise AssertionError("no tool is run here")


def _kind(name: str, effect: Effect = Effect.WRITE, **declared: Any) -> Tool[Anything]:
    return Tool(name, "Of a kind that may come.", Anything, _never, effect=effect, **declared)


TO_COME = (
    _kind("send_mail", risk=Risk.OUTWARD),
    _kind("create_issue", provenance=Provenance.OTHERS),
    _kind("delete_repository", risk=Risk.OUTWARD),
    _kind("python_with_network", effect=Effect.IDEMPOTENT, risk=Risk.OUTWARD),
    _kind("run_on_host", risk=Risk.EXECUTE),
    _kind("install_plugin", risk=Risk.ADMIN, audience=Audience.ADMINS),
    _kind("keep_profile", effect=Effect.IDEMPOTENT, remembers=True),
    _kind("look_up", effect=Effect.READ, provenance=Provenance.OTHERS, sends=lambda asked: (asked.text,)),
)


@pytest.fixture(scope="session")
async def tools(pool: Pool, database_url: str, temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All tools of an installation that has everything, by their names."""
    settings = load(
        {
            "CLARA_HOME": str(tmp_path_factory.mktemp("attacks")),
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "TAVILY_API_KEY": "tvly-x",
        }
    )
    await sandbox.report(pool, "attacks", sandbox.State("docker", True, ""))
    async with assemble(settings, [role for role in ROLES if role.name != "sandbox"]) as parts:
        available = await parts.services.catalogue.available(ways.message("hi", admin=True))
        assert not available.missing
        return {**available.tools, **{tool.name: tool for tool in TO_COME}}
