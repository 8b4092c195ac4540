"""The account as a table."""

from collections.abc import Iterable

from rich.table import Table

from benchmarks.figures import Figure, Spread

_MARKS = {None: "", True: "[green]met[/]", False: "[red]not met[/]"}


TITLE = "Clara beside a bare workflow on the same server, p50 (p95)"


def table(figures: Iterable[Figure], title: str = TITLE, baseline: str = "baseline") -> Table:
    """One row for each figure; ``baseline`` names what it is compared with."""
    made = Table(title=title, show_lines=False)
    made.add_column("figure")
    for name in ("value", baseline, "ratio"):
        made.add_column(name, justify="right", no_wrap=True)
    made.add_column("peers, measured on a similar machine")
    made.add_column("aim", no_wrap=True)
    made.add_column("", no_wrap=True)
    for figure in figures:
        made.add_row(
            figure.name,
            shown(figure.value, figure.unit),
            shown(figure.baseline, figure.unit) if figure.baseline else "",
            f"{figure.ratio:.2f}" if figure.ratio is not None else "",
            figure.peers,
            _aim(figure),
            _MARKS[figure.met],
        )
    return made


def markdown(figures: Iterable[Figure]) -> str:
    """The same for a page."""
    lines = ["| figure | value | baseline | ratio | peers | aim | |", "|---|---:|---:|---:|---|---|---|"]
    for figure in figures:
        baseline = shown(figure.baseline, figure.unit) if figure.baseline else ""
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
        met = {None: "", True: "met", False: "not met"}[figure.met]
        cells = (figure.name, shown(figure.value, figure.unit), baseline, ratio, figure.peers, _aim(figure), met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def shown(spread: Spread, unit: str) -> str:
    """A spread in its unit; the tail only where there are enough values to have one."""
    text = _number(spread.p50, unit)
    if spread.n >= 5:
        text += f" ({_number(spread.p95, unit)})"
    return f"{text} {unit}".rstrip()


def _number(value: float, unit: str) -> str:
    if unit in ("s", "/s", "x"):
        return f"{value:.2f}"
    return f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.1f}"


def _aim(figure: Figure) -> str:
    if figure.aim is None:
        return ""
    return f"≤ {figure.aim.limit:g} x" if figure.aim.of_ratio else f"≤ {figure.aim.limit:g} {figure.unit}".rstrip()
