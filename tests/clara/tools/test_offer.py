"""Which tools a turn is offered: a core, whole toolsets while they fit, and what was found."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from clara.llm.models import ToolSchema
from clara.tools.offer import (
    BUDGET,
    FOUND_BUDGET,
    Candidate,
    Offer,
    OfferedTool,
    choose,
    extend,
    offer_id,
    schema_hash,
)
from clara.tools.tool import Effect, Risk


def tool(name: str, hash: str = "h") -> OfferedTool:
    return OfferedTool(name=name, hash=hash, effect=Effect.READ, risk=Risk.LOOK, timeout_s=30, queue="clara")


def toolset(name: str, count: int, tokens: int = 100, core: bool = False) -> list[Candidate]:
    return [Candidate(tool(f"{name}_{n:03}"), name, core, tokens) for n in range(count)]


def names(offer: Iterable[OfferedTool]) -> list[str]:
    return [each.name for each in offer]


def test_everything_is_offered_where_it_fits() -> None:
    candidates = toolset("github", 40) + toolset("clara", 8, core=True) + toolset("mail", 20)
    assert len(choose(candidates, ())) == 68
    assert names(choose(candidates, ()))[:8] == names(each.tool for each in toolset("clara", 8))


def test_large_toolset_does_not_displace_small_ones() -> None:
    candidates = toolset("clara", 10, core=True) + toolset("huge", 300) + toolset("small", 5)
    assert names(choose(candidates, ())) == [f"clara_{n:03}" for n in range(10)] + [f"small_{n:03}" for n in range(5)]


def test_what_was_found_stands_last_in_the_order_in_which_it_was_found() -> None:
    candidates = toolset("clara", 2, core=True) + toolset("huge", 300)
    found = ["huge_200", "huge_003", "gone_001"]
    assert names(choose(candidates, found)) == ["clara_000", "clara_001", "huge_200", "huge_003"]


def test_finding_a_tool_moves_none_of_those_before_it() -> None:
    candidates = toolset("clara", 5, core=True) + toolset("huge", 300) + toolset("mid", 30)
    before = choose(candidates, ["huge_001"])
    after = choose(candidates, ["huge_001", "huge_002"])
    assert after[: len(before)] == before
    assert after == extend(before, [tool("huge_002")])


def test_newest_found_tools_count_where_not_all_fit() -> None:
    candidates = toolset("huge", 300, tokens=400)
    found = [f"huge_{n:03}" for n in range(20)]
    kept = names(choose(candidates, found))
    assert kept == found[-(FOUND_BUDGET // 400) :]


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 120), max_size=12),
    tokens=st.integers(20, 900),
    found=st.lists(st.integers(0, 11).map(lambda n: f"t{n}_000"), max_size=30),
)
def test_offer_stays_within_the_budget(sizes: list[int], tokens: int, found: list[str]) -> None:
    candidates = [each for n, size in enumerate(sizes) for each in toolset(f"t{n}", size, tokens)]
    offer = choose(candidates, found)
    chosen = set(names(offer))
    assert sum(each.tokens for each in candidates if each.tool.name in chosen) <= BUDGET
    assert len(chosen) == len(offer)


def test_changed_tool_takes_the_place_of_what_it_was() -> None:
    offer: Offer = (tool("a"), tool("b"), tool("c"))
    assert extend(offer, [tool("b", "new")]) == (tool("a"), tool("b", "new"), tool("c"))
    assert offer_id(offer) != offer_id(extend(offer, [tool("b", "new")]))
    assert offer_id(offer) == offer_id((tool("a"), tool("b"), tool("c")))


def test_hash_is_that_of_what_the_model_is_told() -> None:
    schema = ToolSchema(name="post", description="Posts.", parameters={"type": "object", "properties": {}})
    assert schema_hash(schema) == schema_hash(schema.model_copy())
    for change in ({"description": "Posts to everybody."}, {"parameters": {"type": "object"}}, {"name": "send"}):
        assert schema_hash(schema.model_copy(update=change)) != schema_hash(schema)
