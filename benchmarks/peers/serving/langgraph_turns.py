"""LangGraph with its Postgres checkpointer. Argument: MODEL_URL.

Each line that it reads is ``{"talk": …, "text": …}``; it answers with the reply as a line of JSON.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.prebuilt import create_react_agent


@tool
async def current_time() -> str:
    """The current date and time."""
    return datetime.now(UTC).isoformat()


async def serve(url: str) -> None:
    model = ChatOpenAI(model="loopback", base_url=url, api_key="none", max_retries=0)
    async with AsyncPostgresSaver.from_conn_string(os.environ["DATABASE_URL"]) as saver:
        await saver.setup()
        graph = create_react_agent(model, [current_time], checkpointer=saver)
        say("ready")
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            message = {"messages": [{"role": "user", "content": asked["text"]}]}
            found = await graph.ainvoke(message, {"configurable": {"thread_id": asked["talk"]}}, durability="sync")
            say(found["messages"][-1].content)


def say(reply: str) -> None:
    sys.stdout.write(f"{json.dumps(reply)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
