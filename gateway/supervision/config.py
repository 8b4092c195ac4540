"""supervisord's configuration file.

No path is written into it: supervisord runs in the home and finds Python by its PATH, so homes
may be called anything.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from gateway.supervision.programs import Program
from temporal.processes.supervised import MISCONFIGURED, START_S

_SUPERVISOR = """\
[supervisord]
nodaemon=true
silent=true
nocleanup=true
minfds=256
minprocs=64
logfile=logs/supervisor.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile=run/supervisord
{user}

[inet_http_server]
port=127.0.0.1:{port}
username=clara
password={password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:clara]
supervisor.rpcinterface_factory=gateway.supervision.restarts:make
"""

_PROGRAM = """
[program:{name}]
command={python} -P {command}
process_name={process}
numprocs={copies}
priority={priority}
autostart={autostart}
autorestart=unexpected
exitcodes={misconfigured}
startsecs={startsecs}
startretries=1000000
stopsignal={stop_signal}
stopwaitsecs={stop_seconds}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile=logs/{process}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""
# A process that ends within startsecs is started again after 1, 2, 3 ... seconds. With retries
# without end the pause grows with the square root of the time since the trouble began: after an
# hour it is about a minute and a half. One that ran longer is started again at once, unless its
# exit code says that a setting has to be changed first.


def render(programs: Iterable[Program], port: str, password: str) -> str:
    """The text of supervisord.conf. It holds a secret: the password of its control port."""
    user = "user=root" if os.geteuid() == 0 else ""  # yes, as root: it warns if it is not told so
    text = _SUPERVISOR.format(port=port, password=password, user=user)
    for program in programs:
        process = "%(program_name)s_%(process_num)d" if program.copies > 1 else "%(program_name)s"
        text += _PROGRAM.format(
            name=program.name,
            misconfigured=MISCONFIGURED,
            startsecs=START_S,
            python=Path(sys.executable).name,
            command=program.command.format(process=process),
            process=process,
            copies=program.copies,
            priority=program.priority,
            autostart=str(program.autostart).lower(),
            stop_signal=program.stop_signal,
            stop_seconds=program.stop_seconds,
        )
    return text
