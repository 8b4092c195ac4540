"""GraphQL: where it is, and errors in answers that say 200."""

import json
from typing import Any

import pytest

from activities.github import addresses
from activities.github.asking import Asking
from clara.errors import ToolFailed, Unavailable
from tests.activities.github.conftest import Desk
from tests.loopback.github import Fault
from tests.loopback.github.wire import as_json, refusal, secondary_limit
from tests.loopback.http import Respond

QUERY = "query($login: String!) { user(login: $login) { id } }"
MUTATION = "mutation($input: DeleteProjectV2ItemInput!) { deleteProjectV2Item(input: $input) { deletedItemId } }"


def errors(message: str, **more: Any) -> Respond:
    return as_json({"data": None, "errors": [{"message": message, **more}]})


LIMIT = as_json(
    {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}]}, retry_after="600"
)
LACKING = "Your token has not been granted the required scopes: ['read:project']."


@pytest.mark.parametrize(
    ("rest", "graphql", "pages"),
    [
        ("", "https://api.github.com/graphql", "https://github.com"),
        ("https://api.github.com", "https://api.github.com/graphql", "https://github.com"),
        ("https://git.example.com/api/v3", "https://git.example.com/api/graphql", "https://git.example.com"),
        ("https://git.example.com/api/v3/", "https://git.example.com/api/graphql", "https://git.example.com"),
        ("https://api.octo.ghe.com", "https://api.octo.ghe.com/graphql", "https://octo.ghe.com"),
    ],
)
def test_it_stands_beside_rest(rest: str, graphql: str, pages: str) -> None:
    assert (addresses.graphql(rest), addresses.pages(rest)) == (graphql, pages)


@pytest.mark.parametrize(
    ("respond", "words"),
    [
        (errors("Could not resolve to a User with the login of 'x'.", type="NOT_FOUND"), "has no such thing"),
        (errors(LACKING, type="INSUFFICIENT_SCOPES"), "lacks a scope. It says: Your token has not .*/clara connect"),
        (errors("Resource protected by organization SAML enforcement.", type="FORBIDDEN"), "single sign-on"),
        (errors("Resource not accessible by personal access token", type="FORBIDDEN"), "may not do this on GitHub"),
        (errors("The single select option Id does not belong to the field"), "invalid. It says: The single select"),
        (refusal("401 Unauthorized", "Bad credentials"), "/clara connect github"),
    ],
)
async def test_errors_are_refusals(desk: Desk, respond: Respond, words: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(ToolFailed, match=words):
        await asked(desk, QUERY, login="x")


@pytest.mark.parametrize("respond", [LIMIT, secondary_limit(600)], ids=["primary", "secondary"])
async def test_limits_are_waited_for_by_queries_and_told_by_mutations(desk: Desk, respond: Respond) -> None:
    desk.server.faults = [Fault(respond), Fault(respond)]
    with pytest.raises(Unavailable, match="rate limit") as raised:
        await asked(desk, QUERY, login="x")
    assert raised.value.retry_after is not None
    assert raised.value.retry_after.total_seconds() == 600
    with pytest.raises(ToolFailed, match="nothing was done"):
        await asked(desk, MUTATION, input={})


@pytest.mark.parametrize(
    ("respond", "kind"),
    [
        (errors("Something went wrong while executing your query."), "server"),
        (as_json({"data": None}), "garbled"),
        (as_json([]), "garbled"),
    ],
)
async def test_what_passes_by_itself_is_unavailable(desk: Desk, respond: Respond, kind: str) -> None:
    desk.server.faults = [Fault(respond)]
    with pytest.raises(Unavailable) as raised:
        await asked(desk, MUTATION, input={})
    assert raised.value.kind == kind


async def test_values_are_sent_beside_the_query_and_never_in_it(desk: Desk) -> None:
    desk.server.faults = [Fault(as_json({"data": {"user": {"id": "U_1"}}}))]
    assert await asked(desk, QUERY, login='") { id } #') == {"user": {"id": "U_1"}}
    assert desk.lines == ["POST /graphql"]
    assert json.loads(desk.server.asked[0].body) == {"query": QUERY, "variables": {"login": '") { id } #'}}


async def asked(desk: Desk, query: str, **variables: Any) -> dict[str, Any]:
    return await Asking(desk.github, desk.accounts).graphql(desk.context("ann", "t/0/c1"), query, **variables)
