# ruff: noqa: E501 - tables, whose rows are lines
"""Settings that are wrong, missing, or meant otherwise."""

from tests.gateway.doctor.faults.fault import ANTHROPIC, OPENAI, OPENROUTER, OUT, Fault, env, file
from tests.gateway.doctor.world import World


def breaking_tools(world: World) -> None:
    (world.root / "my_broken_tools.py").write_text("TOOLS = (1 // 0,)\n")
    world.env(CLARA_TOOLS="my_broken_tools", PYTHONPATH=str(world.root))


def wrong_policy(world: World) -> None:
    world.used_home()
    (world.home.root / "config").mkdir()
    (world.home.root / "config" / "policy.toml").write_text("[[rule]]\ndecision = 'maybe'\n")


def overlooked(world: World) -> None:
    world.used_home()
    (world.home.root / ".env").write_text("LOG_LEVEL=INFO\n")
    (world.root / ".env").write_text("ANTHROPIC_API_KEY=mine\n")
    world.patch.chdir(world.root)
    world.env(CLARA_ENV_FILE="")


SETTINGS = [
    Fault("a misspelt name", file("ANTHROPIC_APIKEY=x\n"), "warn", "line 1: Clara knows no ANTHROPIC_APIKEY; did you mean ANTHROPIC_API_KEY?", "Correct the name"),
    Fault("a name that nobody knows", file("\nTELEGRAM_BOT=x\n"), "warn", "line 2: Clara knows no TELEGRAM_BOT", ".env.example lists all names"),
    Fault("a misspelt name in the environment", env(OPENROUTER_APIKEY="x"), "warn", "no OPENROUTER_APIKEY, which is in the environment", "OPENROUTER_API_KEY"),
    Fault("a name twice", file("BOT_NAME=A\nBOT_NAME=B\n"), "warn", "BOT_NAME is set in line 1 already", "Keep one"),
    Fault("an open quote", file("BOT_NAME='Clara\nLOG_LEVEL=INFO\n"), "broken", "a quote is opened and not closed", "until then Clara does not start"),
    Fault("no assignment", file("BOT_NAME Clara\n"), "broken", "line 1: must be NAME=value", "until then Clara does not start"),
    Fault("another encoding", file(b"LOG_LEVEL=INFO\nBOT_NAME=Cl\xe4ra\n"), "broken", "line 2: must be text in UTF-8", "until then Clara does not start"),
    Fault("a folder for a file", lambda w: w.env(CLARA_ENV_FILE=str(w.root)), "broken", "is a folder", "until then"),
    Fault("a file that is gone", lambda w: w.env(CLARA_ENV_FILE="/nowhere/.env"), "broken", "there is no such file", "until then"),
    Fault("a file that is not read", overlooked, "warn", ".env is not read: Clara's settings are in", "into the file that is read"),
    Fault("two values", file("BOT_NAME=Nova\n", BOT_NAME="Vega"), "warn", "BOT_NAME in the environment overrides .env", "unset BOT_NAME"),
    Fault("a wrong number", env(CLARA_WORKERS="many"), "broken", "CLARA_WORKERS: must", "Correct CLARA_WORKERS"),
    Fault("a wrong word", env(MODEL_TIER="huge"), "broken", "MODEL_TIER: must", "Correct MODEL_TIER"),
    Fault("a wrong time zone", env(DEFAULT_TIMEZONE="Berlin"), "broken", "DEFAULT_TIMEZONE: must", "Correct DEFAULT_TIMEZONE"),
    Fault("a provider without a key", env(LLM_PROVIDER="anthropic"), "broken", "ANTHROPIC_API_KEY: must be set", "Correct ANTHROPIC_API_KEY"),
    Fault("a fallback without a key", env(LLM_FALLBACKS="nanogpt"), "broken", "NANOGPT_API_KEY: must be set", "Correct NANOGPT_API_KEY"),
    Fault("no provider", env(), "warn", "no provider is configured", "clara setup"),
    Fault("scripted beside a key", env(LLM_PROVIDER="scripted", ANTHROPIC_API_KEY=ANTHROPIC), "warn", "LLM_PROVIDER is scripted", "Set LLM_PROVIDER=anthropic"),
    Fault("two keys and no choice", env(ANTHROPIC_API_KEY=ANTHROPIC, OPENROUTER_API_KEY=OPENROUTER, ANTHROPIC_BASE_URL=OUT, OPENROUTER_BASE_URL=OUT), "warn", "2 providers have keys", "LLM_PROVIDER=openrouter or anthropic"),
    Fault("memory by a provider without a key", env(MEM0_PROVIDER="nanogpt"), "broken", "MEM0_PROVIDER is nanogpt, which has no key", "Set NANOGPT_API_KEY"),
    Fault("memory by nobody", env(MEM0_PROVIDER="gemini"), "broken", "gemini, which is no provider", "Use one of openrouter"),
    Fault("an address with the path", env(CUSTOM_OPENAI_API_KEY=OPENAI, CUSTOM_OPENAI_BASE_URL=f"{OUT}/v1/chat/completions"), "broken", "ends with /chat/completions", "Remove /chat/completions"),
    Fault("a key in the clear", env(CUSTOM_OPENAI_API_KEY=OPENAI, CUSTOM_OPENAI_BASE_URL="http://models.invalid/v1"), "warn", "begins with http://, so the key", "Use https://"),
    Fault("tools that are not there", env(CLARA_TOOLS="no.such.module"), "broken", "must name importable modules", "Correct CLARA_TOOLS"),
    Fault("tools without tools", env(CLARA_TOOLS="json"), "broken", "TOOLS", "Correct CLARA_TOOLS"),
    Fault("a policy that says nothing", wrong_policy, "broken", "policy.toml: rule.1.decision", "Correct the file"),
    Fault("tools that break", breaking_tools, "broken", "ZeroDivisionError", "Correct CLARA_TOOLS"),
]  # fmt: skip
