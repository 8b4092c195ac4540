"""``python -m tests.loopback.discord [PORT]``: a Discord to try Clara with, for one person at a terminal.

Each line from the input is said in the channel #general, with a mention of Clara; what she writes
there is printed whenever it changes.
"""

import asyncio
import sys

from tests.loopback.discord.server import FakeDiscord


async def main(port: int) -> None:
    async with FakeDiscord(port=port) as fake:
        channel = fake.world.add_channel("general")
        person = fake.world.add_user("You", roles=[fake.world.add_role("Clara-Admin")])
        sys.stdout.write(f"DISCORD_API_BASE={fake.url}\nDISCORD_BOT_TOKEN={fake.token}\n")
        lines = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        shown: dict[str, str] = {}
        while True:
            await asyncio.wait([lines], timeout=0.2)
            for message in fake.from_clara(channel):
                if shown.get(message["id"]) != message["content"]:
                    shown[message["id"]] = message["content"]
                    sys.stdout.write(f"Clara: {message['content']}\n")
            for problem in fake.violations:
                sys.stdout.write(f"Refused: {problem}\n")
            fake.violations.clear()
            sys.stdout.flush()
            if not lines.done():
                continue
            if not (line := lines.result()):
                return
            await fake.say(channel, person, f"<@{fake.world.clara.id}> {line.strip()}")
            lines = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
