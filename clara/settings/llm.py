"""Model providers, the tiers of each, and which one answers when another is down."""

from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from clara.llm.models import Route
from clara.messages import Tier
from clara.settings.fields import CommaList, HttpUrl, Secret
from clara.settings.subject import COMMON, Part, ReadBy, Subject

ProviderName = Literal["openrouter", "nanogpt", "anthropic", "openai", "scripted"]

PROVIDERS: tuple[ProviderName, ...] = get_args(ProviderName)

ModelName = Annotated[str, ReadBy(COMMON)]
"""Adapters are given the names of models too, because they show which one answers."""


class LlmSettings(Subject):
    """The provider is the one that `LLM_PROVIDER` names. If that is not set, it is the first of OpenRouter,
    Anthropic, NanoGPT and the OpenAI-compatible one that has a key; without any key, the scripted stand-in
    answers.

    Each message is answered at a tier: the one that its first word asks for (`!high` or `!opus`, `!mid` or
    `!sonnet`, `!low`, `!haiku` or `!fast`), else the one that was chosen for the conversation with `/model`,
    else, with `AUTO_TIER_SELECTION`, the one that the low tier's model finds fitting, else `MODEL_TIER`.

    A tier's model is `<PROVIDER>_MODEL_<TIER>`; for the middle tier, `<PROVIDER>_MODEL` counts where that is
    not set. With `LLM_FALLBACKS`, a provider that fails three times in a row, or refuses the key, the model
    or the credit, is left for the next one in the list, for the rest of the turn.
    """

    heading = "Providers and tiers"
    readers = ("worker",)
    parts: ClassVar = {
        "openrouter_key": Part("OpenRouter"),
        "anthropic_key": Part(
            "Anthropic", "Spoken to through Anthropic's own SDK, so this is also the choice for proxies of it."
        ),
        "nanogpt_key": Part("NanoGPT"),
        "openai_key": Part(
            "Any OpenAI-compatible endpoint",
            "`LLM_PROVIDER=openai` means OpenAI itself, or a server such as vLLM, Ollama or LiteLLM at\n"
            "`CUSTOM_OPENAI_BASE_URL`. A server that asks for no key still needs some value in\n"
            "`CUSTOM_OPENAI_API_KEY`.",
        ),
        "cf_access_id": Part("Behind Cloudflare Access"),
    }

    provider_choice: Annotated[ProviderName | None, ReadBy(COMMON)] = Field(
        None, alias="LLM_PROVIDER", description="The provider that answers. If it is not set, the first that has a key."
    )
    fallbacks: Annotated[CommaList, ReadBy(COMMON)] = Field(
        (),
        alias="LLM_FALLBACKS",
        description="The providers that answer when that one is down, in this order, each with a tier or without: "
        "for example nanogpt,anthropic:low.",
    )
    default_tier: Annotated[Tier, ReadBy(COMMON)] = Field(
        "mid",
        alias="MODEL_TIER",
        description="The tier of messages that do not begin with !high, !mid or !low.",
    )
    auto_tier: Annotated[bool, ReadBy(COMMON)] = Field(
        False,
        alias="AUTO_TIER_SELECTION",
        description="Whether the low tier's model chooses the tier of each message.",
    )
    max_tokens: int = Field(
        8192,
        alias="LLM_MAX_TOKENS",
        ge=64,
        le=128_000,
        description="The longest answer, in tokens. One that is much longer is cut.",
    )
    context_tokens: int = Field(
        120_000,
        alias="LLM_CONTEXT_TOKENS",
        ge=2_000,
        le=2_000_000,
        description="How many tokens of a conversation the model is given.",
    )
    read_timeout: float = Field(
        60,
        alias="LLM_READ_TIMEOUT",
        gt=0,
        le=600,
        description="After this many seconds without a word from the provider, it is asked again.",
    )

    openrouter_key: Secret | None = Field(None, alias="OPENROUTER_API_KEY", description="The key of OpenRouter.")
    openrouter_model: ModelName = Field(
        "anthropic/claude-sonnet-4.6",
        alias="OPENROUTER_MODEL",
        description="The model of the middle tier, unless OPENROUTER_MODEL_MID is set.",
    )
    openrouter_high: ModelName = Field(
        "anthropic/claude-opus-4.8", alias="OPENROUTER_MODEL_HIGH", description="The model of the high tier."
    )
    openrouter_mid: Annotated[str | None, ReadBy(COMMON)] = Field(
        None, alias="OPENROUTER_MODEL_MID", description="The model of the middle tier, if not OPENROUTER_MODEL."
    )
    openrouter_low: ModelName = Field(
        "anthropic/claude-haiku-4.5", alias="OPENROUTER_MODEL_LOW", description="The model of the low tier."
    )
    openrouter_url: HttpUrl = Field(
        "https://openrouter.ai/api/v1", alias="OPENROUTER_BASE_URL", description="The address of the API."
    )
    openrouter_site: str | None = Field(
        None,
        alias="OPENROUTER_SITE",
        description="The address of your own site, which OpenRouter shows in its statistics.",
    )
    openrouter_title: str = Field(
        "Clara", alias="OPENROUTER_TITLE", description="The name of your site, which OpenRouter shows there too."
    )

    anthropic_key: Secret | None = Field(None, alias="ANTHROPIC_API_KEY", description="The key of Anthropic.")
    anthropic_model: ModelName = Field(
        "claude-sonnet-4-6",
        alias="ANTHROPIC_MODEL",
        description="The model of the middle tier, unless ANTHROPIC_MODEL_MID is set.",
    )
    anthropic_high: ModelName = Field(
        "claude-opus-4-8", alias="ANTHROPIC_MODEL_HIGH", description="The model of the high tier."
    )
    anthropic_mid: Annotated[str | None, ReadBy(COMMON)] = Field(
        None, alias="ANTHROPIC_MODEL_MID", description="The model of the middle tier, if not ANTHROPIC_MODEL."
    )
    anthropic_low: ModelName = Field(
        "claude-haiku-4-5", alias="ANTHROPIC_MODEL_LOW", description="The model of the low tier."
    )
    anthropic_url: HttpUrl | None = Field(
        None,
        alias="ANTHROPIC_BASE_URL",
        description="The address of a proxy that speaks Anthropic's protocol, if not Anthropic itself.",
    )

    nanogpt_key: Secret | None = Field(None, alias="NANOGPT_API_KEY", description="The key of NanoGPT.")
    nanogpt_model: ModelName = Field(
        "moonshotai/Kimi-K2-Instruct-0905",
        alias="NANOGPT_MODEL",
        description="The model of the middle tier, unless NANOGPT_MODEL_MID is set.",
    )
    nanogpt_high: ModelName = Field(
        "claude-opus-4", alias="NANOGPT_MODEL_HIGH", description="The model of the high tier."
    )
    nanogpt_mid: Annotated[str | None, ReadBy(COMMON)] = Field(
        None, alias="NANOGPT_MODEL_MID", description="The model of the middle tier, if not NANOGPT_MODEL."
    )
    nanogpt_low: ModelName = Field("gpt-4o-mini", alias="NANOGPT_MODEL_LOW", description="The model of the low tier.")
    nanogpt_url: HttpUrl = Field(
        "https://nano-gpt.com/api/v1", alias="NANOGPT_BASE_URL", description="The address of the API."
    )

    openai_key: Secret | None = Field(None, alias="CUSTOM_OPENAI_API_KEY", description="The key of that endpoint.")
    openai_model: ModelName = Field(
        "gpt-4o",
        alias="CUSTOM_OPENAI_MODEL",
        description="The model of the middle tier, unless CUSTOM_OPENAI_MODEL_MID is set.",
    )
    openai_high: ModelName = Field(
        "gpt-4o", alias="CUSTOM_OPENAI_MODEL_HIGH", description="The model of the high tier."
    )
    openai_mid: Annotated[str | None, ReadBy(COMMON)] = Field(
        None, alias="CUSTOM_OPENAI_MODEL_MID", description="The model of the middle tier, if not CUSTOM_OPENAI_MODEL."
    )
    openai_low: ModelName = Field(
        "gpt-4o-mini", alias="CUSTOM_OPENAI_MODEL_LOW", description="The model of the low tier."
    )
    openai_url: HttpUrl = Field(
        "https://api.openai.com/v1", alias="CUSTOM_OPENAI_BASE_URL", description="The address of the API."
    )

    cf_access_id: str | None = Field(
        None,
        alias="CF_ACCESS_CLIENT_ID",
        description="The id of the service token, where the provider is behind Cloudflare Access.",
    )
    cf_access_secret: Secret | None = Field(
        None, alias="CF_ACCESS_CLIENT_SECRET", description="The secret of that service token."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.provider_choice not in (None, "scripted") and self.key(self.provider_choice) is None:
            raise ValueError(
                f"{KEY_VARIABLES[self.provider_choice]}: must be set, because LLM_PROVIDER is {self.provider_choice}"
            )
        for name in self.fallbacks:
            provider, _, tier = name.partition(":")
            if provider not in PROVIDERS or tier not in ("", "high", "mid", "low"):
                raise ValueError("LLM_FALLBACKS: must be a list like nanogpt,anthropic:low")
            if provider != "scripted" and self.key(provider) is None:
                raise ValueError(f"{KEY_VARIABLES[provider]}: must be set, because LLM_FALLBACKS names {provider}")
        return self

    def key(self, provider: str) -> str | None:
        """The key of ``provider``; None where it is not configured."""
        secret: Secret | None = getattr(self, f"{provider}_key", None)
        return secret.get_secret_value() if secret else None

    @property
    def provider(self) -> str:
        """Who answers by default."""
        if self.provider_choice:
            return self.provider_choice
        return next((name for name in KEY_VARIABLES if self.key(name)), "scripted")

    def model(self, provider: str, tier: Tier) -> str:
        """The model of ``provider`` for ``tier``. The scripted stand-in has only one."""
        if provider == "scripted":
            return "scripted"
        found: str | None = getattr(self, f"{provider}_{tier}")
        return found or str(getattr(self, f"{provider}_model"))

    def routes(self, tier: Tier) -> tuple[Route, ...]:
        """The ways to answer at ``tier``, best first: the provider itself, then its fallbacks."""
        found = [Route(provider=self.provider, model=self.model(self.provider, tier))]
        for name in self.fallbacks:
            provider, _, other = name.partition(":")
            wanted: Tier = other if other in ("high", "mid", "low") else tier  # type: ignore[assignment]
            found.append(Route(provider=provider, model=self.model(provider, wanted)))
        return tuple(dict.fromkeys(found))


KEY_VARIABLES = {
    "openrouter": "OPENROUTER_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "nanogpt": "NANOGPT_API_KEY",
    "openai": "CUSTOM_OPENAI_API_KEY",
}
"""Providers in the order in which one is chosen when LLM_PROVIDER is not set."""
