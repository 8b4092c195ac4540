"""What is asked of the workflows of plugins, and what they answer."""

import hashlib
from typing import Literal

from pydantic import Field

from clara.messages import ConversationKey, Value
from clara.plugins.plugin import EVERYBODY, Launch, State

ID = r"^[a-z0-9]{16}$"


class Address(Value):
    """Where somebody is told of the end of an installation that nobody waits for."""

    to: ConversationKey
    reply_to: str | None = None


class InstallRequest(Value):
    """``key`` names the wish: one that comes twice installs once."""

    key: str = Field(min_length=1, max_length=300)
    user_id: str = Field(description="who installs it")
    admin: bool = Field(False, description="whether they may install for everybody, and local commands")
    everybody: bool = Field(False, description="for everybody, or for this person alone")
    source: str = Field(description="as it was typed")
    name: str = Field("", description="what it shall be called; empty for a name made of the source")
    hosts: tuple[str, ...] = Field((), description="what a server that runs here may reach; none by default, * is all")
    address: Address | None = Field(None, description="who is told when it is done; nobody by default")

    @property
    def owner(self) -> str:
        return EVERYBODY if self.everybody else self.user_id

    @property
    def plugin_id(self) -> str:
        return hashlib.sha256(f"{self.user_id}\0{self.key}".encode()).hexdigest()[:16]


class Pinned(Value):
    """What exactly is installed: the same for every attempt."""

    means: Literal["npm", "github", "bundle"] | None = Field(None, description="None where nothing is to be installed")
    package: str = Field("", description="of npm, at ``launch.version``")
    archive: str = Field("", description="the address of what is unpacked: a repository's commit, or a bundle")
    folder: str = Field("", description="in the archive")
    arguments: tuple[str, ...] = Field((), description="for the server")
    launch: Launch = Field(description="with version and digest; whole where nothing is to be installed")


class InstallStep(Value):
    """One step of an installation."""

    request: InstallRequest
    pinned: Pinned | None = None


class UndoRequest(Value):
    request: InstallRequest
    reason: str = Field(description="a sentence for people")
    address: Address | None = None


class PluginRequest(Value):
    """Asks for something of a plugin that is there."""

    plugin_id: str = Field(pattern=ID)
    user_id: str = Field(description="who asks; their values are used where a server is started")


class PluginOutcome(Value):
    """How an installation, a refreshing or a removal ended."""

    plugin_id: str
    state: State | Literal["gone"]
    sentence: str = Field("", description="for people: why it did not come to be, or what is the matter with it")
    said: str = Field("", description="what the server wrote last, where it did not start: its own words")
    tools: int = Field(0, description="how many there are")

    @property
    def is_usable(self) -> bool:
        return self.state in ("ready", "enabled", "disabled") and not self.sentence


class SearchRequest(Value):
    query: str = Field(min_length=1, max_length=200)


class Hit(Value):
    """A server of the registry. All but ``source`` are words of whoever published it."""

    source: str = Field(description="what to type to install it")
    title: str
    description: str = ""
    uses: int = Field(0, description="how often it was used, as the registry tells")
    remote: bool = Field(False, description="whether it is hosted")
    verified: bool = False


class Hits(Value):
    hits: tuple[Hit, ...] = ()
    problem: str = Field("", description="a sentence for people, where the registry could not be asked")
