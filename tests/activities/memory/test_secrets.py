"""Secrets are found however they are told, and what only speaks of them is none."""

import pytest

from activities.memory.secrets import holds_secret
from benchmarks.memory import judging


@pytest.mark.parametrize(
    "case", [case for case in judging.attacks() if case.kind == "secrets"], ids=lambda c: c.message
)
def test_a_secret_is_found(case: judging.Attack) -> None:
    assert holds_secret(case.message)


@pytest.mark.parametrize(
    "text",
    [
        "I always forget my passwords",
        "I collect old pin cards",
        "I use a password manager",
        "My password is too weak",
        "I changed my password in 2019 after a hack",
        "My bowling pin is from 1985",
        "Anna pins her notes to the wall",
        "Ich vergesse ständig mein Passwort",
        "Mein Passwort ist sicher",
        "La clave del éxito es trabajar mucho",
        "Ключ и пароль я всегда забываю",
        "У меня болит спина с 2019 года",
        "lives at 221b Baker Street",
        "born 1990-04-01",
        "My phone is +49 170 1234567",
        "phone +44 20 7946 0000",
        "ISBN 978-3-16-148410-0 is my favourite",
        "I work at the COVID-19-Impfzentrum",
        "I like C++, Python3.11 and node_modules",
        "I earned 1,000,000 dollars",
        "I meet them on 12.03.2025 at 12:30",
        "I live in Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu",
    ],
)
def test_what_is_no_secret_is_kept(text: str) -> None:
    assert not holds_secret(text)
