"""``python -m adapters.web``: serve the web service until SIGTERM. Exit code 2: a setting has to be changed first."""

from adapters.web.process import run
from temporal.processes import process
from temporal.processes.leaving import leave

if __name__ == "__main__":
    leave(process.serve(run))
