"""Answers without any model, so that Clara runs before anybody has configured one."""

import asyncio
import json
import re

from activities.llm.provider import LoadImage, OnText, OnTool
from activities.llm.scripted.replies import Call, reply
from activities.llm.scripted.request import hear
from clara.llm.models import Completion, Prompt, Usage
from clara.llm.tiers import CLASSIFIER_INSTRUCTION
from clara.messages import TextPart, ToolCallPart

WORD_PAUSE_S = 0.02
"""Between two words: fifty words a second, about as fast as a small model writes."""

CHARACTERS_PER_TOKEN = 4


class ScriptedProvider:
    name = "scripted"

    def __init__(self, word_pause_s: float = WORD_PAUSE_S):
        self._word_pause_s = word_pause_s

    async def complete(
        self, prompt: Prompt, model: str, load_image: LoadImage, on_text: OnText, on_tool: OnTool
    ) -> Completion:
        answer = "MID" if prompt.system == CLASSIFIER_INSTRUCTION else reply(hear(prompt))
        if isinstance(answer, Call):
            on_tool(answer.name)
            await asyncio.sleep(self._word_pause_s)
            # Unique within the conversation, as the ids of real providers are.
            call = ToolCallPart(id=f"script_{len(prompt.messages)}", name=answer.name, arguments=answer.arguments)
            usage = _usage(prompt, json.dumps(answer.arguments))
            return Completion(parts=(call,), stop="tools", usage=usage, model=model)
        for word in re.findall(r"\s*\S+", answer):
            on_text(word)
            await asyncio.sleep(self._word_pause_s)
        return Completion(parts=(TextPart(text=answer),), stop="end", usage=_usage(prompt, answer), model=model)

    async def close(self) -> None:
        """There is nothing to close."""


def _usage(prompt: Prompt, written: str) -> Usage:
    read = len(prompt.system) + sum(len(message.model_dump_json()) for message in prompt.messages)
    return Usage(
        input_tokens=read // CHARACTERS_PER_TOKEN,
        output_tokens=max(1, len(written) // CHARACTERS_PER_TOKEN),
        cost_usd=0.0,
    )
