"""Messages of Discord as a model reads them: one line or more each, with who, when, and the id to speak of it by."""

import re
from collections.abc import Iterable

from adapters.discord.api.rest import Json
from clara.text import printable

EMBED_SHOWN = 300
_MENTION = re.compile(r"<@!?(\d+)>")


def told(messages: Iterable[Json], myself: int) -> str:
    """Oldest first."""
    return "\n".join(_line(message, myself) for message in sorted(messages, key=lambda each: int(each["id"])))


def holds(message: Json, words: Iterable[str]) -> bool:
    said = " ".join([message["content"], *(_embedded(embed) for embed in message.get("embeds") or [])]).casefold()
    return all(word.casefold() in said for word in words)


def _line(message: Json, myself: int) -> str:
    author = message["author"]
    who = "You" if int(author["id"]) == myself else _name(author)
    names = {each["id"]: _name(each) for each in message.get("mentions") or []}
    text = _MENTION.sub(lambda found: f"@{names[found[1]]}" if found[1] in names else found[0], message["content"])
    parts = [text] if text else []
    parts += [f"[file: {each['filename']}]" for each in message.get("attachments") or []]
    parts += [f"[embed: {_embedded(each)[:EMBED_SHOWN]}]" for each in message.get("embeds") or []]
    referred = (message.get("message_reference") or {}).get("message_id")
    answers = f" (reply to {referred})" if referred else ""
    at = f"{message['timestamp'][:16].replace('T', ' ')} UTC"
    return printable(f"[{message['id']}] {at} {who}{answers}: {' '.join(parts) or '(nothing to read)'}")


def _name(user: Json) -> str:
    return " ".join(str(user.get("global_name") or user["username"]).split())


def _embedded(embed: Json) -> str:
    fields = [f"{field['name']}: {field['value']}" for field in embed.get("fields") or []]
    return " | ".join(part for part in (embed.get("title"), embed.get("description"), *fields) if part)
