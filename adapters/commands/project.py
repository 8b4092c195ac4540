"""What a conversation is about."""

from adapters.commands.command import Arguments, Command, CommandResult, Option, Request
from clara.memory.kinds import project_wish
from store import conversations


async def _project(request: Request, arguments: Arguments) -> CommandResult:
    wanted = arguments.get("name")
    if wanted:
        await request.door.store(conversations.set_project, request.key, project_wish(wanted))
    project = (await request.door.store(conversations.get, request.key)).project
    if project:
        return CommandResult(f"Here we talk about the project {project}.")
    return CommandResult(f"Here we talk about no project. To set one: {request.face.prefix}project NAME")


PROJECT = Command(
    "project",
    "Show or set the project that we talk about here, with memories of its own",
    _project,
    (Option("name", "the project's name, or none"),),
    rights="deciders",
    public=True,
)
