"""What a call costs by list price."""

import pytest

from clara.llm.models import Usage
from clara.llm.prices import cost

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("model", "dollars"),
    [
        ("claude-opus-4-5", 30),
        ("claude-opus-4-5-20251101", 30),
        ("claude-opus-4-20250514", 90),
        ("claude-opus-4-0", 90),
        ("anthropic/claude-opus-4", 90),
        ("anthropic/claude-haiku-4.5", 6),
        ("anthropic/claude-sonnet-4:thinking", 18),
        ("gpt-4o", 12.5),
        ("gpt-4o-2024-08-06", 12.5),
        ("openai/gpt-4o-mini", 0.75),
    ],
)
def test_a_million_in_and_a_million_out(model: str, dollars: float) -> None:
    assert cost(model, Usage(input_tokens=MILLION, output_tokens=MILLION)) == pytest.approx(dollars)


def test_cached_input_is_cheaper_and_writing_the_cache_dearer() -> None:
    usage = Usage(input_tokens=MILLION, cached_tokens=600_000, cache_write_tokens=300_000)
    assert cost("claude-sonnet-4-5", usage) == pytest.approx(0.1 * 3 + 0.6 * 0.3 + 0.3 * 3.75)


def test_a_long_prompt_may_cost_more_per_token() -> None:
    short, long = Usage(input_tokens=100_000), Usage(input_tokens=100_001)
    assert cost("claude-haiku-5-5", short) == pytest.approx(0.01)
    assert cost("claude-haiku-5-5", long) == pytest.approx(0.05, rel=1e-3)


@pytest.mark.parametrize("model", ["llama-4", "claude-opus-4-99", "gpt-4o-audio", "", "scripted"])
def test_unknown_models_have_no_price(model: str) -> None:
    assert cost(model, Usage(input_tokens=1)) is None
