"""Whom the beginning of a TLS connection is meant for.

Many hosts share their addresses: through a tunnel to one of them another can be asked for, by the name in the first
message of TLS. So the name is looked at, by OpenSSL, before anything is passed on.
"""

import ssl

LONGEST = 64 * 1024
"""Bytes of a first message: of one record there are 16 KiB, and a long one is cut into several."""


class Hello:
    """Fed with bytes until ``is_read``; then ``name`` is what it asks for, None where it is no TLS or names nobody."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.is_read = False
        self._size = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._take
        self._incoming = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, ssl.MemoryBIO(), server_side=True)

    def feed(self, data: bytes) -> None:
        self._size += len(data)
        self._incoming.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self.is_read = self._size > LONGEST
        except ssl.SSLError:  # no TLS, or the handshake that is refused below
            self.is_read = True

    def _take(self, tls: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int:
        self.name = name
        self.is_read = True
        return int(ssl.AlertDescription.ALERT_DESCRIPTION_HANDSHAKE_FAILURE)
