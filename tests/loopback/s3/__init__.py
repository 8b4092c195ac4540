"""S3 on loopback: moto's server, and in front of it one that lies, refuses or is silent as a test asks."""

from tests.loopback.s3.server import KEY, SECRET, Bucket, Lie, LyingS3, lying, quiet

__all__ = ["KEY", "SECRET", "Bucket", "Lie", "LyingS3", "lying", "quiet"]
