"""The pure parts of the benchmarks: spreads, aims, the table, sizes of histories."""

import json

import pytest
from rich.console import Console
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from benchmarks.figures import Aim, Figure, Spread, percentile, single
from benchmarks.rig.histories import History, measure, run_of_turn
from benchmarks.rig.model import EVENTS_AROUND, answer, paced
from benchmarks.rig.stack import ROOT, pid_of
from benchmarks.table import markdown, shown, table
from tests.loopback.models import Reply, Request
from tests.loopback.models.anthropic_api import events
from tests.loopback.models.request import Said


def test_programs_of_the_benchmarks_are_started_from_the_project() -> None:
    assert (ROOT / "benchmarks" / "__main__.py").is_file()


def test_percentiles_are_measured_values() -> None:
    values = [float(n) for n in range(1, 21)]
    assert percentile(values, 0.95) == 19
    assert percentile(values, 1) == 20
    assert percentile(values, 0) == 1
    assert percentile([7.0], 0.95) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_spread_tells_the_median_and_the_tail() -> None:
    assert Spread.of([5.0, 1.0, 3.0]) == Spread(p50=3, p95=5, n=3)


def test_an_aim_is_met_by_the_median_or_by_the_ratio() -> None:
    slow, fast = Spread(130, 900, 40), Spread(100, 200, 40)
    assert Figure("turn", slow, "ms", fast, aim=Aim(1.3, of_ratio=True)).met is True
    assert Figure("turn", slow, "ms", fast, aim=Aim(1.2, of_ratio=True)).met is False
    assert Figure("turn", slow, "ms", aim=Aim(1.3, of_ratio=True)).met is False
    assert Figure("stop", single(0.4), "s", aim=Aim(1)).met is True
    assert Figure("stop", single(0.4), "s").met is None


def test_the_tail_is_shown_where_there_are_enough_values_for_one() -> None:
    assert shown(Spread(1234.4, 2000, 5), "ms") == "1,234 (2,000) ms"
    assert shown(Spread(0.456, 9, 3), "s") == "0.46 s"
    assert shown(single(12), "") == "12"
    assert shown(Spread(3.24, 4, 4), "ms") == "3.2 ms"


def test_the_table_says_what_is_met_and_what_is_not() -> None:
    figures = [
        Figure("Quick", single(0.5), "s", aim=Aim(1)),
        Figure("Slow", single(200), "ms", single(100), peers="others 300 ms", aim=Aim(1.3, of_ratio=True)),
    ]
    console = Console(width=160)
    with console.capture() as captured:
        console.print(table(figures))
    quick, slow = (next(line for line in captured.get().splitlines() if name in line) for name in ("Quick", "Slow"))
    assert "0.50 s" in quick
    assert "≤ 1 s" in quick
    assert "not met" not in quick
    for text in ("200 ms", "100 ms", "2.00", "others 300 ms", "≤ 1.3 x", "not met"):
        assert text in slow


def test_a_page_has_a_row_for_each_figure() -> None:
    rows = markdown([Figure("Slow", single(200), "ms", single(100), aim=Aim(1.3, of_ratio=True))]).splitlines()
    assert rows[-1] == "| Slow | 200 ms | 100 ms | 2.00 |  | ≤ 1.3 x | not met |"
    assert len({row.count("|") for row in rows}) == 1


def test_figures_are_plain_json() -> None:
    told = json.loads(json.dumps(Figure("Slow", single(200), "ms", single(100), aim=Aim(1.3, of_ratio=True)).as_json()))
    assert told["ratio"] == 2
    assert told["met"] is False


def test_a_history_is_measured_by_its_events() -> None:
    kinds = [
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    ]
    found = [HistoryEvent(event_id=n, event_type=kind) for n, kind in enumerate(kinds, 1)]
    assert measure(found) == History(events=5, bytes=sum(e.ByteSize() for e in found), activities=2, turns=1)


def test_a_turn_is_found_in_its_run() -> None:
    runs = [History(events=500, bytes=1, activities=0, turns=40), History(events=90, bytes=2, activities=0, turns=7)]
    assert run_of_turn(runs, 40) is runs[0]
    assert run_of_turn(runs, 41) is runs[1]


@pytest.mark.parametrize(("identity", "pid"), [("4711@host", 4711), ("someone", 0), ("", 0)])
def test_a_worker_is_known_by_its_process(identity: str, pid: int) -> None:
    assert pid_of(identity) == pid


def test_a_paced_answer_has_as_many_events_as_its_time_is_reckoned_with() -> None:
    said = Said("user", paced(24, 100))
    request = Request("anthropic", "loopback", "", (said,), (), 100, {})
    plan = answer(request)
    assert isinstance(plan, Reply)
    assert plan.pause_s == 0.1
    counts = {"fresh": 0, "cached": 0, "written": 0, "output": 0}
    words = tuple(str(plan.text).split())
    assert len(list(events(request, plan, words, counts))) == 24 + EVENTS_AROUND


def test_all_parts_can_be_chosen() -> None:
    from benchmarks.__main__ import NAMES  # what they measure takes seconds to import

    one_worker = (
        "footprint",
        "turn",
        "offers",
        "budgets",
        "first-word",
        "stop",
        "throughput",
        "sandbox",
        "plugins",
        "growth",
    )
    assert (*one_worker, "recovery") == NAMES
