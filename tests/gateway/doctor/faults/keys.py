# ruff: noqa: E501 - tables, whose rows are lines
"""Keys and tokens that can be seen to be wrong."""

from tests.gateway.doctor.faults.fault import ANTHROPIC, DISCORD, OPENAI, OPENROUTER, Fault, env, file
from tests.gateway.doctor.world import Seed


def key(variable: str, value: str) -> Seed:
    return env(**{variable: value, f"{variable.removesuffix('_API_KEY')}_MODEL": "echo"})


KEYS = [
    Fault("Anthropic's in OpenRouter's", key("OPENROUTER_API_KEY", ANTHROPIC), "broken", "OPENROUTER_API_KEY holds a key of Anthropic", "It belongs into ANTHROPIC_API_KEY"),
    Fault("OpenRouter's in Anthropic's", key("ANTHROPIC_API_KEY", OPENROUTER), "broken", "ANTHROPIC_API_KEY holds a key of OpenRouter", "It belongs into OPENROUTER_API_KEY"),
    Fault("OpenAI's in Anthropic's", key("ANTHROPIC_API_KEY", OPENAI), "broken", "holds a key of OpenAI", "CUSTOM_OPENAI_API_KEY (chat)"),
    Fault("Anthropic's in OpenAI's", key("CUSTOM_OPENAI_API_KEY", ANTHROPIC), "broken", "holds a key of Anthropic", "It belongs into ANTHROPIC_API_KEY"),
    Fault("Anthropic's for embeddings", env(OPENAI_API_KEY=ANTHROPIC), "broken", "OPENAI_API_KEY holds a key of Anthropic", "ANTHROPIC_API_KEY"),
    Fault("GitHub's", key("NANOGPT_API_KEY", "ghp_0123456789abcdef"), "broken", "holds a key of GitHub", "Put a key of NanoGPT"),
    Fault("quotes", key("ANTHROPIC_API_KEY", f'"{ANTHROPIC}"'), "broken", "ANTHROPIC_API_KEY: must be the value itself, without quotes", "Correct ANTHROPIC_API_KEY"),
    Fault("a word processor's quotes", file(f"ANTHROPIC_API_KEY=\u201c{ANTHROPIC}\u201d\n"), "broken", "ANTHROPIC_API_KEY: must be the value itself, without quotes", "Correct ANTHROPIC_API_KEY"),
    Fault("Bearer", key("OPENROUTER_API_KEY", f"Bearer {OPENROUTER}"), "broken", "OPENROUTER_API_KEY: must be one word, without spaces", "Correct OPENROUTER_API_KEY"),
    Fault("a space", key("ANTHROPIC_API_KEY", "sk-ant-api03-01234 56789abcdef"), "broken", "ANTHROPIC_API_KEY: must be one word, without spaces", "Correct ANTHROPIC_API_KEY"),
    Fault("foreign letters", key("ANTHROPIC_API_KEY", "sk-ant-\u0430pi03-0123456789"), "broken", "has characters that no key has", "Copy the key again"),
    Fault("a placeholder", key("ANTHROPIC_API_KEY", "your-key-here"), "broken", "is a placeholder", "clara setup"),
    Fault("the name once more", key("ANTHROPIC_API_KEY", f"ANTHROPIC_API_KEY={ANTHROPIC}"), "broken", "the name of a variable in its value", "what follows the second ="),
    Fault("an address", key("ANTHROPIC_API_KEY", "https://api.anthropic.com"), "broken", "is an address and not a key", "Put the key there"),
    Fault("a few letters", key("OPENROUTER_API_KEY", "sk-or"), "warn", "only 5 characters", "all of it"),
    Fault("an application's secret for a bot's token", env(DISCORD_BOT_TOKEN="0123456789abcdefghijABCDEFGHIJ-_"), "broken", "the application's client secret", "Reset Token"),
    Fault("an application's id for a bot's token", env(DISCORD_BOT_TOKEN="1122334455667788990"), "broken", "the id of an application", "page Bot"),
    Fault("a public key for a bot's token", env(DISCORD_BOT_TOKEN="0123456789abcdef" * 4), "broken", "public key", "page Bot"),
    Fault("half a bot's token", env(DISCORD_BOT_TOKEN=DISCORD[:-20]), "broken", "is cut off at its end", "page Bot"),
    Fault("anything for a bot's token", env(DISCORD_BOT_TOKEN="my-discord-token"), "broken", "three parts", "page Bot"),
]  # fmt: skip
