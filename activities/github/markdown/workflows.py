"""Workflows of GitHub Actions, and their runs."""

from collections.abc import Mapping
from typing import Any

from activities.github.markdown.issues import TITLE_LIMIT
from activities.github.markdown.people import login
from clara.memory.kinds import one_line


def workflow_line(found: Mapping[str, Any]) -> str:
    file = one_line(str(found["path"])).rpartition("/")[2]
    return f"- [{_short(found['name'])}]({found['html_url']}) (`{file}`, id {found['id']}, {one_line(found['state'])})"


def run_line(found: Mapping[str, Any]) -> str:
    """A run in a list."""
    title = _short(found.get("display_title") or found.get("name") or "run")
    again = f", attempt {found['run_attempt']}" if found.get("run_attempt", 1) > 1 else ""
    facts = [
        f"run id {found['id']}{again}",
        state(found),
        f"{one_line(str(found['event']))} on {one_line(str(found.get('head_branch') or found['head_sha']))}",
        f"by {login(found.get('triggering_actor') or found.get('actor'))}",
        f"began {found['created_at'][:16].replace('T', ' ')} UTC",
    ]
    return f"- [{_short(found.get('name') or 'workflow')} #{found['run_number']}: {title}]({found['html_url']}) " + (
        f"({'; '.join(facts)})"
    )


def run(found: Mapping[str, Any], jobs: list[Mapping[str, Any]], more: bool) -> str:
    """One run with its jobs; of each that failed, the steps that did."""
    lines = [run_line(found).removeprefix("- "), f"Attempt {found['run_attempt']} of commit {found['head_sha']}", ""]
    for job in jobs:
        lines.append(f"- [{_short(job['name'])}]({job['html_url']}): {state(job)}")
        failed = [each for each in job.get("steps") or [] if each.get("conclusion") in ("failure", "timed_out")]
        lines += [f"  - step {each['number']}, {_short(each['name'])}: {state(each)}" for each in failed]
    return "\n".join([*lines, *(["There are more jobs than are shown."] if more else [])])


def state(found: Mapping[str, Any]) -> str:
    """``success``, ``failure`` and so on of what has ended, else ``queued``, ``in_progress`` and so on."""
    return one_line(str(found.get("conclusion") or found.get("status") or "unknown"))


def _short(name: object) -> str:
    return one_line(str(name))[:TITLE_LIMIT]
