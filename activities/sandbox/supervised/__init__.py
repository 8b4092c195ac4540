"""Processes in a box that a daemon runs: Docker and Incus can start a process in it, but not end one with its children.

So what is asked for is run by a supervisor, a small program in the box itself (``inside/``). It speaks frames over its
own input and output with the worker's side (``process.py``), and ends all that it started when it is told to, when
its input ends, because the worker died, or when the worker falls silent.
"""
