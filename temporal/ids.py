"""Workflow ids. They are paths that people can read, and the ground of all deduplication."""

from clara.messages import ConversationKey


def conversation_id(key: ConversationKey) -> str:
    return f"conversation/{key.id}"


# A turn's id is ``Incoming.turn_id``: every floor needs it, so clara knows it.
