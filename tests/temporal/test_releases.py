"""Two releases at once: what the newer one writes, the older one can read."""

import pytest
from temporalio.api.common.v1 import Payload

from clara.messages import ConversationKey, Value
from clara.plugins.logins import LoginOutcome
from clara.plugins.plugin import Launch
from temporal.client import data_converter


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (LoginOutcome, b'{"done": true, "text": "It is connected.", "later": {"a": 1}}'),
        (ConversationKey, b'{"platform": "cli", "channel": "ann/main", "later": null}'),
    ],
)
async def test_a_field_of_a_later_release_is_passed_over(kind: type[Value], written: bytes) -> None:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=written)
    [read] = await data_converter().decode([payload], [kind])
    assert isinstance(read, kind)
    assert "later" not in read.model_dump()


def test_and_so_it_is_in_the_store() -> None:
    kept = {**Launch(url="https://mcp.example/mcp").model_dump(mode="json"), "later": True}
    assert Launch.model_validate(kept).url == "https://mcp.example/mcp"
