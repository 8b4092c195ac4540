"""Images are made fit for models, and what is none or is hostile is refused in plain words."""

import base64
import io
import random

import pytest
from PIL import Image

from activities.files.images import MAX_BYTES, MAX_DIMENSION, prepare_image
from clara.errors import UserError
from clara.files import media_type_of
from tests.activities.files import samples

ORIENTATION = 0x0112


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(4711).randbytes(width * height * 3))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_small_images_stay_as_they_are(form: str) -> None:
    data = saved(Image.new("RGB", (40, 30), "navy"), form)
    assert prepare_image(data) == (data, f"image/{form.lower()}")


@pytest.mark.parametrize("form", ["BMP", "TIFF", "AVIF"])
def test_formats_that_no_model_reads_become_png(form: str) -> None:
    data, media_type = prepare_image(saved(Image.new("RGB", (40, 30), "navy"), form))
    assert media_type == media_type_of(data) == "image/png"


def test_a_photo_of_five_megabytes_is_made_small_enough() -> None:
    photo = saved(noise(2600, 2000), "JPEG", quality=94)
    assert len(photo) > 5_000_000
    data, media_type = prepare_image(photo)
    assert media_type == "image/jpeg"
    assert len(data) <= MAX_BYTES
    assert len(base64.b64encode(data)) <= 5 * 1024 * 1024, "the provider counts after base64"
    assert max(opened(data).size) <= MAX_DIMENSION


def test_a_screenshot_that_png_cannot_hold_becomes_jpeg() -> None:
    data, media_type = prepare_image(saved(noise(700, 700), "PNG"), max_bytes=400_000)
    assert (media_type, opened(data).format) == ("image/jpeg", "JPEG")
    assert len(data) <= 400_000


def test_if_quality_does_not_help_size_does() -> None:
    data, _ = prepare_image(saved(noise(700, 700), "PNG"), max_bytes=20_000)
    assert len(data) <= 20_000


def test_a_limit_that_nothing_meets_is_refused() -> None:
    with pytest.raises(UserError):
        prepare_image(saved(noise(60, 60), "PNG"), max_bytes=10)


def test_photos_are_turned_upright() -> None:
    image = Image.new("RGB", (60, 20), "red")
    image.paste("blue", (0, 0, 30, 20))
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by 90 degrees clockwise
    data, _ = prepare_image(saved(image, "JPEG", exif=exif))
    turned = opened(data).convert("RGB")
    assert turned.size == (20, 60)
    red, _, blue = turned.getpixel((10, 5))  # type: ignore[misc]
    assert blue > red, "what was on the left is on top"
    assert ORIENTATION not in opened(data).getexif()


def test_large_photos_are_turned_and_scaled() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    data, _ = prepare_image(saved(Image.new("RGB", (3000, 1000), "red"), "JPEG", exif=exif))
    assert opened(data).size == (523, 1568)


def test_transparency_survives() -> None:
    data, media_type = prepare_image(saved(Image.new("RGBA", (2000, 10), (255, 0, 0, 128)), "PNG"))
    assert media_type == "image/png"
    assert opened(data).getpixel((5, 5)) == (255, 0, 0, 128)


def test_transparency_becomes_white_where_only_jpeg_fits() -> None:
    image = noise(300, 300).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 100, 100))
    data, media_type = prepare_image(saved(image, "PNG"), max_bytes=100_000)
    assert media_type == "image/jpeg"
    assert min(opened(data).getpixel((20, 20))) > 230  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "I;16"])
def test_odd_colours_can_be_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    data, _ = prepare_image(saved(Image.new(mode, (1700, 8)), form))
    assert max(opened(data).size) == MAX_DIMENSION


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    data, _ = prepare_image(saved(Image.new("I;16", (1700, 8), 128 * 257), "PNG"))
    assert opened(data).convert("L").getpixel((5, 5)) == 128


def test_only_the_first_frame_of_a_large_animation_is_kept() -> None:
    frames = [Image.new("P", (1600, 4), n) for n in range(3)]
    data, media_type = prepare_image(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert media_type == "image/png"
    assert max(opened(data).size) == MAX_DIMENSION


@pytest.mark.parametrize("size", [(9_000, 9_000), (12_000, 12_000), (60_000, 60_000)])
def test_bombs_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="52 megapixels"):
        prepare_image(samples.png_that_claims(*size))


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7 ...", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="PNG, JPEG, GIF and WebP"):
        prepare_image(data)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_damaged_image_is_refused(form: str) -> None:
    data = saved(noise(64, 64), form, **({"lossless": True} if form == "WEBP" else {}))
    with pytest.raises(UserError):
        prepare_image(data[: len(data) // 2])


def test_a_program_for_postscript_is_not_run() -> None:
    with pytest.raises(UserError):
        prepare_image(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n")
