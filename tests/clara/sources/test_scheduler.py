"""scheduler.yaml: what it may say, and that a mistake is told with its line."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clara.errors import Misconfigured
from clara.schedules.schedule import Cron, Every, Once
from clara.sources import scheduler
from clara.sources.scheduler import FILE, SIZE_LIMIT, parse, read

SEEN = datetime(2027, 1, 1, tzinfo=UTC)

GOOD = b"""\
tasks:
  - name: cleanup-sessions
    type: interval
    interval: 3600
    command: ./clean.sh
  - name: daily-backup
    type: cron
    cron: "0 3 * * *"
    timezone: Europe/Berlin
    command: ./scripts/backup.sh
    timeout: 60
  - {name: later, type: one_shot, delay: 90, command: echo later}
  - {name: then, type: one_shot, run_at: 2027-07-01 08:00:00, command: echo then, enabled: false}
"""


def test_all_its_forms() -> None:
    tasks = parse(GOOD, FILE, "Asia/Tokyo")
    assert [task.when(SEEN, "Asia/Tokyo") for task in tasks] == [
        Every(seconds=3600, since=SEEN),
        Cron(expression="0 3 * * *", zone="Europe/Berlin"),
        Once(at=datetime(2027, 1, 1, 0, 1, 30, tzinfo=UTC)),
        Once(at=datetime(2027, 7, 1, 8, tzinfo=ZoneInfo("Asia/Tokyo"))),
    ]
    assert [task.enabled for task in tasks] == [True, True, True, False]


def entry(**changed: str) -> bytes:
    lines = {"name": "a", "type": "interval", "interval": "5", "command": "x", **changed}
    return ("tasks:\n  -\n" + "".join(f"    {key}: {value}\n" for key, value in lines.items() if value)).encode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry(cron="'0 3 * * *'"), "line 3: a schedule of type interval needs interval"),
        (entry(interval=""), "line 3: a schedule of type interval needs interval"),
        (entry(interval="often"), "line 5: interval: "),
        (entry(name="A B"), "line 3: name: must be lower-case letters"),
        (entry(comand="y"), "line 7: comand: there is no such setting"),
        (
            entry(type="cron", interval="", cron="'61 * * * *'"),
            "line 6: '61 * * * *' is no cron expression: bad minute",
        ),
        (entry(type="cron", interval="", cron="'0 3 * * *'", timezone="Mars/Olympus"), "line 7: there is no time zone"),
        (
            entry() + b"  - {name: a, type: interval, interval: 5, command: x}\n",
            "line 7: there are two schedules named",
        ),
        (b"tasks:\n  - just words\n", "line 2: a schedule has a name"),
        (b"jobs: []\n", "line 1: there must be one list, named tasks"),
        (b"tasks: [\n", "line 2: "),
        (b"\xff\xfe\x00", "is no YAML"),
        (b"[" * 5_000, "is no YAML"),
        (b"tasks: !!python/object/apply:os.system ['touch pwned']\n", "line 1: a schedule has a name"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: bytes, said: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        parse(text, FILE, "UTC")
    assert said in str(raised.value)


def test_a_file_that_is_empty_missing_or_too_large(tmp_path: Path) -> None:
    assert read(tmp_path, "UTC") == ()
    (tmp_path / FILE).write_text("# nothing yet\n")
    assert read(tmp_path, "UTC") == ()
    (tmp_path / FILE).write_bytes(b"#" * (SIZE_LIMIT + 1))
    with pytest.raises(Misconfigured, match="larger than"):
        read(tmp_path, "UTC")
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(Misconfigured, match="cannot be read"):
        scheduler.read(tmp_path, "UTC")
