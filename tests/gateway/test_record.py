"""What a home remembers of the settings with which it was started."""

from dataclasses import replace

from gateway.home.record import Record


def test_a_setting_is_named_that_was_changed_or_set_where_none_was() -> None:
    none = replace(Record(), supervisor_password="p")
    started = replace(none, settings=none._digests({}))
    assert started.changed({}) == []
    assert started.changed({"LLM_PROVIDER": "anthropic"}) == ["LLM_PROVIDER"]
    other = replace(none, settings=none._digests({"LLM_PROVIDER": "anthropic"}))
    assert other.changed({}) == ["LLM_PROVIDER"]
