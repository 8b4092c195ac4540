"""Settings that are valid each, and make no sense together."""

from urllib.parse import urlsplit

from clara.settings import Settings
from clara.settings.fields import is_loopback
from clara.settings.llm import KEY_VARIABLES, PROVIDERS, LlmSettings
from gateway.doctor.facts import Facts
from gateway.doctor.finding import Finding, broken, ok, warn

NAME = "settings"

_ENDINGS = ("/chat/completions", "/completions", "/messages", "/embeddings", "/models", "/responses")


def check(facts: Facts) -> list[Finding]:
    settings = facts.settings
    found = [*_provider(settings.llm), *_extraction(settings), *_addresses(settings)]
    return [ok(NAME, "every value is understood"), *found]


def _provider(llm: LlmSettings) -> list[Finding]:
    keyed = [name for name in KEY_VARIABLES if llm.key(name)]
    if llm.provider == "scripted" and keyed:
        words = f"LLM_PROVIDER is scripted, so the stand-in answers although {KEY_VARIABLES[keyed[0]]} is set"
        return [warn(NAME, words, f"Set LLM_PROVIDER={keyed[0]}, or unset it; then: clara restart")]
    if llm.provider_choice is None and len(keyed) > 1:
        words = f"{len(keyed)} providers have keys and LLM_PROVIDER is not set, so {llm.provider} answers"
        return [warn(NAME, words, f"Say which: LLM_PROVIDER={' or '.join(keyed)}")]
    return []


def _extraction(settings: Settings) -> list[Finding]:
    name = settings.memory.extraction_provider
    if name is None or name == "scripted":
        return []
    if name not in PROVIDERS:
        known = ", ".join(KEY_VARIABLES)
        return [broken(NAME, f"MEM0_PROVIDER names {name}, which is no provider", f"Use one of {known}, or unset it.")]
    if settings.llm.key(name) is None:
        words = f"MEM0_PROVIDER is {name}, which has no key, so the worker does not start"
        return [broken(NAME, words, f"Set {KEY_VARIABLES[name]}, or unset MEM0_PROVIDER.")]
    return []


def _addresses(settings: Settings) -> list[Finding]:
    llm, memory = settings.llm, settings.memory
    used = {
        "ANTHROPIC_BASE_URL": (llm.anthropic_url, llm.anthropic_key),
        "OPENROUTER_BASE_URL": (llm.openrouter_url, llm.openrouter_key),
        "NANOGPT_BASE_URL": (llm.nanogpt_url, llm.nanogpt_key),
        "CUSTOM_OPENAI_BASE_URL": (llm.openai_url, llm.openai_key),
        "EMBEDDINGS_BASE_URL": (memory.embeddings_url, memory.openai_key),
        "QDRANT_URL": (memory.qdrant_url, memory.qdrant_key),
    }
    return [f for name, (url, key) in used.items() if url for f in of_address(name, url, key is not None)]


def of_address(variable: str, url: str, has_key: bool) -> list[Finding]:
    """What is wrong with an address by its looks; ``has_key``: a key is sent there."""
    ending = next((e for e in _ENDINGS if urlsplit(url).path.rstrip("/").endswith(e)), None)
    if ending:
        words = f"{variable} ends with {ending}, which Clara adds herself"
        return [broken(NAME, words, f"Remove {ending} from the end of {variable}.")]
    if has_key and url.startswith("http://") and not is_loopback(url):
        host = urlsplit(url).hostname or ""
        if "." in host and not host.endswith((".local", ".internal", ".lan", ".home.arpa")) and not _is_private(host):
            words = f"{variable} begins with http://, so the key is sent where everybody on the way can read it"
            return [warn(NAME, words, "Use https://")]
    return []


def _is_private(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
