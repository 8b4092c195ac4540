"""Projects, their fields and their items."""

from collections.abc import Mapping
from typing import Any

from activities.github.markdown.issues import BODY_LIMIT, TITLE_LIMIT
from activities.github.markdown.people import login
from clara.memory.kinds import one_line
from clara.tools.material import written


def line(found: Mapping[str, Any]) -> str:
    """A project in a list."""
    facts = [
        "closed" if found["closed"] else "open",
        "public" if found["public"] else "private",
        f"updated {found['updatedAt'][:10]}",
    ]
    about = _short(found.get("shortDescription") or "")
    return f"- [#{found['number']} {_short(found['title'])}]({found['url']}) ({'; '.join(facts)})" + (
        f": {about}" if about else ""
    )


def whole(found: Mapping[str, Any]) -> str:
    lines = [
        line(found).removeprefix("- "),
        f"By {login(found.get('creator'))}, {found['items']['totalCount']} items",
        f"Fields: {', '.join(_short(field['name']) for field in found['fields']['nodes'])}",
    ]
    return "\n".join([*lines, "", written(found.get("readme"), BODY_LIMIT) or "(no readme)"])


def field(found: Mapping[str, Any]) -> str:
    """A field with what it can be set to, where that is a choice."""
    head = f"- {_short(found['name'])} ({str(found['dataType']).lower().replace('_', ' ')})"
    choices = [_short(each["name"]) for each in found.get("options", [])]
    for each in found.get("configuration", {}).get("iterations", []):
        choices.append(f"{_short(each['title'])} (from {each['startDate']}, {each['duration']} days)")
    return f"{head}: {' | '.join(choices)}" if choices else head


def item(found: Mapping[str, Any]) -> str:
    """An item of a project with the values of its fields."""
    content = found.get("content") or {}
    match content.get("__typename"):
        case "Issue" | "PullRequest":
            where = f"{content['repository']['nameWithOwner']}#{content['number']}"
            kind = "issue" if content["__typename"] == "Issue" else "pull request"
            state = str(content.get("issueState") or content.get("pullState")).lower()
            shown = f"[{_short(content['title'])}]({content['url']}) ({kind} {one_line(where)}, {state})"
        case "DraftIssue":
            shown = f"{_short(content['title'])} (draft)"
        case _:
            shown = "(something that the account may not see)"
    values = [value for each in found["fieldValues"]["nodes"] if (value := _value(each))]
    archived = ["archived"] if found.get("isArchived") else []
    return "; ".join([f"- {shown}", f"item id {one_line(str(found['id']))}", *archived, *values])


def _value(found: Mapping[str, Any]) -> str | None:
    about = found.get("field") or {}
    if about.get("dataType") == "TITLE":
        return None  # stands before it
    value = next((found[name] for name in ("text", "number", "date", "name", "title") if name in found), None)
    return None if value is None else f"{_short(about.get('name'))}: {_short(value)}"


def _short(words: object) -> str:
    return one_line(str(words))[:TITLE_LIMIT]
