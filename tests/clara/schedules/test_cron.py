"""Once a day on every day, whatever is done with the clocks, in three zones over a year."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clara.errors import UserError
from clara.schedules import cron

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
DAYS = [date(2027, 1, 2) + timedelta(days=n) for n in range(363)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("expression", ["30 1 * * *", "15 2 * * *", "30 2 * * *", "0 8 * * *"])
def test_each_day_of_a_year_has_it_once(zone: str, expression: str) -> None:
    time, days = NEW_YEAR, Counter[date]()
    while (time := cron.following(expression, zone, time)) < datetime(2028, 1, 1, tzinfo=UTC):
        days[time.date()] += 1
    assert {day: days[day] for day in DAYS if days[day] != 1} == {}


def test_what_falls_into_the_lacking_hour_is_named_as_a_time_of_its_own() -> None:
    three = datetime(2027, 3, 28, 3, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert cron.moved("30 2 * * *", "Europe/Berlin", NEW_YEAR) == [three]
    assert cron.occurs("30 2 * * *", "Europe/Berlin", three)
    for fits_by_itself in ("0 3 * * *", "*/20 * * * *", "30 2 * * 1", "30 4 * * *"):
        assert cron.moved(fits_by_itself, "Europe/Berlin", NEW_YEAR) == []


def test_the_doubled_hour_has_it_once() -> None:
    there = ZoneInfo("America/New_York")
    first, second = (datetime(2027, 11, 7, 1, 30, tzinfo=there, fold=fold) for fold in (0, 1))
    assert cron.occurs("30 1 * * *", "America/New_York", first)
    assert not cron.occurs("30 1 * * *", "America/New_York", second.astimezone(UTC))


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("foo", "has five fields"),
        ("@daily", "has five fields"),
        ("0 8 * * * *", "has five fields"),
        ("99 2 * * *", "bad minute"),
        ("0 0 L * *", "'L' is not understood"),
        ("0 8 * * 5#2", "not understood"),
        ("0 8 31 2 *", "day"),
        ("0 8 1 * 1", "two schedules"),
        ("0 8 * * $(touch)", "not understood"),
        ("0" * 200 + " 8 * * *", "has five fields"),
    ],
)
def test_what_is_wrong_is_said(expression: str, said: str) -> None:
    with pytest.raises(UserError, match=said.replace("$", r"\$").replace("(", r"\(")):
        cron.checked(expression, "UTC", NEW_YEAR)


def test_the_usual_forms_are_taken() -> None:
    for expression in ("0 8 * * 1-5", "0 8 * * MON-FRI", "*/15 9-17 * * *", "0 0 1 JAN *", "5,35 * * * 7"):
        assert cron.checked(f" {expression}  ", "UTC", NEW_YEAR) == expression
    first = cron.following("0 8 * * 1-5", "Europe/Berlin", NEW_YEAR)
    assert first.isoformat() == "2027-01-01T08:00:00+01:00"
