"""The image that boxes are made of: fetched once, in the background, while whoever asks is told so."""

import asyncio
import logging
import time
from datetime import timedelta

from activities.sandbox.docker.daemon import Daemon
from activities.sandbox.supervised.threads import Threads
from clara.errors import Unavailable

log = logging.getLogger(__name__)

PULL_S = 1800.0
SILENCE_S = 120
"""A registry may be silent for so long."""

AGAIN_S = 60.0
"""After a failure; until then its reason is said again."""

SOON = timedelta(seconds=10)


class Image:
    """One image of one daemon."""

    def __init__(self, daemon: Daemon, name: str) -> None:
        self.name = name
        self._daemon = daemon
        self._threads = Threads("The registry")  # of its own: the end of a worker does not wait for these
        self._pull: asyncio.Task[str] | None = None
        self._failed = ""
        self._failed_at = 0.0

    async def present(self) -> bool:
        return bool(await self._daemon.call(lambda api: api.images(self.name)))

    async def require(self) -> None:
        """Returns where it is there. Otherwise fetches it in the background, and raises Unavailable."""
        if self._pull is None and await self.present():
            return
        if self._pull is not None and self._pull.done():
            self._failed, self._pull = self._pull.result(), None
            self._failed_at = time.monotonic()
            if not self._failed:
                return
        if self._failed and time.monotonic() - self._failed_at < AGAIN_S:
            raise Unavailable(
                f"The sandbox needs the image {self.name}, which Docker does not have and could not fetch: "
                f"{self._failed} With a network, run: docker pull {self.name}",
                "no_image",
                timedelta(seconds=AGAIN_S),
            )
        if self._pull is None:
            self._pull = asyncio.create_task(self._fetch())
        raise Unavailable(
            f"The sandbox is being prepared: Docker is fetching the image {self.name}, which is done once and "
            "takes a minute or two.",
            "preparing",
            SOON,
        )

    async def _fetch(self) -> str:
        """Why it failed; nothing where it did not."""
        log.info("fetching the sandbox's image %s", self.name)
        try:
            failed = await self._threads.call(self._fetch_blocking, PULL_S)
        except Unavailable as error:
            failed = str(error)
        if failed:
            log.warning("the sandbox's image %s could not be fetched: %s", self.name, failed)
        else:
            log.info("the sandbox's image %s is there", self.name)
        return failed

    def _fetch_blocking(self) -> str:
        from docker.errors import DockerException
        from docker.utils import parse_repository_tag

        repository, tag = parse_repository_tag(self.name)
        try:
            api = self._daemon.connect(SILENCE_S)
            try:
                for line in api.pull(repository, tag=tag or "latest", stream=True, decode=True):
                    if "error" in line:
                        return f"{line['error']}."
            finally:
                api.close()
        except (DockerException, OSError) as error:
            return f"{str(error)[:300]}."
        return ""

    async def close(self) -> None:
        """A fetch that is under way goes on in the daemon."""
        if self._pull is not None:
            self._pull.cancel()
        self._threads.close()
