"""Who answers: the provider, its key, and where it is; proven before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from clara.settings.llm import KEY_VARIABLES, LlmSettings
from gateway.doctor.configuration.choices import of_address
from gateway.doctor.configuration.keys import of_key
from gateway.doctor.finding import Finding
from gateway.proofs.model import Outcome, of_model

OFFERED = {
    "openrouter": "models of many vendors with one key",
    "anthropic": "Claude",
    "nanogpt": "models of many vendors, paid by use",
    "openai": "OpenAI, or any server with its API, such as Ollama",
}
"""What each provider is."""

KEYS = {
    "openrouter": "https://openrouter.ai/keys",
    "anthropic": "https://console.anthropic.com/settings/keys",
    "nanogpt": "https://nano-gpt.com/api",
    "openai": "https://platform.openai.com/api-keys",
}
"""Where keys come from."""

NO_KEY = "none"
"""Sent to servers that ask for no key, because the SDK wants to send one."""

_VENDORS = {"openrouter": "OpenRouter", "anthropic": "Anthropic", "nanogpt": "NanoGPT", "openai": "OpenAI"}


@dataclass(frozen=True)
class Choice:
    provider: str
    key: str
    base_url: str | None = None
    """None: as it is set, or the provider's own."""
    model: str | None = None

    @property
    def prefix(self) -> str:
        return prefix(self.provider)

    def changes(self) -> dict[str, str]:
        """The settings that make it so."""
        if self.provider == "scripted":
            return {"LLM_PROVIDER": "scripted"}
        found = {"LLM_PROVIDER": self.provider, f"{self.prefix}_API_KEY": self.key}
        if self.base_url:
            found[f"{self.prefix}_BASE_URL"] = self.base_url
        if self.model:
            found[f"{self.prefix}_MODEL"] = self.model
        return found


def prefix(provider: str) -> str:
    """What the provider's variables begin with."""
    return KEY_VARIABLES[provider].removesuffix("_API_KEY")


async def proven(choice: Choice, variables: Mapping[str, str]) -> tuple[str, Outcome]:
    """Ask the model of the middle tier, with these settings besides; returns its name and how it went.

    A key that can't be right by its looks is sent to nobody.
    """
    settings = _settings(choice, variables)
    if isinstance(settings, Outcome):
        return "", settings
    model = settings.model(choice.provider, "mid")
    url = str(getattr(settings, f"{choice.provider}_url") or "")
    wrong = [*of_address(f"{choice.prefix}_BASE_URL", url, has_key=True), *_looks(choice, url)]
    broken = next((finding for finding in wrong if finding.level == "broken"), None)
    if broken:
        return model, Outcome(False, f"{broken.what}.", broken.fix)
    return model, await of_model(settings, choice.provider, model)


def _looks(choice: Choice, url: str) -> list[Finding]:
    own = not url or url == str(LlmSettings.model_fields[f"{choice.provider}_url"].default or "")
    return of_key(f"{choice.prefix}_API_KEY", choice.key, _VENDORS[choice.provider] if own else None)


def _settings(choice: Choice, variables: Mapping[str, str]) -> LlmSettings | Outcome:
    """Only what concerns this provider: what is wrong with another one is no reason to refuse this."""
    shared = {"CF_ACCESS_CLIENT_ID", "CF_ACCESS_CLIENT_SECRET", "LLM_READ_TIMEOUT"}
    own = {
        n: v.strip() for n, v in variables.items() if (n in shared or n.startswith(f"{choice.prefix}_")) and v.strip()
    }
    try:
        return LlmSettings.model_validate({**own, **choice.changes()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = first["loc"][0] if first["loc"] else f"{choice.prefix}_BASE_URL"
        words = str(first["msg"]).removeprefix("Value error, ")
        return Outcome(False, f"{name}: {words}.", f"Correct {name}.")
