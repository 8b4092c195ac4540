"""S3 for the tests of files: started once, and only where a test asks for it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.loopback import s3
from tests.loopback.s3 import Bucket, LyingS3


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    s3.quiet()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(moto_url: str) -> Iterator[Bucket]:
    bucket = Bucket(moto_url)
    bucket.make()
    bucket.clear()
    yield bucket
    bucket.clear()


@pytest.fixture
async def front(moto_url: str, bucket: Bucket) -> AsyncIterator[LyingS3]:
    async with s3.lying(moto_url) as front:
        yield front
