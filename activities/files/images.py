"""Images as models take them: upright, small enough, in one of four formats.

Decoding one may take hundreds of MiB, so this runs in the process of ``activities.files.child``.
"""

import io
import struct
from typing import TYPE_CHECKING

from clara.errors import UserError
from clara.files import IMAGES, media_type_of

if TYPE_CHECKING:
    from PIL import Image

MAX_DIMENSION = 1568
"""Pixels of the longer side; Anthropic scales larger images down itself and only charges for them."""

MAX_BYTES = 5 * 1024 * 1024 * 3 // 4
"""Anthropic takes 5 MiB an image, counted after base64, which makes four bytes of three."""

MAX_PIXELS = 52_000_000
"""Enough for 8160 by 6144, the largest photos of telephones; decoded, each takes four bytes."""

_READABLE = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_ORIENTATION = 0x0112
_UPRIGHT = (None, 1)


def prepare_image(data: bytes, max_dimension: int = MAX_DIMENSION, max_bytes: int = MAX_BYTES) -> tuple[bytes, str]:
    """The image as a model may be given it, and its media type.

    Small upright PNG, JPEG, GIF and WebP pass as they are; everything else is turned, scaled and
    encoded anew. Raises UserError, with the reason for the model, for what is no image, is damaged, or
    is too large to decode. Takes about 0.2 s for a photo of 5 MB.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=_READABLE) as image:
            _check_size(image.width * image.height)
            media_type = media_type_of(data)
            small = max(image.size) <= max_dimension and len(data) <= max_bytes
            if media_type in IMAGES and small and image.getexif().get(_ORIENTATION) in _UPRIGHT:
                image.load()  # a damaged file must be noticed here, not by the provider at each later turn
                return data, media_type
            return _encoded(image, max_dimension, max_bytes)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        raise UserError("it is not an image that I can open; PNG, JPEG, GIF and WebP are") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise UserError("the image seems to be damaged; it may help to send it again") from error


def _check_size(pixels: int) -> None:
    if pixels > MAX_PIXELS:
        raise _too_large()


def _too_large() -> UserError:
    return UserError(f"it has too many pixels; I can take {MAX_PIXELS // 1_000_000} megapixels at most")


def _encoded(image: "Image.Image", max_dimension: int, max_bytes: int) -> tuple[bytes, str]:
    from PIL import Image, ImageOps

    photo = image.format in ("JPEG", "MPO")  # telephones put several images into one JPEG
    # Scaled before it is turned: the limit is the same for both sides, and JPEG decodes small at once.
    image = _in_full_colour(image)
    image.thumbnail((max_dimension, max_dimension), Image.Resampling.LANCZOS)
    ImageOps.exif_transpose(image, in_place=True)
    if not photo:
        encoded = _saved(image.convert("RGBA" if image.has_transparency_data else "RGB"), "PNG")
        if len(encoded) <= max_bytes:
            return encoded, "image/png"
    flat = _flattened(image)
    while len(encoded := _saved(flat, "JPEG", quality=85)) > max_bytes:
        if max(flat.size) < 16:
            raise ValueError(f"no image fits into {max_bytes} bytes")
        flat.thumbnail((max(flat.size) * 3 // 4, max(flat.size) * 3 // 4))
    return encoded, "image/jpeg"


def _in_full_colour(image: "Image.Image") -> "Image.Image":
    """Palettes would be scaled without blending, and 16 bits of grey be cut off instead of scaled."""
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda level: level / 257).convert("L")
    if image.mode in ("1", "P"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _flattened(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _saved(image: "Image.Image", form: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, optimize=form == "JPEG", **options)
    return buffer.getvalue()
