"""What is known of a Discord bot's token by its looks."""

import base64
import binascii
import re


def misshapen(token: str) -> str:
    """What a value is instead of a bot's token; empty where it looks like one."""
    variable = "DISCORD_BOT_TOKEN"
    if token.isdigit():
        return f"{variable} holds the id of an application or a person"
    if re.fullmatch(r"[0-9a-f]{64}", token):
        return f"{variable} holds the application's public key"
    parts = token.split(".")
    if len(parts) == 1 and re.fullmatch(r"[\w-]{32}", token):
        return f"{variable} holds the application's client secret"
    if len(parts) != 3 or not all(parts):
        return f"{variable} is no bot's token: that has three parts with dots between them"
    if not _is_snowflake(parts[0]):
        return f"{variable} is no bot's token: its first part is no id"
    if len(parts[2]) < 27:
        return f"{variable} is cut off at its end"
    return ""


def _is_snowflake(part: str) -> bool:
    try:
        decoded = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return decoded.isdigit()
