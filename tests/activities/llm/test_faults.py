"""Each failure is retried or final as it should be, and its words are fit for the person.

The SDKs take seconds to import. So that is done by the tests that need them, and not by whoever collects these.
"""

import logging
from datetime import timedelta

import pytest

from activities.llm.faults import Caller, classify, redacted
from activities.llm.provider import Provider
from clara.errors import ClaraError, ModelRefused, ToolFailed, Unavailable
from clara.settings.llm import LlmSettings
from tests.activities.llm.dialogues import SECRET_WORDS, ask
from tests.loopback.models import KEY, ModelServer
from tests.ports import free_port

RETRIED = {
    "error-408": "timeout",
    "error-409": "server",
    "error-429": "rate_limit",
    "error-500": "server",
    "error-502": "server",
    "error-503": "overloaded",
    "error-504": "timeout",
    "error-529": "overloaded",
    "error-in-stream-overloaded_error": "overloaded",
    "error-in-stream-api_error": "server",
    "error-in-stream-rate_limit_error": "rate_limit",
    "error-in-stream-502": "server",
    "error-in-stream-something_new": "server",
    "html": "server",
    "html-502": "server",
    "json-error-200-overloaded_error": "overloaded",
    "json-error-200-server_error": "server",
}

FINAL = {
    "error-400": "bad_request",
    "error-401": "auth",
    "error-402": "billing",
    "error-403": "auth",
    "error-404": "not_found",
    "error-413": "too_long",
    "error-422": "bad_request",
    "no-such-model": "not_found",
    "quota": "billing",
    "no-credit": "billing",
    "too-large-for-minute": "too_long",
    "flagged": "bad_request",
    "redirect": "not_found",
    "overflow-above-0-messages": "too_long",
    "error-in-stream-invalid_request_error": "bad_request",
    "error-in-stream-context_length_exceeded": "too_long",
    "json-error-200-insufficient_quota": "billing",
}


def check_words(error: ClaraError) -> None:
    words = str(error)
    assert KEY not in words
    assert SECRET_WORDS not in words
    assert len(words) < 200
    assert words[0].isupper()
    assert words.endswith(".")
    followed = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert followed is None, "Temporal would put the provider's words into the history"


@pytest.mark.parametrize(("model", "kind"), RETRIED.items())
async def test_faults_that_pass_are_tried_again(provider: Provider, model: str, kind: str) -> None:
    with pytest.raises(Unavailable) as caught:
        await ask(provider, model, SECRET_WORDS)
    assert caught.value.kind == kind
    check_words(caught.value)


@pytest.mark.parametrize(("model", "kind"), FINAL.items())
async def test_refusals_are_final(provider: Provider, model: str, kind: str) -> None:
    with pytest.raises(ModelRefused) as caught:
        await ask(provider, model, SECRET_WORDS)
    assert caught.value.kind == kind
    check_words(caught.value)


@pytest.mark.parametrize(
    ("model", "at_least", "at_most"),
    [
        ("rate-limit", 7, 7),
        ("rate-limit-ms", 1.5, 1.5),
        ("rate-limit-date", 20, 30),
        ("rate-limit-hour", 60, 60),
    ],
)
async def test_the_pause_that_a_provider_asks_for(
    provider: Provider, model: str, at_least: float, at_most: float
) -> None:
    with pytest.raises(Unavailable) as caught:
        await ask(provider, model)
    pause = caught.value.retry_after
    assert pause is not None
    assert timedelta(seconds=at_least) <= pause <= timedelta(seconds=at_most)


async def test_a_pause_that_nobody_can_read_is_none(provider: Provider) -> None:
    with pytest.raises(Unavailable) as caught:
        await ask(provider, "rate-limit-odd")
    assert caught.value.retry_after is None


async def test_the_overflow_goes_away_when_less_is_sent(provider: Provider) -> None:
    assert (await ask(provider, "overflow-above-1-messages")).stop == "end"


async def test_a_wrong_key_names_its_variable_and_shows_no_part_of_itself(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    from activities.llm.anthropic.provider import AnthropicProvider
    from activities.llm.openai_compatible.provider import OpenAiCompatibleProvider

    wrong = "sk-wrong-key-4711-abcdefgh"
    settings = LlmSettings.model_validate(
        {
            "ANTHROPIC_API_KEY": wrong,
            "ANTHROPIC_BASE_URL": server.url,
            "CUSTOM_OPENAI_API_KEY": wrong,
            "CUSTOM_OPENAI_BASE_URL": server.openai_url,
        }
    )
    made: list[tuple[Provider, str]] = [
        (AnthropicProvider(settings), "ANTHROPIC_API_KEY"),
        (OpenAiCompatibleProvider("openai", settings), "CUSTOM_OPENAI_API_KEY"),
    ]
    for provider, variable in made:
        with caplog.at_level(logging.WARNING), pytest.raises(ModelRefused) as caught:
            await ask(provider, "echo")
        await provider.close()
        assert caught.value.kind == "auth"
        assert variable in str(caught.value)
        assert provider.name in str(caught.value)
        # The server repeats the key: one API whole, the other its first and last letters.
        said = f"{caught.value} {caught.value.__notes__} {caplog.text}"
        assert wrong[:8] not in said
        assert wrong[-4:] not in said


async def test_nobody_is_listening() -> None:
    from activities.llm.anthropic.provider import AnthropicProvider
    from activities.llm.openai_compatible.provider import OpenAiCompatibleProvider

    url = f"http://127.0.0.1:{free_port()}"
    settings = LlmSettings.model_validate(
        {
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": url,
            "CUSTOM_OPENAI_API_KEY": KEY,
            "CUSTOM_OPENAI_BASE_URL": f"{url}/v1",
        }
    )
    made: list[Provider] = [AnthropicProvider(settings), OpenAiCompatibleProvider("openai", settings)]
    for provider in made:
        with pytest.raises(Unavailable) as caught:
            await ask(provider, "echo")
        assert caught.value.kind == "connection"
        check_words(caught.value)
        await provider.close()


async def test_a_note_tells_the_log_what_the_person_is_spared(provider: Provider) -> None:
    with pytest.raises(ModelRefused) as caught:
        await ask(provider, "error-422")
    (note,) = caught.value.__notes__
    assert "This is error 422." in note
    assert "status 422" in note
    assert "This is error" not in str(caught.value)


def test_errors_that_are_sorted_already_stay_what_they_are() -> None:
    error = ToolFailed("no")
    assert classify(error) is error


def test_an_unknown_exception_is_a_fault_that_passes() -> None:
    error = classify(RuntimeError("surprise"), Caller("nanogpt"))
    assert isinstance(error, Unavailable)
    assert "nanogpt" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect key: hunter2-hunter2-hunter2",
        "Incorrect key: hunter2-********ter2",
        "{'x-api-key': 'hunter2-hunter2-hunter2'}",
        "Bearer hunter2-hunter2-hunter2 is wrong",
        "the last letters are -hunter2!",
    ],
)
def test_parts_of_a_key_are_redacted(text: str) -> None:
    assert "hunter" not in redacted(text, ("hunter2-hunter2-hunter2",))


@pytest.mark.parametrize("text", ["try sk-live-123456789", "Authorization: bearer abc.def", "key ab*****yz"])
def test_what_looks_like_somebodys_key_is_redacted(text: str) -> None:
    assert redacted(text, ()).endswith("[redacted]")


def test_other_words_are_left_alone() -> None:
    assert redacted("max_tokens: must be positive", ("hunter2-hunter2",)) == "max_tokens: must be positive"
