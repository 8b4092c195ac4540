"""Workflow ids. They are paths that people can read, and the ground of all deduplication."""

from clara.messages import ConversationKey


def conversation_id(key: ConversationKey) -> str:
    return f"conversation/{key.id}"


def memory_command_id(user_id: str, unique: str) -> str:
    return f"memory/{user_id}/{unique}"


def remember_id(turn_id: str) -> str:
    return f"remember/{turn_id}"


# A notice's id is ``clara.notices.notice_id``.
# A turn's id is ``Incoming.turn_id``: every layer needs it, so clara knows it.
