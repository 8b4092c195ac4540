"""Who the bot of a token is, asked of Discord itself, and how she is invited."""

from dataclasses import dataclass
from typing import Any

from gateway.proofs.reach import Response, get

INVITATION = (
    "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions=309237763136"
)
"""The adapter's: to view channels, send messages and embeds, open threads, attach files, read the history, react."""

INTENT = "On the page Bot of the application in Discord's developer portal, switch on: Message Content Intent."
PORTAL = "https://discord.com/developers/applications"

_READS = (1 << 18) | (1 << 19)
"""The two flags of an application that may read messages: verified ones, and those on few servers."""


@dataclass(frozen=True)
class Bot:
    error: str = ""
    fix: str = ""
    passing: bool = False
    """Discord could not be asked: nothing is known about the token."""
    name: str = ""
    application: str = ""
    reads_messages: bool | None = None
    """Whether the Message Content Intent is on; None where Discord did not say."""
    servers: int | None = None

    @property
    def invitation(self) -> str:
        return INVITATION.format(self.application)

    def lines(self) -> list[str]:
        """What a person is told of it."""
        if self.error:
            return [f"{self.error} {self.fix}"]
        found = [f"Discord knows the token: the bot is {self.name}.", f"Invite her to a server: {self.invitation}"]
        if self.reads_messages is False:
            found.append(f"She may not read messages yet. {INTENT}")
        return found


async def who(api_base: str, token: str) -> Bot:
    """Ask Discord. The token is sent to ``api_base`` and appears nowhere else."""
    if not token.isascii() or not token.isprintable():
        return Bot(error="The token has characters that no token has.", fix="Copy it again from the page Bot.")
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (https://discord.com, 1)"}
    url = f"{api_base}/api/v10"
    try:
        me = await get(f"{url}/users/@me", headers)
        if me.status == 401:
            return Bot(
                error="Discord does not know this token.", fix="Copy the bot's current one: page Bot, Reset Token."
            )
        if me.status != 200 or "id" not in me.body:
            words = f"Discord answers with the status {me.status}."
            return Bot(error=words, fix="Try again in a few minutes; see discordstatus.com.", passing=True)
        application = await get(f"{url}/applications/@me", headers)
    except (TimeoutError, OSError) as error:
        return Bot(error=f"Discord cannot be reached: {error}.", fix="Check the network.", passing=True)
    return _bot(me.body, application)


def _bot(me: dict[str, Any], application: Response) -> Bot:
    known = application.body if application.status == 200 else {}
    flags, servers = known.get("flags"), known.get("approximate_guild_count")
    return Bot(
        name=str(me.get("username") or "the bot"),
        # A bot's id is its application's, but for bots from before 2016.
        application=str(known.get("id") or me["id"]),
        reads_messages=bool(flags & _READS) if isinstance(flags, int) else None,
        servers=servers if isinstance(servers, int) else None,
    )
