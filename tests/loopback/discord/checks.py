"""What Discord refuses in a message; everything refused here is also noted as a violation."""

from typing import Any

from tests.loopback.discord.world import Json

ACTION_ROW, BUTTON = 1, 2


def refusal(body: Json, files: list[Json], violations: list[str], new: bool) -> tuple[Json, int] | None:
    """The answer and status for a message that cannot be accepted; None if it can."""
    problem = _problem(body, files, new)
    if problem is None:
        return None
    violations.append(problem)
    return {"code": 50035, "message": "Invalid Form Body", "errors": {"_errors": [{"message": problem}]}}, 400


def _problem(body: Json, files: list[Json], new: bool) -> str | None:
    content = str(body.get("content") or "")
    if len(content.encode("utf-16-le")) // 2 > 2000:
        return "content has more than 2000 characters"
    if problem := _embed_problem(body.get("embeds") or []):
        return problem
    if not content.strip() and not files and not body.get("attachments") and not body.get("embeds"):
        return "a message cannot be empty"
    if new and len(str(body.get("nonce", ""))) > 25:
        return "nonce has more than 25 characters"
    mentions = body.get("allowed_mentions")
    if mentions is None or set(mentions.get("parse", ["everyone"])) - {"users"}:
        return "mass mentions are not switched off"
    if len(files) > 10:
        return "more than 10 files"
    if any(len(file["_data"]) > 10 * 2**20 for file in files):
        return "a file has more than 10 MiB"
    return _component_problem(body.get("components") or [])


EMBED_TEXTS = {"title": 256, "description": 4096}


def _embed_problem(embeds: list[Json]) -> str | None:
    size = 0
    for embed in embeds:
        texts = [(str(embed.get(name) or ""), limit) for name, limit in EMBED_TEXTS.items()]
        texts.append((str((embed.get("footer") or {}).get("text") or ""), 2048))
        for field in embed.get("fields") or []:
            if not field["name"].strip() or not field["value"].strip():
                return "a field of an embed is empty"
            texts += [(field["name"], 256), (field["value"], 1024)]
        if any(_units(text) > limit for text, limit in texts):
            return "a text of an embed is too long"
        if len(embed.get("fields") or []) > 25:
            return "an embed has more than 25 fields"
        size += sum(_units(text) for text, _ in texts)
    return "embeds are too long together" if size > 6000 or len(embeds) > 10 else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _component_problem(rows: list[Any]) -> str | None:
    if len(rows) > 5:
        return "more than 5 rows of components"
    for row in rows:
        if row.get("type") != ACTION_ROW or not 1 <= len(row.get("components", [])) <= 5:
            return "unknown component"
        if len({button.get("custom_id") for button in row["components"]}) < len(row["components"]):
            return "two buttons have the same id"
        for button in row["components"]:
            if button.get("type") != BUTTON or button.get("style") not in (1, 2, 3, 4):
                return "unknown component"
            if not 1 <= len(button.get("custom_id", "")) <= 100 or len(button.get("label", "")) > 80:
                return "a button without a proper id or label"
    return None


def fault_of_dialog(shown: Json) -> str | None:
    """What Discord refuses of a dialog."""
    fields = [field for row in shown.get("components", []) for field in row.get("components", [])]
    if not 1 <= len(shown.get("title", "")) <= 45 or not 1 <= len(shown.get("custom_id", "")) <= 100:
        return "a dialog needs a title of at most 45 and an id of at most 100 characters"
    if not fields or len(fields) > 5 or any(field.get("type") != 4 for field in fields):
        return "a dialog needs one to five text fields"
    if any(not 1 <= len(field.get("label", "")) <= 45 or field.get("max_length", 1) > 4_000 for field in fields):
        return "a field of a dialog needs a label of at most 45 characters and takes at most 4,000"
    return None
