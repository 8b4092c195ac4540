"""DBOS on Postgres: the loop of a turn by hand, a step for each call. Argument: MODEL_URL.

Each line that it reads is ``{"talk": …, "text": …}``; it answers with the reply as a line of JSON. It has no
memory of a conversation, so a long one is not asked of it.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime

from dbos import DBOS
from openai import AsyncOpenAI

(URL,) = sys.argv[1:]
TOOL = {
    "type": "function",
    "function": {
        "name": "current_time",
        "description": "The current date and time.",
        "parameters": {"type": "object", "properties": {}},
    },
}

DBOS(config={"name": "peer", "system_database_url": os.environ["DATABASE_URL"], "log_level": "ERROR"})
client = AsyncOpenAI(api_key="none", base_url=URL, max_retries=0)


@DBOS.step()
async def ask(messages: list) -> dict:
    answer = await client.chat.completions.create(model="loopback", messages=messages, tools=[TOOL])
    return answer.choices[0].message.model_dump(exclude_none=True)


@DBOS.step()
async def current_time() -> str:
    return datetime.now(UTC).isoformat()


@DBOS.workflow()
async def turn(text: str) -> str:
    messages = [{"role": "user", "content": text}]
    while True:
        answer = await ask(messages)
        messages.append(answer)
        if not answer.get("tool_calls"):
            return answer["content"]
        for call in answer["tool_calls"]:
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": await current_time()})


async def serve() -> None:
    DBOS.launch()
    say("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        say(await turn(json.loads(line)["text"]))


def say(reply: str) -> None:
    sys.stdout.write(f"{json.dumps(reply)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve())
