"""What runs in a box, with the box's own Python: 3.8 or newer, the standard library alone, imports relative.

``keeper`` is the first process of a box, ``supervisor`` runs one command. Both distrust what runs beside them. A
supervisor is started for every command, without compiled modules, so it imports only what is written in C: ``json``,
``signal`` with its enumerations, ``typing`` and ``contextlib`` would take longer than all the rest.
"""
