"""Where organizations of Azure DevOps are, as people write it."""

import pytest

from clara.azure import organization


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        ("acme", "https://dev.azure.com/acme"),
        ("https://dev.azure.com/acme", "https://dev.azure.com/acme"),
        ("https://dev.azure.com/acme/Fog%20Bank/_git/tides?x=1", "https://dev.azure.com/acme"),
        ("https://Acme.visualstudio.com/Tides", "https://acme.visualstudio.com"),
        ("https://dev.azure.com", None),
        ("https://dev.azure.com/..", None),
        ("https://dev.azure.com/a%2f..", None),
        ("https://a:b@dev.azure.com/acme", None),
        ("https://dev.azure.com:8443/acme", None),
        ("https://dev.azure.com.evil.example/acme", None),
        ("https://a.b.visualstudio.com", None),
        ("https://evil.example/https://dev.azure.com/acme", None),
        ("https://dev.azure.com\\@evil.example/acme", None),
        ("http://dev.azure.com/acme", None),
        ("https://[::1", None),
        ("-acme", None),
        ("a/b", None),
        ("", None),
    ],
)
def test_organization_is_known_by_its_name_or_address(wished: str, expected: str | None) -> None:
    assert organization(wished) == expected
