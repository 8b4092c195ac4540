"""Checks everything that Clara depends on and says, for each thing that is wrong, what to do.

A check is an async function from ``Facts`` to findings, listed in ``registry``. ``configuration`` are
checks of the settings by themselves, ``machine`` of files and processes, ``servers`` of the database
and Temporal, ``outside`` of what others run.
"""
