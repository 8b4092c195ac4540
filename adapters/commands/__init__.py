"""What people may ask Clara to do in a chat: one registry, and one handler each, for all faces.

A face (the terminal, Discord) reads what was asked for, runs it with ``registry.run`` and shows the
``CommandResult``. A new command is a module here with a ``Command`` and a line in ``registry.py``.
"""
