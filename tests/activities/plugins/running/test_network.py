"""Plugins of Node.js reach the hosts that they were granted, whichever way they ask, and no others."""

import shutil
import ssl
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from activities.plugins import places
from activities.plugins.running.wire import confinement
from activities.sandbox.proxy import Proxy
from clara.plugins.plugin import Launch
from tests import needs
from tests.activities.plugins.running.conftest import PROGRAMS, Bench
from tests.loopback.http import Server, answer

NAME = "api.example.org"
SOON = timedelta(seconds=30)


async def to_this_machine(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize("way", ["fetch", "https", "agent", "child"])
async def test_granted_hosts_are_reached(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    needs.require("npm")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed, which makes the certificate of this test")
    folder = tmp_path / "program"
    folder.mkdir()
    shutil.copy(PROGRAMS / "fetching.cjs", folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    async with Server({"/": answer(b"far away")}, ssl=context) as far:
        trusted = (f"https://{NAME}:{far.port}",)
        monkeypatch.setattr(confinement, "Proxy", partial(Proxy, trusted=trusted, resolve=to_this_machine))
        launch = Launch(
            command=("node", f"{places.INSIDE}/fetching.cjs"),
            hosts=(f"{NAME}:{far.port}",),
            environment={"NODE_EXTRA_CA_CERTS": f"{places.INSIDE}/certificate.pem"},
        )
        plugin = await bench.plugin(launch, folder)

        async def get(url: str) -> str:
            return (await bench.servers.call(plugin, "terminal:olga", way, {"url": url}, timeout=SOON)).text

        assert await get(f"https://{NAME}:{far.port}/") == "far away"
        refused = await get(f"https://other.example.org:{far.port}/")
        assert "is not among the hosts that may be reached from here" in refused
        assert len(far.asked) == 1


def _certificate(folder: Path) -> Path:
    """A key and a certificate for NAME, in one file."""
    file = folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    named = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    subprocess.run([*words, *named, "-keyout", str(file), "-out", str(file) + ".c"], check=True, capture_output=True)
    with file.open("ab") as whole:
        whole.write(Path(f"{file}.c").read_bytes())
    file.chmod(0o644)
    return file
