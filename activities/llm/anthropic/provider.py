"""Claude, from Anthropic or from a service that speaks its API."""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

import anthropic
import httpx2
from anthropic import AsyncAnthropic, AsyncStream, Omit

from activities.http.events import bound
from activities.llm.anthropic.answer import Answer
from activities.llm.anthropic.request import NAME, has_thinking, request_body
from activities.llm.faults import Caller, classified, reading, refused, unavailable, whole
from activities.llm.provider import LoadImage, OnText, OnTool
from activities.llm.transport import access_headers, as_json, check_stream, timeouts
from clara import __version__
from clara.llm.models import Completion, Prompt, answer_limit
from clara.settings.llm import LlmSettings

log = logging.getLogger(__name__)

HOME = "https://api.anthropic.com"


class AnthropicProvider:
    name = NAME

    def __init__(self, settings: LlmSettings):
        self._key = settings.key(NAME) or ""
        url = (settings.anthropic_url or HOME).removesuffix("/v1")
        self._native = urlsplit(url).hostname == urlsplit(HOME).hostname
        headers: dict[str, Any] = {}
        if not self._native:
            # The SDK speaks as Anthropic's own service understands it since October 2026; others
            # know the key's header and the version that were there before.
            headers = {
                "X-Api-Key": self._key,
                "Authorization": Omit(),
                "anthropic-version": "2023-06-01",
                "User-Agent": f"Clara/{__version__}",
                **access_headers(settings),
            }
        self._secrets = (self._key, *access_headers(settings).values())
        self._client = AsyncAnthropic(
            api_key=self._key,
            base_url=url,
            max_retries=0,  # Temporal retries
            timeout=timeouts(settings),
            default_headers=headers,
            open_telemetry=False,
            http_client=anthropic.DefaultAsyncHttpxClient(follow_redirects=False, event_hooks={"response": [bound]}),
        )

    async def complete(
        self, prompt: Prompt, model: str, load_image: LoadImage, on_text: OnText, on_tool: OnTool
    ) -> Completion:
        caller = Caller(self.name, model, self._secrets)
        limit = answer_limit(prompt.max_tokens)
        body = await request_body(prompt, model, load_image, native=self._native)
        with classified(caller, (anthropic.AnthropicError, httpx2.HTTPError, json.JSONDecodeError)):
            if has_thinking(body):
                try:
                    return await self._stream(body, Answer(on_text, on_tool, limit), caller)
                except anthropic.BadRequestError as error:
                    # A signature can become void, for instance when another model takes over.
                    if "thinking" not in str(error):
                        raise
                    log.info("%s refused the thoughts of its earlier answer; asking without them", self.name)
                body = await request_body(prompt, model, load_image, native=self._native, thinking=False)
            return await self._stream(body, Answer(on_text, on_tool, limit), caller)

    async def _stream(self, body: dict[str, Any], answer: Answer, caller: Caller) -> Completion:
        # Below ``messages.create``, which copies every block of the conversation, and for events as plain JSON.
        stream: AsyncStream[Any] = await self._client.post(
            "/v1/messages", content=as_json(body), cast_to=object, stream=True, stream_cls=AsyncStream[object]
        )
        async with stream:
            await check_stream(stream.response, caller)
            with reading(answer, caller):
                async for event in stream:
                    answer.feed(event)
        if answer.cut:
            return whole(answer.completion(caller.model), caller)
        if answer.stop_reason is None:
            raise unavailable("truncated", caller)
        if answer.stop_reason == "refusal":
            raise refused("declined", caller)
        return answer.completion(caller.model)

    async def close(self) -> None:
        await self._client.close()
