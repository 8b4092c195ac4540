"""What the providers are sent: keys, headers, caching, images, prices.

The SDKs take seconds to import. So that is done by the tests that need them, and not by whoever collects these.
"""

import json
from typing import Any

import httpx2
import pytest

from activities.llm.anthropic.request import request_body
from activities.llm.provider import Provider
from activities.llm.providers import Providers
from clara.settings.llm import LlmSettings
from tests.activities.llm.dialogues import (
    WEATHER,
    ask,
    call,
    clara,
    image,
    no_images,
    prompt,
    result,
    text_of,
    user,
)
from tests.loopback.models import KEY, ModelServer, Reply, Request

EPHEMERAL = {"type": "ephemeral"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


async def load(blob_id: str) -> bytes:
    return {"png": PNG, "text": b"no image at all"}[blob_id]


async def test_images_reach_the_model(provider: Provider, server: ModelServer) -> None:
    seen: list[Request] = []
    server.script = lambda request: seen.append(request) or Reply("Nice.")  # type: ignore[func-returns-value]
    try:
        asked = prompt(user("What is this?", image("png")), clara("A dot."), user("And this?", image("png")))
        await ask(provider, "any", asked, load_image=load)
    finally:
        server.script = None
    assert [(p.media_type, p.data) for p in seen[0].pictures] == [("image/png", PNG)] * 2
    assert seen[0].user_text == "And this?"


async def test_what_is_no_image_becomes_a_remark(provider: Provider) -> None:
    completion = await ask(provider, "echo", prompt(user("Look:", image("text"))), load_image=load)
    assert "cannot be shown as an image" in text_of(completion)


async def test_other_services_get_the_key_in_the_old_header(anthropic: Provider, server: ModelServer) -> None:
    await ask(anthropic, "echo")
    headers = server.log[-1].headers
    assert headers["x-api-key"] == f"({len(KEY)} characters)"
    assert "authorization" not in headers
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["user-agent"].startswith("Clara/")
    assert headers["cf-access-client-id"] == "clara.access"
    assert "cf-access-client-secret" in headers


async def test_openrouter_is_told_who_asks_and_tells_the_cost(openrouter: Provider, server: ModelServer) -> None:
    completion = await ask(openrouter, "echo")
    exchange = server.log[-1]
    assert exchange.headers["http-referer"] == "https://clara.example"
    assert exchange.headers["x-title"] == "Clara"
    assert "cf-access-client-id" not in exchange.headers
    assert exchange.body["usage"] == {"include": True}
    assert completion.usage.cost_usd == 0.0125


async def test_a_custom_service_gets_only_fields_that_openai_knows(openai: Provider, server: ModelServer) -> None:
    await ask(openai, "echo")
    exchange = server.log[-1]
    assert set(exchange.body) == {"model", "messages", "max_tokens", "stream", "stream_options"}
    assert exchange.headers["cf-access-client-id"] == "clara.access"
    assert not {"openai-organization", "openai-project"} & set(exchange.headers)


def test_cloudflares_secret_is_not_shown_to_the_makers_of_models(settings: LlmSettings) -> None:
    from activities.llm.anthropic.provider import AnthropicProvider
    from activities.llm.openai_compatible.provider import OpenAiCompatibleProvider

    fields = {"anthropic_url": None, "openai_url": "https://api.openai.com/v1"}
    at_home = settings.model_copy(update=fields)
    for client in (AnthropicProvider(at_home)._client, OpenAiCompatibleProvider("openai", at_home)._client):
        assert not any("cf-access" in name.lower() for name in client.default_headers)
        assert client.max_retries == 0


def test_anthropic_itself_is_spoken_to_as_the_sdk_does(settings: LlmSettings) -> None:
    from activities.llm.anthropic.provider import AnthropicProvider

    client = AnthropicProvider(settings.model_copy(update={"anthropic_url": None}))._client
    assert client.base_url.host == "api.anthropic.com"
    assert "X-Api-Key" not in client.default_headers


@pytest.mark.parametrize(
    ("url", "model", "name"),
    [
        ("https://api.openai.com/v1", "gpt-4o", "max_completion_tokens"),
        ("http://127.0.0.1:1/v1", "gpt-4o", "max_tokens"),
        ("http://127.0.0.1:1/v1", "gpt-5-mini", "max_completion_tokens"),
        ("http://127.0.0.1:1/v1", "o3", "max_completion_tokens"),
    ],
)
def test_the_limit_has_the_name_that_the_service_knows(settings: LlmSettings, url: str, model: str, name: str) -> None:
    from activities.llm.openai_compatible.provider import OpenAiCompatibleProvider

    provider = OpenAiCompatibleProvider("openai", settings.model_copy(update={"openai_url": url}))
    assert provider._dialect(model).limit_field == name


async def test_the_cache_is_asked_for_in_each_services_way(providers: Providers, server: ModelServer) -> None:
    native = await request_body(prompt(user("Hi")), "claude-opus-4-5", no_images, native=True)
    assert native["cache_control"] == EPHEMERAL
    server.script = lambda request: Reply("Hi")
    try:
        for name, model in (("anthropic", "claude-opus-4-5"), ("openrouter", "anthropic/claude-opus-4")):
            dialogue = (user("Hi"), clara(call("a")), user(result("a")))
            await ask(await providers.get(name), model, prompt(*dialogue, tools=(WEATHER,)))
            body = server.log[-1].body
            system = body["system"] if name == "anthropic" else body["messages"][0]["content"]
            assert system[-1]["cache_control"] == EPHEMERAL
            assert body["messages"][-1]["content"][-1]["cache_control"] == EPHEMERAL
            assert str(body).count("ephemeral") == 2
        await ask(await providers.get("openrouter"), "moonshotai/kimi-k2")
        assert "cache_control" not in str(server.log[-1].body)
    finally:
        server.script = None


async def test_cached_tokens_are_counted_and_priced(providers: Providers, server: ModelServer) -> None:
    server.script = lambda request: Reply("Hi")
    asked = prompt(user("Hi"), system="Be kind. " * 400)
    try:
        for name, model in (("anthropic", "claude-haiku-4-5"), ("nanogpt", "claude-haiku-4-5")):
            server._cached.clear()
            provider = await providers.get(name)
            first = (await ask(provider, model, asked)).usage
            second = (await ask(provider, model, asked)).usage
            assert (first.cached_tokens, second.cache_write_tokens) == (0, 0)
            assert first.cache_write_tokens == second.cached_tokens
            assert second.input_tokens == first.input_tokens > second.cached_tokens > 0
            assert first.cost_usd is not None
            assert second.cost_usd is not None
            assert 0 < second.cost_usd < first.cost_usd
    finally:
        server.script = None


async def test_an_address_may_end_with_the_version(settings: LlmSettings, server: ModelServer) -> None:
    from activities.llm.anthropic.provider import AnthropicProvider

    provider = AnthropicProvider(settings.model_copy(update={"anthropic_url": server.openai_url}))
    assert (await ask(provider, "echo")).stop == "end"
    await provider.close()


async def test_a_request_is_what_the_sdk_would_send(providers: Providers, server: ModelServer) -> None:
    dialogue = (user("Hi", image("png")), clara("I look.", call("a", city="Köln")), user(result("a", "schön ☀")))
    asked = prompt(*dialogue, tools=(WEATHER,), max_tokens=500)
    server.script = lambda request: Reply("Hi")
    try:
        for name in ("anthropic", "openai", "openrouter"):
            provider: Any = await providers.get(name)
            sent: list[httpx2.Request] = []

            async def note(request: httpx2.Request, sent: list[httpx2.Request] = sent) -> None:
                sent.append(request)

            hooks = provider._client._client.event_hooks
            provider._client._client.event_hooks = {**hooks, "request": [note]}
            await ask(provider, "claude-opus-4-5", asked, load_image=load)
            body = json.loads(sent[0].content)
            create = (
                provider._client.messages.create if name == "anthropic" else provider._client.chat.completions.create
            )
            extra = {key: body.pop(key) for key in ("usage",) if key in body}
            async with await create(**body, extra_body=extra or None) as stream:
                async for _ in stream:
                    pass
            provider._client._client.event_hooks = hooks
            ours, theirs = sent
            assert (ours.method, ours.url) == (theirs.method, theirs.url)
            assert json.loads(ours.content) == json.loads(theirs.content)
            assert len(ours.content) == len(theirs.content)
            assert dict(ours.headers) == dict(theirs.headers)
            assert ours.extensions["timeout"] == theirs.extensions["timeout"]
    finally:
        server.script = None
