"""The example of docs/architecture.md, which a test holds to it."""

from pydantic import Field

from activities.tools.tool import Arguments, Context, Tool


class Dice(Arguments):
    sides: int = Field(6, ge=2, le=1000)


async def roll(arguments: Dice, context: Context) -> str:
    number = int(context.now.timestamp() * 1e6) % arguments.sides + 1
    return f"{context.message.user.name} rolled {number}."


TOOLS = [Tool("roll_dice", "Roll a die.", Dice, roll, view=lambda dice: f"one with {dice.sides} sides")]
