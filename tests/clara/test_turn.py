"""The loop of a turn as data."""

from clara.llm.models import Usage
from clara.tools.tool import Effect
from clara.turn import (
    MAX_IDENTICAL_CALLS,
    MAX_STEPS,
    Answered,
    LoopState,
    RunTools,
    SkipTools,
    StepOutcome,
    ToolCallRef,
    advance,
)


def call(name: str, effect: Effect = Effect.READ, fingerprint: str | None = None) -> ToolCallRef:
    return ToolCallRef(id=name, name=name, effect=effect, timeout_s=5, fingerprint=fingerprint or name, label=name)


def outcome(*calls: ToolCallRef, step: int = 0) -> StepOutcome:
    usage = Usage(input_tokens=10, output_tokens=2, cost_usd=0.5)
    return StepOutcome(step=step, calls=calls, provider="p", model="m", usage=usage)


def test_answer_without_calls_ends_the_turn() -> None:
    state, following = advance(LoopState(), outcome())
    assert following == Answered()
    assert (state.step, state.usage.input_tokens, state.model) == (1, 10, "m")


def test_neighbouring_reads_run_together_and_changes_alone_and_in_order() -> None:
    calls = (
        call("a"),
        call("b"),
        call("w", Effect.WRITE),
        call("c"),
        call("i", Effect.IDEMPOTENT),
        call("d"),
    )
    _, following = advance(LoopState(), outcome(*calls))
    assert isinstance(following, RunTools)
    assert [[c.name for c in batch] for batch in following.batches] == [["a", "b"], ["w"], ["c"], ["i"], ["d"]]


def test_identical_calls_are_allowed_a_few_times_and_then_end_the_use_of_tools() -> None:
    state = LoopState()
    for _ in range(MAX_IDENTICAL_CALLS):
        state, following = advance(state, outcome(call("again")))
        assert isinstance(following, RunTools)
    state, following = advance(state, outcome(call("again")))
    assert following == SkipTools()
    assert state.must_answer


def test_last_step_has_to_answer() -> None:
    state = LoopState()
    for n in range(MAX_STEPS - 1):
        assert not state.must_answer
        state, _ = advance(state, outcome(call(f"tool{n}"), step=n))
    assert state.must_answer


def test_usage_adds_up_and_unknown_prices_stay_unknown() -> None:
    state, _ = advance(LoopState(), outcome(call("a")))
    state, _ = advance(state, outcome(step=1))
    assert state.usage.cost_usd == 1.0
    assert (Usage() + Usage()).cost_usd is None
