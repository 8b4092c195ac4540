"""Requests to the daemon: the SDK blocks, so it works in threads of its own, and every request has a deadline."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from activities.sandbox.docker.address import Address
from activities.sandbox.supervised.threads import Threads
from clara.errors import Misconfigured, Unavailable

if TYPE_CHECKING:
    from docker import APIClient

T = TypeVar("T")

SILENCE_S = 10.0
"""The daemon may be silent for so long before a thread gives up."""

PATIENCE_S = 5.0
"""Beside that, for a thread to be free."""


class Daemon:
    """One daemon; connects when it is first asked."""

    def __init__(self, address: Address, silence_s: float = SILENCE_S) -> None:
        self.address = address
        self._silence_s = silence_s
        self._threads = Threads("Docker")
        self._api: APIClient | None = None

    async def call(self, ask: Callable[["APIClient"], T], within_s: float | None = None) -> T:
        """What ``ask`` returns. The SDK's NotFound and APIError are the caller's; everything else is Unavailable."""
        return await self._threads.call(lambda: self._ask(ask), within_s or self._silence_s + PATIENCE_S)

    def _ask(self, ask: Callable[["APIClient"], T]) -> T:
        from docker.errors import APIError, DockerException

        try:
            self.address.check()
            if self._api is None:
                self._api = self.connect(self._silence_s)
            return ask(self._api)
        except APIError:
            raise
        except (DockerException, OSError) as error:  # the exceptions of requests are OSErrors
            raise Unavailable(_reason(error, self.address)) from error

    def connect(self, silence_s: float) -> "APIClient":
        """A client of its own, for what takes longer than a request may; blocks."""
        from docker import APIClient
        from docker.constants import DEFAULT_DOCKER_API_VERSION
        from docker.errors import TLSParameterError
        from docker.tls import TLSConfig

        folder = self.address.certificates
        try:
            tls = folder and TLSConfig(
                client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")),
                ca_cert=str(folder / "ca.pem"),
                verify=True,
            )
        except TLSParameterError:
            raise Misconfigured(f"{folder} must have ca.pem, cert.pem and key.pem (DOCKER_CERT_PATH).") from None
        options: dict[str, Any] = {"base_url": self.address.url, "timeout": int(silence_s), "tls": tls or False}
        # Told to find the version itself, a client that gets no answer is never closed.
        asking = APIClient(version=DEFAULT_DOCKER_API_VERSION, **options)
        try:
            version = asking.version(api_version=False)["ApiVersion"]
        finally:
            asking.close()
        return APIClient(version=version, **options)

    def close(self) -> None:
        if self._api is not None:
            self._api.close()
        self._threads.close()


def _reason(error: Exception, address: Address) -> str:
    if isinstance(error, PermissionError):
        return f"Docker at {address.url} lets nobody in who is not in the group docker."
    if "timed out" in str(error).lower():
        return f"Docker at {address.url} is silent."
    return f"Docker does not answer at {address.url}; start it, or set DOCKER_HOST."
