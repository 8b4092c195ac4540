"""The Python session of a conversation: runs what it is given, one piece after the other, in one namespace.

Requests come as lines of JSON: ``{"run": number, "code": text, "end": mark}`` and ``{"interrupt": number}``. What the
code writes goes to stderr, both streams in their order, and after each piece the mark. Stdout carries the answers,
lines of JSON as well: ``{"done": 0}`` at first, then ``{"done": number, "ok": bool, "figures": [PNG in base64]}``.
"""

import sys

everywhere = sys.path
sys.path = [path for path in everywhere if path.startswith(sys.base_prefix)]

# From where Python itself lies: the person may have a file that is called queue.py.
import ast
import base64
import ctypes
import io
import json
import linecache
import os
import queue
import signal
import threading
import traceback
import types
import warnings

MOST_FIGURES = 8
LARGEST_FIGURE = 8 * 2**20
CHILD_SUBREAPER = 36
SHOWN_VALUE = 100_000

answers = os.fdopen(os.dup(1), "w", buffering=1)
requests = os.fdopen(os.dup(0), "r")
os.dup2(2, 1)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
sys.stdin = open(0)
sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)
sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)

me = types.ModuleType("__main__")
me.__dict__["__builtins__"] = __builtins__
sys.modules["__main__"] = me
sys.argv = [""]
sys.path = [os.getcwd(), *filter(None, everywhere)]

own = os.getpid()
waiting = queue.Queue()
current = [None]
"""The number of the piece that runs."""


def interrupted(signum, frame):
    if current[0] is not None:
        raise KeyboardInterrupt


def listen():
    for line in requests:
        request = json.loads(line)
        if "run" in request:
            waiting.put(request)
        elif current[0] == request["interrupt"]:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            end_children()
    os._exit(0)  # whoever asks is gone


def end_children():
    """What the piece has started ends with it, also what has made itself independent."""
    for _ in range(50):
        found = [pid for pid in descendants() if pid != os.getpid()]
        if not found:
            return
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                pass


def descendants():
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if state != "Z":
                parents[int(name)] = int(parent)
    found = {os.getpid()}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def run(number, code):
    """Run a piece; whether it came to its end. The value of an expression at its end is shown."""
    name = f"<call {number}>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    try:
        tree = ast.parse(code, name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), me.__dict__)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), me.__dict__)
            if value is not None:
                me.__dict__["_"] = value
                text = repr(value)
                print(text if len(text) <= SHOWN_VALUE else f"{text[:SHOWN_VALUE]} … ({len(text):,} characters)")
        return True
    except SystemExit as error:
        if error.code not in (None, 0):
            print(f"exit({error.code!r})", file=sys.stderr)
        return error.code in (None, 0)
    except BaseException as error:
        found = error.__traceback__
        while found is not None and not found.tb_frame.f_code.co_filename.startswith("<call "):
            found = found.tb_next
        traceback.print_exception(type(error), error, found)
        return False


def figures():
    """What was drawn and not closed, as pictures; closes it."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return []
    found = []
    for number in pyplot.get_fignums()[:MOST_FIGURES]:
        drawn = io.BytesIO()
        try:
            pyplot.figure(number).savefig(drawn, format="png", bbox_inches="tight")
        except Exception as error:
            print(f"figure {number} could not be drawn: {error!r}", file=sys.stderr)
            continue
        if drawn.tell() <= LARGEST_FIGURE:
            found.append(base64.b64encode(drawn.getvalue()).decode())
        else:
            print(f"figure {number} is larger than {LARGEST_FIGURE >> 20} MiB", file=sys.stderr)
    pyplot.close("all")
    return found


def answer(request):
    signal.signal(signal.SIGINT, interrupted)
    ok, drawn = False, []
    try:
        try:
            current[0] = request["run"]
            ok = run(request["run"], request["code"])
            drawn = figures()
        finally:
            current[0] = None
    except KeyboardInterrupt:
        print("KeyboardInterrupt", file=sys.stderr)
    if os.getpid() != own:
        os._exit(0)  # a process that the code has forked and not ended, which would answer as well
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # closed by the code
            pass
    os.write(2, request["end"].encode())
    print(json.dumps({"done": request["run"], "ok": ok, "figures": drawn}), file=answers)


warnings.filterwarnings("ignore", message=".*is non-interactive, and thus cannot be shown")
try:
    ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
except (OSError, AttributeError):
    pass
threading.Thread(target=listen, daemon=True).start()
print(json.dumps({"done": 0}), file=answers)
while True:
    answer(waiting.get())
