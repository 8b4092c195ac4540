"""The bytes of files in S3, for whoever takes out all that Clara has of them."""

from base64 import b64encode
from typing import Any

from activities.files.s3 import ObjectStore
from clara.errors import ClaraError
from clara.settings.files import FilesSettings


async def add_contents(exported: dict[str, Any], settings: FilesSettings) -> None:
    """Put what is in S3 into the rows of an export, as base64; a row whose file cannot be had says why."""
    rows = [row for row in exported.get("kept_files", ()) if row["object"] and row["stored"]]
    if not rows:
        return
    objects = ObjectStore(settings) if settings.s3_enabled else None
    for row in rows:
        if objects is None:
            row["missing"] = "it is in S3, which is switched off (S3_ENABLED)"
            continue
        try:
            data = await objects.get(row["bucket"], row["object"], row["size"], row["sha256"])
            row["base64"] = b64encode(data).decode()
        except ClaraError as error:
            row["missing"] = str(error)
