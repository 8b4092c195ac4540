"""Objects in S3, or in what speaks its protocol. It is not trusted: what comes back is held against what was sent.

boto3 is an extra and loads when it is first needed. It blocks, so each request has a thread, and a deadline of its own.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from clara import extras
from clara.errors import ToolFailed, Unavailable
from clara.settings.files import FilesSettings

log = logging.getLogger(__name__)

T = TypeVar("T")

CONNECT_S = 5
SILENCE_S = 20
"""Without a byte from the server."""

DEADLINE_S = 120.0
"""Of one file, however slowly it comes. Longer than this the tool does not run."""

THREADS = 4
"""A server that never answers keeps these busy, and nothing else of the worker."""

CHUNK = 2**16
HASH = "sha256"
"""Where the hash of the whole is kept with the object."""

_OURS = "The operator has to look at the settings S3_*"
_REFUSALS = {
    "NoSuchBucket": f"its bucket is not there. {_OURS}",
    "AccessDenied": f"it does not let me in. {_OURS}",
    "InvalidAccessKeyId": f"it does not know my key. {_OURS}",
    "SignatureDoesNotMatch": f"it does not accept my key. {_OURS}",
    "QuotaExceeded": "it is full",
    "EntityTooLarge": "it takes no file of this size",
    "PermanentRedirect": f"its bucket is in another region. {_OURS}",
    "AuthorizationHeaderMalformed": f"its bucket is in another region. {_OURS}",
}
_NOWHERE = ("NoSuchKey", "404", "NotFound")


class ObjectStore:
    """One bucket. Raises Unavailable for what passes, ToolFailed with a sentence for what does not."""

    def __init__(self, settings: FilesSettings) -> None:
        self._settings = settings
        self.bucket = settings.s3_bucket
        self._client: Any = None
        self._threads = ThreadPoolExecutor(THREADS, "s3")
        self._opening = asyncio.Lock()

    async def put(self, name: str, data: bytes, sha256: str, media_type: str) -> None:
        """Write an object, or write it again; when this returns, the server says that it has all of it."""
        md5 = hashlib.md5(data, usedforsecurity=False)

        def write(client: Any) -> None:
            answer = client.put_object(
                Bucket=self.bucket,
                Key=name,
                Body=data,
                ContentLength=len(data),
                ContentMD5=_base64(md5.digest()),
                ContentType=media_type,
                Metadata={HASH: sha256},
            )
            if _is_md5(answer) and answer["ETag"].strip('"') != md5.hexdigest():
                raise _Lie("what it says that it has taken is another file")
            seen = client.head_object(Bucket=self.bucket, Key=name)
            if seen["ContentLength"] != len(data) or seen["Metadata"].get(HASH, sha256) != sha256:
                raise _Lie(f"it has {seen['ContentLength']:,} of {len(data):,} bytes")

        await self._do(write)

    async def get(self, bucket: str, name: str, size: int, sha256: str) -> bytes:
        """An object, whole: ToolFailed where what is there is not what was written."""
        opened: list[Any] = []

        def read(client: Any) -> bytes:
            opened.append(client.get_object(Bucket=bucket, Key=name)["Body"])
            found = bytearray()
            while len(found) <= size and (chunk := opened[0].read(CHUNK)):
                found += chunk
            if len(found) != size:
                raise _Lie(f"it gave {len(found):,} of {size:,} bytes")
            if hashlib.sha256(found).hexdigest() != sha256:
                raise _Lie("what it gave is another file than was kept")
            return bytes(found)

        try:
            return await self._do(read)
        finally:
            for body in opened:
                body.close()  # which also ends a thread that a server keeps waiting

    async def delete(self, bucket: str, name: str) -> None:
        """Delete an object; one that is not there is deleted."""
        await self._do(lambda client: client.delete_object(Bucket=bucket, Key=name))

    async def _do(self, work: Callable[[Any], T]) -> T:
        client = await self._open()
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work, client)
        except _Lie as lie:
            log.warning("S3: %s", lie)
            raise ToolFailed(f"The storage of files is not to be trusted just now: {lie}.") from lie
        except TimeoutError as error:
            raise Unavailable("the storage of files is too slow", kind="timeout") from error
        except Exception as error:
            raise _sorted(error) from error

    async def _open(self) -> Any:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(_client, self._settings)
        return self._client


class _Lie(Exception):
    """The server says or gives something that cannot be so."""


def _client(settings: FilesSettings) -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError as error:
        why = f"The storage of files is not set up: S3_ENABLED needs boto3, which is missing; {extras.adding('s3')}."
        raise ToolFailed(why) from error
    assert settings.s3_access_key is not None, "the settings see to that"
    assert settings.s3_secret_key is not None
    return boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=Config(
            connect_timeout=CONNECT_S,
            read_timeout=SILENCE_S,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            proxies={},
            # The checksums of newer SDKs are unknown to many servers that speak S3; we have our own.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _sorted(error: Exception) -> Exception:
    """An error of boto3 as Clara's, by who can do something about it; its own words may hold names and keys."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        log.warning("S3 refused: %d %s", status, code)
        if status >= 500 or status == 429 or code in ("SlowDown", "RequestTimeout", "BadDigest"):
            return Unavailable(f"the storage of files answers {status}")
        if code in _NOWHERE:
            return ToolFailed("The storage of files no longer has this file.")
        why = _REFUSALS.get(code) or f"{f'it does not let me in. {_OURS}' if status in (401, 403) else code or status}"
        return ToolFailed(f"The storage of files refuses: {why}. Nothing was changed.")
    if isinstance(error, BotoCoreError | OSError) or type(error).__module__.startswith("urllib3"):
        log.warning("S3 cannot be reached: %s", type(error).__name__)
        return Unavailable(f"the storage of files cannot be reached ({type(error).__name__})", kind="connection")
    return error


def _is_md5(answer: dict[str, Any]) -> bool:
    """Whether the server's name for the content is its MD5, which it is not where the server encrypts."""
    etag = answer.get("ETag", "").strip('"')
    encrypted = answer.get("ServerSideEncryption") or answer.get("SSECustomerAlgorithm")
    return not encrypted and len(etag) == 32


def _base64(digest: bytes) -> str:
    from base64 import b64encode

    return b64encode(digest).decode()
