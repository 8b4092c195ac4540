"""The names of Clara's own tools, which no plugin's tool may be taken for."""

import pytest

from clara.settings import load
from clara.tools import own
from workers.bootstrap import assemble
from workers.roles import ROLES


async def test_the_list_has_all_of_them(
    database_url: str, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = load(
        {
            "CLARA_HOME": str(tmp_path_factory.mktemp("names")),
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "TAVILY_API_KEY": "tvly-x",
        }
    )
    async with assemble(settings, ROLES) as parts:
        names = parts.services.catalogue.names
    missing = sorted(names - own.NAMES)
    assert not missing, f"clara/tools/own.py lacks {', '.join(missing)}"
    assert all("__" not in name for name in names)
