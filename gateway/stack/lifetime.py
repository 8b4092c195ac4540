"""How long the stack runs: until ``clara stop``, or as long as somebody chats."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from clara.settings import Settings
from gateway.console.progress import Progress
from gateway.home import Home
from gateway.stack.down import stop, take_down
from gateway.stack.locks import Use, starting
from gateway.stack.running import await_worker, bring_up, check, check_schema


@contextmanager
def ensure_running(settings: Settings, shown: Callable[[], AbstractContextManager[Progress]]) -> Iterator[None]:
    """Clara is running within this context, with the worker perhaps still on its way.

    A stack that was started for a chat is stopped after the last chat that uses it, unless
    ``clara start`` has made it permanent meanwhile. ``shown`` is entered while there is progress to
    show, before the context and after it. ``settings.runtime`` must not have been asked for
    addresses before: it remembers what it read.
    """
    home = Home(settings.runtime.home)
    with shown() as progress, starting(home, progress):
        use = Use(home)
        try:
            bring_up(settings, home, progress)
        except BaseException:
            use.end()
            raise
    try:
        yield
    finally:
        with shown() as progress, starting(home, progress):
            if use.end() and not home.permanent.exists():
                take_down(home, progress)


def start(settings: Settings, progress: Progress) -> None:
    """Have Clara running until ``stop``. StartFailed also where only the worker does not come up."""
    home = Home(settings.runtime.home)
    with starting(home, progress):
        started = bring_up(settings, home, progress, restart_stopped=True)
        home.permanent.touch(mode=0o600)
    if started:
        await_worker(settings, home, progress)


def restart(settings: Settings, progress: Progress) -> None:
    """Stop everything and start it with these settings; where they could not be started, nothing is stopped."""
    home = Home(settings.runtime.home)
    check(home)
    check_schema(settings)
    stop(home, progress)
    start(settings, progress)
