"""Budgets: what models may cost, per message, per person and day, and for all together per day."""

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Self

from pydantic import Field, model_validator

from clara.budgets import BudgetName
from clara.llm import prices
from clara.settings.subject import COMMON, ReadBy, Subject

_PRICE = re.compile(r"([0-9.]+)\s*/\s*([0-9.]+)")


class BudgetSettings(Subject):
    """What is not set is not limited. `clara budget set` overrides these at once, for everybody or for one person;
    [safety.md](safety.md#budgets) says how they are kept. Days begin at midnight in `DEFAULT_TIMEZONE`.
    """

    heading = "Budgets"
    readers = (COMMON,)

    turn_usd: Decimal | None = Field(
        None, alias="BUDGET_TURN_USD", ge=0, description="US dollars that the answer to one message may cost."
    )
    turn_tokens: int | None = Field(
        None,
        alias="BUDGET_TURN_TOKENS",
        ge=0,
        description="Tokens that the answer to one message may take, read and written, with all its steps.",
    )
    person_day_usd: Decimal | None = Field(
        None, alias="BUDGET_PERSON_DAY_USD", ge=0, description="US dollars that one person may cost in a day."
    )
    person_day_tokens: int | None = Field(
        None, alias="BUDGET_PERSON_DAY_TOKENS", ge=0, description="Tokens that one person may take in a day."
    )
    day_usd: Decimal | None = Field(
        None, alias="BUDGET_DAY_USD", ge=0, description="US dollars that everybody together may cost in a day."
    )
    day_tokens: int | None = Field(
        None, alias="BUDGET_DAY_TOKENS", ge=0, description="Tokens that everybody together may take in a day."
    )
    unknown_price: Annotated[str | None, ReadBy(COMMON)] = Field(
        None,
        alias="BUDGET_UNKNOWN_PRICE",
        description="What a model costs of which neither Clara nor its provider knows the price: US dollars for a "
        "million tokens read, a slash, and for a million written, such as 0.50/1.50; 0/0 for models of your own. "
        "If it is not set, it counts as the dearest that Clara knows.",
    )

    @model_validator(mode="after")
    def _is_a_price(self) -> Self:
        if self.unknown_price is not None and _parsed(self.unknown_price) is None:
            raise ValueError("BUDGET_UNKNOWN_PRICE: must be two prices with a slash between them, like 0.50/1.50")
        return self

    @property
    def price_of_unknown(self) -> tuple[Decimal, Decimal]:
        """US dollars for a million tokens read, and written, by a model whose price nobody knows."""
        told = _parsed(self.unknown_price) if self.unknown_price else None
        return told or (Decimal(str(prices.DEAREST.input)), Decimal(str(prices.DEAREST.output)))

    @property
    def limits(self) -> dict[BudgetName, Decimal]:
        """What is set."""
        given: dict[BudgetName, Decimal | int | None] = {
            "turn-usd": self.turn_usd,
            "turn-tokens": self.turn_tokens,
            "person-day-usd": self.person_day_usd,
            "person-day-tokens": self.person_day_tokens,
            "day-usd": self.day_usd,
            "day-tokens": self.day_tokens,
        }
        return {name: Decimal(amount) for name, amount in given.items() if amount is not None}


def _parsed(text: str) -> tuple[Decimal, Decimal] | None:
    found = _PRICE.fullmatch(text)
    if found is None:
        return None
    try:
        return Decimal(found[1]), Decimal(found[2])
    except InvalidOperation:
        return None
