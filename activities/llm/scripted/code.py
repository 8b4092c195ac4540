"""Code that the scripted stand-in has run in the sandbox: real code, in a real sandbox, written beforehand."""

SAMPLE = """\
import platform, sys

primes = [n for n in range(2, 60) if all(n % d for d in range(2, n))]
print(f"This is Python {sys.version.split()[0]} on {platform.system()}, in a sandbox of your own.")
print("The primes below 60:", *primes)
sum(primes)"""

LOOK = """\
import csv, pathlib, time

def look(path):
    data = path.read_bytes()
    print(f"{path.name}: {len(data):,} bytes")
    if b"\\0" in data[:4096]:
        print("  It is no text.")
        return
    lines = data.decode("utf-8", "replace").splitlines()
    print(f"  {len(lines):,} lines, {sum(len(line.split()) for line in lines):,} words")
    for line in lines[:5]:
        print("  |", line[:100])
    if path.suffix.lower() == ".csv":
        rows = list(csv.reader(lines))
        for number, name in enumerate(rows[0] if rows else []):
            try:
                values = [float(row[number]) for row in rows[1:]]
                print(f"  {name}: from {min(values):g} to {max(values):g}, {sum(values) / len(values):g} on average")
            except (ValueError, IndexError):
                pass

folder = pathlib.Path("attachments")
files = sorted(folder.iterdir(), key=lambda path: -path.stat().st_mtime) if folder.is_dir() else []
for path in files[:3]:
    look(path)
if not files:
    print("There is no file yet: attach one to your message.")"""

PLOT = """\
import csv, pathlib
import matplotlib.pyplot as plt

folder = pathlib.Path("attachments")
files = sorted(folder.glob("*.csv"), key=lambda path: -path.stat().st_mtime) if folder.is_dir() else []
if files:
    head, *rows = csv.reader(files[0].read_text().splitlines())
    for number, name in enumerate(head[1:], 1):
        plt.plot([row[0] for row in rows], [float(row[number]) for row in rows], marker="o", label=name)
    plt.title(files[0].name)
    plt.legend()
    print(f"{files[0].name}: {len(rows)} rows")
else:
    print("There is no CSV file yet: attach one to your message.")"""

LOOP = """\
import time

print("Round and round it goes. Stop me whenever you like.")
rounds = 0
while True:
    rounds += 1
    print("round", rounds)
    time.sleep(0.2)"""
