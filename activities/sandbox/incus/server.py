"""Requests to the server: pylxd blocks, so it works in threads of its own, and every request has a deadline."""

import socket
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from activities.sandbox.incus.address import Address
from activities.sandbox.supervised.threads import Threads
from clara.errors import Misconfigured, Unavailable
from clara.extras import adding

Client = Any
"""pylxd's, which is not always there and has no types."""

T = TypeVar("T")

SILENCE_S = 10.0
PATIENCE_S = 5.0
"""Beside that, for a thread to be free."""

CHECK_S = 5.0
LOOK_S = "5"
"""An operation is waited for by requests that take so long."""

DONE = 200
"""The status of an operation that succeeded; lower ones are those of one that is under way."""


class NoSuchInstance(Exception):
    """The server knows no instance of this name."""


class Server:
    """One server; connects when it is first asked."""

    def __init__(self, address: Address, silence_s: float = SILENCE_S) -> None:
        self.address = address
        self._silence_s = silence_s
        self._threads = Threads("Incus")
        self._client: Client | None = None

    async def about(self) -> str:
        """Its kind and version."""
        found = (await self._call(lambda client: client.api.get().json()))["metadata"]["environment"]
        return f"{'LXD' if found['server'] == 'lxd' else 'Incus'} {found['server_version']}"

    async def instance(self, name: str) -> Mapping[str, Any]:
        """What it is; raises NoSuchInstance."""
        return await self._metadata(lambda client: client.api.instances[name].get())

    async def instances(self) -> list[Mapping[str, Any]]:
        answer = await self._call(lambda client: client.api.instances.get(params={"recursion": "1"}))
        found: list[Mapping[str, Any]] = answer.json()["metadata"]
        return found

    async def profile(self, name: str) -> Mapping[str, Any]:
        return await self._metadata(lambda client: client.api.profiles[name].get())

    async def create(self, definition: Mapping[str, Any], within_s: float) -> None:
        await self._operation(lambda client: client.api.instances.post(json=definition), within_s)

    async def change(self, name: str, changes: Mapping[str, Any]) -> None:
        await self._call(lambda client: client.api.instances[name].patch(json=changes))

    async def set_state(self, name: str, action: str, within_s: float) -> None:
        """``start`` or ``stop``, the latter at once."""
        wanted = {"action": action, "force": True, "timeout": int(within_s)}
        await self._operation(lambda client: client.api.instances[name].state.put(json=wanted), within_s)

    async def delete(self, name: str, within_s: float) -> None:
        await self._operation(lambda client: client.api.instances[name].delete(), within_s)

    async def processes(self, name: str) -> int:
        """How many run in an instance."""
        return int((await self._metadata(lambda client: client.api.instances[name].state.get()))["processes"])

    async def exec(
        self, name: str, command: list[str], environment: Mapping[str, str]
    ) -> tuple[str, Mapping[str, str]]:
        """Prepare a process of root's; its operation, and the secrets of its streams by their numbers."""
        asked: dict[str, Any] = {"command": command, "environment": dict(environment), "cwd": "/"}
        asked |= {"wait-for-websocket": True, "interactive": False}
        begun = await self._metadata(lambda client: client.api.instances[name].exec.post(json=asked))
        return str(begun["id"]), begun["metadata"]["fds"]

    async def operation(self, name: str) -> Mapping[str, Any]:
        return await self._metadata(lambda client: client.api.operations[name].get())

    def close(self) -> None:
        self._threads.close()

    async def _metadata(self, ask: Callable[[Client], Any]) -> dict[str, Any]:
        found: dict[str, Any] = (await self._call(ask)).json()["metadata"]
        return found

    async def _operation(self, ask: Callable[[Client], Any], within_s: float) -> None:
        """Begin something and wait for its end."""
        ended = await self._metadata(ask)
        name, ends = ended["id"], time.monotonic() + within_s
        while ended["status_code"] < DONE:
            if time.monotonic() > ends:
                raise Unavailable(f"Incus takes longer than {within_s:.0f} s.", "timeout")
            # Not all of it in one request, which would hold a thread and outlive a worker that ends.
            ended = await self._metadata(
                lambda client: client.api.operations[name].wait.get(params={"timeout": LOOK_S})
            )
        if ended["status_code"] != DONE:
            raise Unavailable(f"Incus could not do it: {str(ended.get('err') or ended['status'])[:300]}", "refused")

    async def _call(self, ask: Callable[[Client], T], within_s: float | None = None) -> T:
        return await self._threads.call(lambda: self._ask(ask), within_s or self._silence_s + PATIENCE_S)

    def _ask(self, ask: Callable[[Client], T]) -> T:
        try:
            from pylxd import Client as Pylxd
            from pylxd.exceptions import ClientConnectionFailed, LXDAPIException, NotFound
        except ImportError:
            raise Misconfigured(f"Incus needs a package that is not there; {adding('incus')}") from None
        address = self.address
        try:
            self._check()
            if self._client is None:
                endpoint = str(address.socket) if address.socket else address.url
                self._client = Pylxd(
                    endpoint, cert=address.certificate, verify=address.authority, timeout=self._silence_s
                )
            return ask(self._client)
        except NotFound:
            raise NoSuchInstance from None
        except LXDAPIException as error:
            raise Unavailable(f"Incus could not do it: {str(error)[:300]}", "refused") from error
        except PermissionError as error:
            raise Unavailable(f"Incus at {address} lets nobody in who is not in the group of its socket.") from error
        except (ClientConnectionFailed, OSError) as error:
            raise Unavailable(f"Incus does not answer at {address}; start it, or set INCUS_REMOTE.") from error

    def _check(self) -> None:
        """Raises OSError where nobody listens at a Unix socket; pylxd hides why, and leaks a socket."""
        if self.address.socket is not None:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(CHECK_S)
                probe.connect(str(self.address.socket))
