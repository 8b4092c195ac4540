"""Search attributes: what a turn can be found by in Temporal's web page. Never any text of anybody."""

from temporalio.common import SearchAttributeKey

USER = SearchAttributeKey.for_keyword("ClaraUser")
PLATFORM = SearchAttributeKey.for_keyword("ClaraPlatform")
CONVERSATION = SearchAttributeKey.for_keyword("ClaraConversation")
STATUS = SearchAttributeKey.for_keyword("ClaraStatus")
MODEL = SearchAttributeKey.for_keyword("ClaraModel")
TOKENS = SearchAttributeKey.for_int("ClaraTokens")

ALL = (USER, PLATFORM, CONVERSATION, STATUS, MODEL, TOKENS)

FULL = "ClaraFull"
"""In a conversation's memo: so much waits in it that its door should take no more."""

REPORTS = "ClaraReports"
"""In a turn's memo: its conversation is to be told how it fares. Turns of release 2026.47 have none."""

WATCHED = "ClaraWatched"
"""In a turn's memo: its conversation sees it close, and need not be told of its end unless it asks for that."""
