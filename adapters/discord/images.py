"""Pictures as the model is to see them: upright, and no larger than is of use."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from clara.errors import UserError

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
MAX_PIXELS = 60_000_000
"""A file of a few kilobytes may unfold to more than a machine has."""

ORIENTATION = 0x0112


def prepare(data: bytes, max_dimension: int, max_bytes: int) -> tuple[bytes, str]:
    """The picture and its media type, told by its content. UserError if it is none or cannot be used."""
    try:
        with Image.open(io.BytesIO(data), formats=list(FORMATS)) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise UserError(f"it has {width} by {height} pixels, which is too many")
            turned = image.getexif().get(ORIENTATION, 1) != 1
            if max(width, height) <= max_dimension and len(data) <= max_bytes and not turned:
                image.load()
                return data, FORMATS[str(image.format)]
            return _reduce(image, max_dimension, max_bytes), "image/jpeg"
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UserError("it is not a picture that I can open") from error


def _reduce(image: Image.Image, max_dimension: int, max_bytes: int) -> bytes:
    # Scaled down first: each copy of the original would take as much memory as the original unfolds to.
    whole = image.convert("RGBA") if image.mode in ("1", "P", "PA", "I;16") else image
    whole.thumbnail((max_dimension, max_dimension), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(whole).convert("RGBA")
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    for quality, shrink in ((85, 1), (70, 1), (60, 2), (50, 4)):
        smaller = flat.copy()
        smaller.thumbnail((max_dimension // shrink, max_dimension // shrink), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        smaller.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= max_bytes:
            return out.getvalue()
    raise UserError("it is too large")
