"""One model server for all of these tests, and the real SDKs pointed at it."""

from collections.abc import AsyncIterator

import pytest

from activities.llm.provider import Provider
from activities.llm.providers import Providers
from clara.settings.llm import LlmSettings
from tests.loopback.models import KEY, ModelServer


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture(scope="session")
def settings(server: ModelServer) -> LlmSettings:
    keys = ("ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "NANOGPT_API_KEY", "CUSTOM_OPENAI_API_KEY")
    urls = ("OPENROUTER_BASE_URL", "NANOGPT_BASE_URL", "CUSTOM_OPENAI_BASE_URL")
    return LlmSettings.model_validate(
        {
            **dict.fromkeys(keys, KEY),
            **dict.fromkeys(urls, server.openai_url),
            "ANTHROPIC_BASE_URL": server.url,
            "OPENROUTER_SITE": "https://clara.example",
            "CF_ACCESS_CLIENT_ID": "clara.access",
            "CF_ACCESS_CLIENT_SECRET": "cloudflare-secret",
        }
    )


@pytest.fixture(scope="session")
async def providers(settings: LlmSettings) -> AsyncIterator[Providers]:
    made = Providers(settings)
    yield made
    await made.close()


@pytest.fixture(params=["anthropic", "openai"])
async def provider(request: pytest.FixtureRequest, providers: Providers) -> Provider:
    """Each of the two APIs in turn."""
    return await providers.get(request.param)


@pytest.fixture(params=["anthropic", "openai"])
async def impatient(request: pytest.FixtureRequest, settings: LlmSettings) -> AsyncIterator[Provider]:
    """Each of the two APIs, with little time for silence."""
    made = Providers(settings.model_copy(update={"read_timeout": 0.3}))
    yield await made.get(request.param)
    await made.close()


@pytest.fixture
async def anthropic(providers: Providers) -> Provider:
    return await providers.get("anthropic")


@pytest.fixture
async def openai(providers: Providers) -> Provider:
    return await providers.get("openai")


@pytest.fixture
async def openrouter(providers: Providers) -> Provider:
    return await providers.get("openrouter")
