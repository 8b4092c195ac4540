"""Actions in a chat, carried out by the adapter of its platform."""

from temporalio import activity

from clara.chat import ChatRequest


class Chat:
    """Served on the platform's own queue."""

    @activity.defn(name="chat.act")
    async def act(self, request: ChatRequest) -> None:
        """Carry out an action that is in the store, once however often this is tried, and keep what came of it."""
        raise NotImplementedError
