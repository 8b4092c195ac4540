"""What a budget is, and what people are told of one that is used up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from clara.budgets import Budget, BudgetName, Cost, amount, blocking, day_of, frees_soon, helps, wanted
from clara.errors import Misconfigured
from clara.llm import prices
from clara.settings import load


def budget(name: BudgetName, allowed: str, used: str = "0", reserved: str = "0") -> Budget:
    return Budget(name, Decimal(allowed), Decimal(used), Decimal(reserved), "setting")


CALL = Cost(Decimal("0.12"), 9_000)


@pytest.mark.parametrize(
    ("now", "zone", "start", "hours"),
    [
        (datetime(2026, 11, 28, 23, 30, tzinfo=UTC), "Europe/Berlin", "2026-11-29 00:00:00+01:00", 24),
        (datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin", "2026-03-29 00:00:00+01:00", 23),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", "2026-10-25 00:00:00+02:00", 25),
        (datetime(2026, 11, 28, 1, tzinfo=UTC), "Asia/Kathmandu", "2026-11-28 00:00:00+05:45", 24),
    ],
)
def test_a_day_is_from_midnight_to_midnight(now: datetime, zone: str, start: str, hours: int) -> None:
    day = day_of(now, zone)
    assert str(day.start) == start
    assert day.end.astimezone(UTC) - day.start.astimezone(UTC) == timedelta(hours=hours)
    assert day.start <= now < day.end


def test_the_budget_that_is_told_is_the_one_for_which_waiting_helps_least() -> None:
    day = budget("day-usd", "1", used="0.99")
    turn = budget("turn-usd", "0.20", used="0.15")
    held = budget("person-day-usd", "1", used="0.1", reserved="0.9")
    small = budget("person-day-tokens", "8000")
    assert blocking([held], CALL) is held
    assert blocking([day, held], CALL) is day
    assert blocking([turn, day, held], CALL) is turn
    assert blocking([day, small], CALL) is small
    assert (frees_soon(held, CALL), frees_soon(day, CALL)) == (True, False)
    assert (helps(day, CALL), helps(turn, CALL), helps(small, CALL)) == (True, False, False)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (
            budget("person-day-usd", "1", used="0.98"),
            "your budget of the day: $0.98 of $1.00 are used, and the next step may take $0.12."
            " It renews at 00:00 (Europe/Berlin). Whoever runs me can raise it",
        ),
        (
            budget("turn-tokens", "20000", used="15000"),
            "a higher budget for this message: 15,000 of 20,000 tokens are used, and the next step may take"
            " 9,000. Whoever runs me can raise it",
        ),
        (
            budget("day-usd", "0.05"),
            "the budget that all share for the day: the next step may take $0.12, and $0.05 are all there is."
            " Whoever runs me can raise it",
        ),
    ],
)
def test_a_person_is_told_which_how_much_when_and_who(of: Budget, words: str) -> None:
    assert wanted(of, CALL, "Europe/Berlin") == words


def test_the_longest_words_are_shown_whole() -> None:
    of = budget("day-tokens", "123456789", used="123456780")
    assert len(wanted(of, Cost(Decimal(0), 128_000), "America/Indiana/Indianapolis")) <= 200


def test_small_amounts_are_not_nothing() -> None:
    assert [amount("turn-usd", Decimal(a)) for a in ("0", "0.0031", "1.501")] == ["$0.00", "$0.0031", "$1.50"]


def test_settings_say_what_is_limited_and_what_the_unknown_costs() -> None:
    assert load({}).budgets.limits == {}
    given = load({"BUDGET_DAY_USD": "2.50", "BUDGET_TURN_TOKENS": "0", "BUDGET_UNKNOWN_PRICE": "0.50/1.50"}).budgets
    assert given.limits == {"day-usd": Decimal("2.50"), "turn-tokens": Decimal(0)}
    assert given.price_of_unknown == (Decimal("0.50"), Decimal("1.50"))
    read, written = map(float, load({}).budgets.price_of_unknown)
    assert read == max(price.input for price in prices.PRICES.values())
    assert written == max(price.output for price in prices.PRICES.values())


@pytest.mark.parametrize(
    ("name", "value"), [("BUDGET_DAY_USD", "-1"), ("BUDGET_TURN_TOKENS", "many"), ("BUDGET_UNKNOWN_PRICE", "1.2.3/4")]
)
def test_a_wrong_budget_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        load({name: value})
