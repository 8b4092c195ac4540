"""Providers are made when they are needed, and only those."""

import asyncio
import subprocess
import sys

import pytest

from activities.llm.providers import Providers
from clara.errors import Misconfigured
from clara.settings.llm import LlmSettings
from tests.patience import PATIENCE_S


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("openrouter", "OPENROUTER_API_KEY"),
        ("nanogpt", "NANOGPT_API_KEY"),
        ("openai", "CUSTOM_OPENAI_API_KEY"),
        ("gemini", "LLM_PROVIDER"),
    ],
)
async def test_without_a_key_the_variable_is_named(name: str, variable: str) -> None:
    with pytest.raises(Misconfigured, match=variable):
        await Providers(LlmSettings.model_validate({})).get(name)


async def test_each_provider_is_made_once(providers: Providers) -> None:
    first, second = await asyncio.gather(providers.get("nanogpt"), providers.get("nanogpt"))
    assert first is second
    assert first.name == "nanogpt"


async def test_the_stand_in_needs_nothing() -> None:
    providers = Providers(LlmSettings.model_validate({}))
    assert (await providers.get("scripted")).name == "scripted"
    await providers.close()


def test_the_sdks_are_not_imported_before_they_are_used() -> None:
    code = (
        "import asyncio, sys\n"
        "from activities.llm.providers import Providers\n"
        "from clara.settings.llm import LlmSettings\n"
        "asyncio.run(Providers(LlmSettings.model_validate({})).get('scripted'))\n"
        "sys.exit(str({'anthropic', 'openai', 'httpx2', 'PIL'} & set(sys.modules)))\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr.strip() == "set()"


async def test_the_loop_keeps_beating_while_an_sdk_is_imported() -> None:
    code = (
        "import asyncio, sys, time\n"
        "from activities.llm.providers import Providers\n"
        "from clara.settings.llm import LlmSettings\n"
        "async def main():\n"
        "    settings = LlmSettings.model_validate({'CUSTOM_OPENAI_API_KEY': 'x'})\n"
        "    beats, making = 0, asyncio.create_task(Providers(settings).get('openai'))\n"
        "    while not making.done():\n"
        "        await asyncio.sleep(0.01)\n"
        "        beats += 1\n"
        "    print(beats)\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert int(output) > 5
