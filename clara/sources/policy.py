"""The operator's policy, ``config/policy.toml`` in CLARA_HOME."""

from pathlib import Path

from clara.approvals import rules
from clara.approvals.rules import Rule
from clara.errors import Misconfigured

FILE = Path("config", "policy.toml")


def read(home: Path) -> tuple[Rule, ...]:
    """Its rules; none where there is no such file. Misconfigured says what is wrong with it."""
    path = home / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error
    return rules.parse(text, str(path))
