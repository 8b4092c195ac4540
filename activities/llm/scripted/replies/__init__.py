"""What the scripted stand-in says: rules for what it uses a tool for, and for what it only talks about."""

from activities.llm.scripted.replies.replies import reply
from activities.llm.scripted.replies.rule import Call

__all__ = ["Call", "reply"]
