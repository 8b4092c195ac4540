"""OpenRouter, NanoGPT, OpenAI, and whatever else speaks OpenAI's Chat Completions API."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream

from activities.http.events import bound
from activities.llm.faults import Caller, classified, reading, refused, unavailable, whole
from activities.llm.openai_compatible.answer import Answer
from activities.llm.openai_compatible.request import Dialect, request_body
from activities.llm.provider import LoadImage, OnText, OnTool
from activities.llm.transport import access_headers, as_json, check_stream, timeouts
from clara import __version__
from clara.llm.models import Completion, Prompt, answer_limit
from clara.settings.llm import LlmSettings

HOME = "api.openai.com"
_REASONING_MODEL = re.compile(r"(openai/)?(o\d|gpt-([5-9]|\d\d))")


class OpenAiCompatibleProvider:
    def __init__(self, name: str, settings: LlmSettings):
        self.name = name
        key = settings.key(name) or ""
        self._url: str = getattr(settings, f"{name}_url")
        headers = {"User-Agent": f"Clara/{__version__}", **_headers(name, self._url, settings)}
        self._secrets = (key, *access_headers(settings).values())
        self._client = AsyncOpenAI(
            api_key=key,
            base_url=self._url,
            max_retries=0,  # Temporal retries
            timeout=timeouts(settings),
            default_headers=headers,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, event_hooks={"response": [bound]}),
        )
        # The SDK takes these from variables that are none of Clara's settings, and would tell strangers.
        self._client.organization = None
        self._client.project = None

    async def complete(
        self, prompt: Prompt, model: str, load_image: LoadImage, on_text: OnText, on_tool: OnTool
    ) -> Completion:
        caller = Caller(self.name, model, self._secrets)
        limit = answer_limit(prompt.max_tokens)
        body = await request_body(prompt, self.name, model, self._dialect(model), load_image)
        with classified(caller, (openai.OpenAIError, httpx2.HTTPError, json.JSONDecodeError)):
            return await self._stream(body, Answer(self.name, on_text, on_tool, limit), caller)

    async def _stream(self, body: dict[str, Any], answer: Answer, caller: Caller) -> Completion:
        # Below ``chat.completions.create``, which walks every message of the conversation, and for chunks as plain
        # JSON: the former took 33 ms at 126 messages, and models of chunks a millisecond for three words.
        stream: AsyncStream[Any] = await self._client.post(
            "/chat/completions", content=as_json(body), cast_to=object, stream=True, stream_cls=AsyncStream[object]
        )
        async with stream:
            await check_stream(stream.response, caller)
            with reading(answer, caller):
                async for chunk in stream:
                    answer.feed(chunk)
        if answer.cut:
            return whole(answer.completion(caller.model), caller)
        match answer.finish_reason:
            case None:
                raise unavailable("truncated", caller)
            case "error":
                raise unavailable("server", caller)
            case "content_filter":
                raise refused("declined", caller)
        return answer.completion(caller.model)

    def _dialect(self, model: str) -> Dialect:
        if self.name == "openrouter":
            return Dialect(marks_cache=True, extra=(("usage", {"include": True}),))
        if self.name == "nanogpt":
            return Dialect(marks_cache=True)
        # OpenAI has renamed the field, and its reasoning models refuse the old name wherever they run.
        renamed = urlsplit(self._url).hostname == HOME or _REASONING_MODEL.match(model)
        return Dialect("max_completion_tokens" if renamed else "max_tokens")

    async def close(self) -> None:
        await self._client.close()


def _headers(name: str, url: str, settings: LlmSettings) -> dict[str, str]:
    if name == "openrouter":
        site = {"HTTP-Referer": settings.openrouter_site} if settings.openrouter_site else {}
        return {"X-Title": settings.openrouter_title, **site}
    if name == "openai" and urlsplit(url).hostname != HOME:
        return access_headers(settings)
    return {}
