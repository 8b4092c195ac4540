"""The package indexes that are asked where nobody says otherwise."""

from clara.hosts import AllowedHost


def package_indexes() -> tuple[AllowedHost, ...]:
    """Python's: what pip itself asks, and where the packages lie."""
    from pip._internal.models.index import PyPI

    return AllowedHost(PyPI.netloc), AllowedHost(PyPI.file_storage_domain)
