"""Settings: defaults that work without any, and wrong ones reported by the names of their variables."""

from pathlib import Path

import pytest

from clara.errors import Misconfigured
from clara.llm.models import Route
from clara.settings import environment, load


def test_without_any_setting_the_scripted_stand_in_answers() -> None:
    assert load({}).llm.provider == "scripted"


def test_first_provider_with_a_key_is_used() -> None:
    assert load({"ANTHROPIC_API_KEY": "k"}).llm.provider == "anthropic"
    assert load({"ANTHROPIC_API_KEY": "k", "LLM_PROVIDER": "scripted"}).llm.provider == "scripted"


def test_models_of_tiers() -> None:
    llm = load(
        {
            "LLM_PROVIDER": "anthropic",
            "ANTHROPIC_API_KEY": "k",
            "ANTHROPIC_MODEL": "base",
            "ANTHROPIC_MODEL_LOW": "small",
            "NANOGPT_API_KEY": "k",
            "LLM_FALLBACKS": "nanogpt, anthropic:low",
        }
    ).llm
    assert [route.model for route in llm.routes("mid")] == ["base", "moonshotai/Kimi-K2-Instruct-0905", "small"]
    assert llm.routes("low")[0] == Route(provider="anthropic", model="small")
    assert len(llm.routes("low")) == 2, "the same route is not tried twice"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"LLM_PROVIDER": "clippy"}, "LLM_PROVIDER: must be 'openrouter', 'nanogpt', 'anthropic'"),
        ({"LLM_PROVIDER": "anthropic"}, "ANTHROPIC_API_KEY: must be set, because LLM_PROVIDER is anthropic"),
        ({"LLM_FALLBACKS": "nanogpt"}, "NANOGPT_API_KEY: must be set, because LLM_FALLBACKS names nanogpt"),
        ({"LLM_FALLBACKS": "x:y"}, "LLM_FALLBACKS: must be a list like"),
        ({"LLM_MAX_TOKENS": "many"}, "LLM_MAX_TOKENS: must be a whole number"),
        ({"AUTO_TIER_SELECTION": "perhaps"}, "AUTO_TIER_SELECTION: must be true or false"),
        ({"ANTHROPIC_BASE_URL": "localhost:80"}, "ANTHROPIC_BASE_URL: must be an address like https://"),
        ({"DEFAULT_TIMEZONE": "Mars/Olympus"}, "DEFAULT_TIMEZONE: must be a time zone like Europe/Berlin"),
        ({"DATABASE_URL": "mysql://db"}, "DATABASE_URL: must be an address like postgresql://"),
        ({"TEMPORAL_ADDRESS": "temporal"}, "TEMPORAL_ADDRESS: must be host:port"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL: must be 'DEBUG', 'INFO'"),
        ({"BOT_PERSONALITY_FILE": "/nowhere"}, "BOT_PERSONALITY_FILE: must be the path of a readable"),
        ({"CLARA_WORKERS": "0"}, "CLARA_WORKERS: must be at least 1"),
    ],
)
def test_wrong_setting_is_named_with_what_is_expected(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        load(values)
    assert sentence in str(caught.value)


def test_all_wrong_settings_are_reported_at_once_and_no_value_is_repeated() -> None:
    with pytest.raises(Misconfigured) as caught:
        load({"LLM_PROVIDER": "sk-secret-in-the-wrong-place", "LOG_LEVEL": "sk-other", "CLARA_WORKERS": "sk-third"})
    assert len(str(caught.value).splitlines()) == 3
    assert "sk-" not in str(caught.value)


def test_secrets_are_not_shown_by_accident() -> None:
    settings = load({"ANTHROPIC_API_KEY": "sk-secret", "DATABASE_URL": "postgresql://u:sk-secret@h/d"})
    assert "sk-secret" not in repr(settings)


def test_environment_overrules_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=DEBUG\nBOT_NAME='Klara'\n")
    monkeypatch.setenv("CLARA_ENV_FILE", str(tmp_path / ".env"))
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    settings = load(environment())
    assert (settings.runtime.log_level, settings.runtime.name) == ("ERROR", "Klara")


def test_empty_value_counts_as_not_set() -> None:
    assert load({"ANTHROPIC_API_KEY": " ", "DEFAULT_TIMEZONE": ""}).runtime.timezone == "UTC"
