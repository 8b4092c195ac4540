"""What GraphQL's answers mean: its errors come in answers that say 200."""

from collections.abc import Mapping
from typing import Any

from activities.github import faults
from activities.http.faults import fault
from clara.errors import ToolFailed

NOT_FOUND = (
    "GitHub has no such thing, or the account may not see it. Check the names, numbers and ids; a token for projects "
    "needs the scope project, or read:project for reading alone."
)


class NotThere(ToolFailed):
    """Something that the query names does not exist, or is hidden."""


def data_of(answer: Any, headers: Mapping[str, str], writes: bool) -> dict[str, Any]:
    """The data, if there was no error. Raises as ``faults.of_answer`` does."""
    if not isinstance(answer, dict):
        raise fault("garbled", faults.WHO)
    errors = [each for each in answer.get("errors") or () if isinstance(each, dict)]
    if not errors:
        data = answer.get("data")
        if not isinstance(data, dict):
            raise fault("garbled", faults.WHO)
        return data
    problem = {"message": errors[0].get("message", "")}
    match errors[0].get("type"):
        case "RATE_LIMITED":
            raise faults.of_answer(429, headers, problem, writes)
        case "NOT_FOUND":
            raise NotThere(NOT_FOUND)
        case "INSUFFICIENT_SCOPES":
            raise ToolFailed(
                f"The token lacks a scope.{faults.said(problem)} The person has to make a token that has it "
                "and do /clara connect github again."
            )
        case "FORBIDDEN" if "saml" in str(errors[0]).lower():
            raise faults.of_answer(403, {"x-github-sso": "required"}, {}, writes)
        case "FORBIDDEN":
            raise faults.of_answer(403, {}, problem, writes)
        case None if str(problem["message"]).startswith("Something went wrong"):
            raise fault("server", faults.WHO)  # its own failure, or a query that took too long
        case _:
            raise faults.of_answer(422, {}, problem, writes)
