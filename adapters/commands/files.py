"""The files that a person keeps with Clara."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.errors import UserError
from clara.filenames import clean_name
from clara.files import size_in_words
from clara.memory.kinds import scope
from store.files import kept

SHOWN = 50


async def _files(request: Request, arguments: Arguments) -> CommandResult:
    """Seen by the person alone, so those that were kept in private are listed as well."""
    owner = scope(request.asker.id)
    if arguments.get("action") == "delete":
        return await _delete(request, arguments.get("name", ""))
    number, used = await request.door.store(kept.usage, owner)
    found = await request.door.store(kept.of_person, owner, False, SHOWN)
    if not found:
        return CommandResult("You keep no files with me. Attach one and ask me to keep it.")
    table = [
        (file.name, f"{size_in_words(file.size)}, {file.created_at.astimezone(request.zone):%Y-%m-%d}")
        for file in found
    ]
    more = f"These are the newest {SHOWN} of {number}. " if number > SHOWN else ""
    return CommandResult(f"{more}{size_in_words(used)} in all.", table)


async def _delete(request: Request, name: str) -> CommandResult:
    owner = scope(request.asker.id)
    if not name:
        raise UserError(f"Please say which one: {request.face.prefix}files delete NAME")
    found = await request.door.store(kept.find, owner, name, False)
    found = found or await request.door.store(kept.find, owner, clean_name(name), False)
    if found is None:
        raise UserError(f"You keep no file called {name!r}. {request.face.prefix}files lists them.")
    await request.door.store(kept.delete, owner, [found.id])
    return CommandResult(f"Deleted {found.name}.")


FILES = Command(
    "files",
    "List the files that you keep with me, or delete one",
    _files,
    (Option("action", "what to do, list if you do not say", ("list", "delete")), Option("name", "of the file")),
)
