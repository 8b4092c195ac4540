"""The pause that a service asks for, in each of its forms."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from activities.http.retry_after import retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7 "}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "20"}, 1.5),
        ({"retry-after": "3600"}, 60),
        ({"retry-after": "1e300"}, 60),
        ({"retry-after": "-5"}, 0),
        ({"retry-after": "Mon, 01 Jan 1900 00:00:00 GMT"}, 0),
    ],
)
def test_it_is_read_and_bounded(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == timedelta(seconds=seconds)


def test_a_date_is_a_pause_until_then() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    pause = retry_after({"retry-after": date})
    assert pause is not None
    assert timedelta(seconds=1) < pause <= timedelta(seconds=30)


def test_a_caller_may_be_more_patient() -> None:
    assert retry_after({"retry-after": "3600"}, timedelta(hours=2)) == timedelta(hours=1)


@pytest.mark.parametrize(
    "value", ["nan", "inf", "", "soon", "Mon, 01 Jan 1900 00:00:00", "Mon, 99 Jan 9999 00:00:00 GMT"]
)
def test_what_nobody_can_read_is_none(value: str) -> None:
    assert retry_after({"retry-after": value}) is None
