"""What the documentation shows as code is code that works."""

import re
from pathlib import Path

from tests.house.modules import dice

ROOT = Path(__file__).parents[2]


def test_example_of_a_tool_module_is_the_one_that_is_tested() -> None:
    shown = next(
        each
        for each in re.findall(r"```python\n(.*?)```", (ROOT / "docs/architecture.md").read_text(), re.DOTALL)
        if "TOOLS" in each
    )
    source = Path(dice.__file__).read_text()
    code = [line for line in source.splitlines()[1:] if line.strip()]
    assert [line for line in shown.splitlines() if line.strip()] == code
