"""Time zones as people name them."""

import difflib
from zoneinfo import ZoneInfo, available_timezones

from clara.errors import UserError


def zone(text: str) -> str:
    """The time zone that ``text`` names; UserError suggests one where there is none of that name."""
    wanted = text.strip().replace(" ", "_")
    known = sorted(available_timezones())
    exact = next((name for name in known if name.casefold() == wanted.casefold()), None)
    if exact:
        ZoneInfo(exact)
        return exact
    cities = [name for name in known if name.rpartition("/")[2].casefold() == wanted.casefold()]
    near = cities or difflib.get_close_matches(wanted, known, 1, 0.75)
    hint = f" Did you mean {near[0]}?" if near else " They are named like Europe/Berlin."
    raise UserError(f"There is no time zone {text.strip()}.{hint}")
