"""Every kind of fault has words, and every fault of a client has a kind."""

import ssl

import httpx2
import pytest

from activities.http.faults import FINAL, PASSING, fault, kind_of_error, kind_of_status, sorted_faults
from clara.errors import ToolFailed, Unavailable


def test_every_status_has_words() -> None:
    for status in [*range(300, 600), 999]:
        error = fault(kind_of_status(status), "GitHub")
        assert isinstance(error, Unavailable | ToolFailed)
        assert str(error).startswith("GitHub ")
    assert not PASSING.keys() & FINAL.keys()


def certificate_refused() -> Exception:
    error = httpx2.ConnectError("no")
    error.__cause__ = ssl.SSLCertVerificationError("no")
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "timeout"),
        (httpx2.ReadTimeout("no"), "timeout"),
        (httpx2.PoolTimeout("no"), "timeout"),
        (httpx2.ConnectError("no"), "connection"),
        (httpx2.RemoteProtocolError("no"), "connection"),
        (ConnectionResetError(), "connection"),
        (httpx2.DecodingError("no"), "garbled"),
        (certificate_refused(), "tls"),
        (ValueError("no"), None),
    ],
)
def test_what_a_client_fails_with(error: Exception, kind: str | None) -> None:
    assert kind_of_error(error) == kind
    expected = ValueError if kind is None else Unavailable if kind in PASSING else ToolFailed
    with pytest.raises(expected), sorted_faults("GitHub"):
        raise error


def test_what_is_sorted_already_stays() -> None:
    error = ToolFailed("no")
    with pytest.raises(ToolFailed) as caught, sorted_faults("GitHub"):
        raise error
    assert caught.value is error
