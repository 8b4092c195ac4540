"""Whose words something is made of: what Clara may do on the strength of it depends on that."""

from enum import StrEnum


class Provenance(StrEnum):
    """Ordered by how far the words are from the person."""

    PERSON = "person"
    """What the person said or keeps with Clara."""
    CLARA = "clara"
    """What Clara or a service of hers computed: the time, a list of titles, an error message."""
    TRUSTED = "trusted"
    """A source that the operator trusts."""
    OTHERS = "others"
    """Anybody else: a page, a mail, an issue, the answer of a plugin. Never an instruction."""
