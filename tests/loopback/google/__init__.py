"""Google for tests: its login, and its services as its own descriptions of them say."""

from tests.loopback.google.server import Call, Fault, GoogleServer, Handler, refusal

__all__ = ["Call", "Fault", "GoogleServer", "Handler", "refusal"]
