"""Files: how large one may be, how much a person may keep, and where that is."""

from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from clara.settings.fields import HttpUrl, Secret
from clara.settings.subject import Part, ReadBy, Subject

MIB = 2**20


class FilesSettings(Subject):
    """What people keep with her, and where the files that she makes go: [tools.md](tools.md#files)."""

    heading = "Files"
    readers = ("worker",)
    parts: ClassVar = {
        "s3_enabled": Part(
            "Files in S3",
            "Without these, what people keep is in the database. With them it goes to S3, or to a server that speaks "
            "its protocol.\nWhat was kept before stays where it is. They need `clara install s3`.",
        ),
    }

    max_size: int = Field(
        50 * MIB,
        alias="CLARA_MAX_FILE_SIZE",
        ge=1024,
        le=50 * MIB,
        description="The size of the largest file that a person may keep, in bytes.",
    )
    quota: int = Field(
        1024 * MIB,
        alias="CLARA_FILES_QUOTA",
        ge=1024,
        description="How many bytes all files that a person keeps may have together.",
    )
    downloads: Annotated[Path | None, ReadBy()] = Field(
        None,
        alias="CLARA_DOWNLOADS",
        description="The folder to which the terminal saves files that she makes. "
        "Empty means ~/Downloads/clara where there is a ~/Downloads, and else downloads below CLARA_HOME.",
    )

    s3_enabled: bool = Field(
        False, alias="S3_ENABLED", description="Whether files that people keep go to S3 instead of the database."
    )
    s3_bucket: str = Field(
        "clara-files",
        alias="S3_BUCKET",
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="The bucket. It must be there, and nobody else should read it.",
    )
    s3_endpoint_url: HttpUrl = Field(
        "https://s3.wasabisys.com",
        alias="S3_ENDPOINT_URL",
        description="The address of the server, for example https://s3.eu-central-1.amazonaws.com. "
        "Files are sent as they are, so use http on this machine or a network of your own only.",
    )
    s3_access_key: Secret | None = Field(None, alias="S3_ACCESS_KEY", description="The id of the key.")
    s3_secret_key: Secret | None = Field(None, alias="S3_SECRET_KEY", description="The key itself.")
    s3_region: str = Field("us-east-1", alias="S3_REGION", max_length=60, description="The region of the bucket.")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.s3_enabled and not (self.s3_access_key and self.s3_secret_key):
            raise ValueError("S3_ENABLED: needs S3_ACCESS_KEY and S3_SECRET_KEY")
        return self

    def folder(self, home: Path) -> Path:
        """Where the terminal saves files, for whoever runs it."""
        if self.downloads is not None:
            return self.downloads.expanduser()
        usual = Path("~/Downloads").expanduser()
        return usual / "clara" if usual.is_dir() else home / "downloads"
