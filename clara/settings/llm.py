"""Model providers, the tiers of each, and which one answers when another is down."""

from typing import Literal, Self

from pydantic import Field, model_validator

from clara.messages import Tier
from clara.models import Route
from clara.settings.fields import CommaList, HttpUrl, Secret, Subject

ProviderName = Literal["openrouter", "nanogpt", "anthropic", "openai", "scripted"]

TIER_MODELS: dict[str, dict[Tier, str]] = {
    "openrouter": {
        "high": "anthropic/claude-opus-4.8",
        "mid": "anthropic/claude-sonnet-4.6",
        "low": "anthropic/claude-haiku-4.5",
    },
    "nanogpt": {
        "high": "claude-opus-4",
        "mid": "moonshotai/Kimi-K2-Instruct-0905",
        "low": "gpt-4o-mini",
    },
    "anthropic": {"high": "claude-opus-4-8", "mid": "claude-sonnet-4-6", "low": "claude-haiku-4-5"},
    "openai": {"high": "gpt-4o", "mid": "gpt-4o", "low": "gpt-4o-mini"},
    "scripted": {"high": "scripted", "mid": "scripted", "low": "scripted"},
}
"""Used where neither ``*_MODEL_<TIER>`` nor, for the middle tier, ``*_MODEL`` is set."""


class LlmSettings(Subject):
    """``LLM_PROVIDER`` chooses; without it the first provider that has a key does, else the scripted one."""

    provider_choice: ProviderName | None = Field(None, alias="LLM_PROVIDER")
    fallbacks: CommaList = Field((), alias="LLM_FALLBACKS")
    default_tier: Tier = Field("mid", alias="MODEL_TIER")
    auto_tier: bool = Field(False, alias="AUTO_TIER_SELECTION")
    max_tokens: int = Field(8192, alias="LLM_MAX_TOKENS", ge=64, le=128_000)
    context_tokens: int = Field(120_000, alias="LLM_CONTEXT_TOKENS", ge=2_000, le=2_000_000)
    read_timeout: float = Field(60, alias="LLM_READ_TIMEOUT", gt=0, le=600)

    openrouter_key: Secret | None = Field(None, alias="OPENROUTER_API_KEY")
    openrouter_url: HttpUrl = Field("https://openrouter.ai/api/v1", alias="OPENROUTER_BASE_URL")
    openrouter_model: str | None = Field(None, alias="OPENROUTER_MODEL")
    openrouter_high: str | None = Field(None, alias="OPENROUTER_MODEL_HIGH")
    openrouter_mid: str | None = Field(None, alias="OPENROUTER_MODEL_MID")
    openrouter_low: str | None = Field(None, alias="OPENROUTER_MODEL_LOW")
    openrouter_site: str | None = Field(None, alias="OPENROUTER_SITE")
    openrouter_title: str = Field("Clara", alias="OPENROUTER_TITLE")

    nanogpt_key: Secret | None = Field(None, alias="NANOGPT_API_KEY")
    nanogpt_url: HttpUrl = Field("https://nano-gpt.com/api/v1", alias="NANOGPT_BASE_URL")
    nanogpt_model: str | None = Field(None, alias="NANOGPT_MODEL")
    nanogpt_high: str | None = Field(None, alias="NANOGPT_MODEL_HIGH")
    nanogpt_mid: str | None = Field(None, alias="NANOGPT_MODEL_MID")
    nanogpt_low: str | None = Field(None, alias="NANOGPT_MODEL_LOW")

    anthropic_key: Secret | None = Field(None, alias="ANTHROPIC_API_KEY")
    anthropic_url: HttpUrl | None = Field(None, alias="ANTHROPIC_BASE_URL")
    anthropic_model: str | None = Field(None, alias="ANTHROPIC_MODEL")
    anthropic_high: str | None = Field(None, alias="ANTHROPIC_MODEL_HIGH")
    anthropic_mid: str | None = Field(None, alias="ANTHROPIC_MODEL_MID")
    anthropic_low: str | None = Field(None, alias="ANTHROPIC_MODEL_LOW")

    openai_key: Secret | None = Field(None, alias="CUSTOM_OPENAI_API_KEY")
    openai_url: HttpUrl = Field("https://api.openai.com/v1", alias="CUSTOM_OPENAI_BASE_URL")
    openai_model: str | None = Field(None, alias="CUSTOM_OPENAI_MODEL")
    openai_high: str | None = Field(None, alias="CUSTOM_OPENAI_MODEL_HIGH")
    openai_mid: str | None = Field(None, alias="CUSTOM_OPENAI_MODEL_MID")
    openai_low: str | None = Field(None, alias="CUSTOM_OPENAI_MODEL_LOW")

    cf_access_id: str | None = Field(None, alias="CF_ACCESS_CLIENT_ID")
    cf_access_secret: Secret | None = Field(None, alias="CF_ACCESS_CLIENT_SECRET")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.provider_choice not in (None, "scripted") and self.key(self.provider_choice) is None:
            raise ValueError(
                f"{KEY_VARIABLES[self.provider_choice]}: must be set, because LLM_PROVIDER is {self.provider_choice}"
            )
        for name in self.fallbacks:
            provider, _, tier = name.partition(":")
            if provider not in TIER_MODELS or tier not in ("", "high", "mid", "low"):
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
        """The model of ``provider`` for ``tier``: its own variable, else the base model for mid, else a default."""
        specific: str | None = getattr(self, f"{provider}_{tier}", None)
        base: str | None = getattr(self, f"{provider}_model", None)
        return specific or (base if tier == "mid" else None) or TIER_MODELS[provider][tier]

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
