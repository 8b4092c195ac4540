"""The SDK costs two seconds and 50 MB: only who calls a plugin pays them."""

import subprocess
import sys

LOADED = "import sys, activities.plugins.running; print([name for name in sys.modules if name.split('.')[0] == 'mcp'])"


def test_the_sdk_is_loaded_by_the_first_call() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
