"""docker-compose.yml and the Dockerfile: the specification, and what Clara promises about her deployment."""

import importlib.resources
import importlib.util
import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from clara import __version__
from clara.settings import known_names, load, sections, subjects
from clara.settings.subject import COMMON
from gateway.commands import COMMANDS
from gateway.embedded import temporal_server
from workers.roles import ROLES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("clara:")}
ONE_SHOT = {"temporal-schema", "migrate", "cli"}
PASSWORDS = ("POSTGRES_PASSWORD", "POSTGRES_CLARA_PASSWORD", "POSTGRES_TEMPORAL_PASSWORD")
REFERENCE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?P<rule>:[-?+][^}]*)?\}")


CLARAS = set(OURS) - {"migrate"}
"""Those that read settings; migrate is given no more than the addresses and the level of logs."""
READERS = {
    variable.name: CLARAS if COMMON in variable.readers else set(variable.readers)
    for section in sections()
    for variable in section.variables
    if variable.readers
}
SECRETS = {
    field.alias
    for subject in subjects().values()
    for field in subject.model_fields.values()
    if field.alias and "SecretStr" in str(field.annotation)
}

DAEMON = "/var/run/docker.sock"


def receives(service: str, variable: str) -> bool:
    """Whether the container gets the value of ``variable``, under whatever name."""
    environment = SERVICES[service].get("environment", {})
    if variable in environment and environment[variable] is None:
        return True
    references = [found for value in environment.values() if value for found in REFERENCE.finditer(value)]
    return any(r["name"] == variable and not (r["rule"] or "").startswith(":+") for r in references)


def test_follows_the_specification() -> None:
    vendored = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(COMPOSE, json.loads(vendored.read_text()))


def test_ports_are_published_on_loopback_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(SERVICES[name]["networks"] == ["inside"] for name in ("postgres", "temporal", "temporal-schema"))


def test_no_secret_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if value and re.search("PASSWORD|_PWD|TOKEN|_KEY|SECRET|DATABASE_URL", variable):
                assert REFERENCE.search(value), f"{name}: {variable} is written out"
                assert ":-" not in value, f"{name}: {variable} has a default"


@pytest.mark.parametrize("password", PASSWORDS)
def test_starting_without_a_password_fails_and_says_what_to_do(password: str) -> None:
    rules = [found["rule"] or "" for found in REFERENCE.finditer(TEXT) if found["name"] == password]
    assert rules
    assert all(rule.startswith(":?") and ".env" in rule for rule in rules)


def test_every_variable_is_documented() -> None:
    passed_on = {n for s in SERVICES.values() for n, value in s.get("environment", {}).items() if value is None}
    used = {found["name"] for found in REFERENCE.finditer(TEXT)} | passed_on
    assert used - {"TERM"} <= known_names()


def test_each_secret_goes_where_it_is_needed_and_nowhere_else() -> None:
    allowed = {
        **{variable: READERS.get(variable, set()) for variable in SECRETS},
        "POSTGRES_PASSWORD": {"postgres"},
        "POSTGRES_CLARA_PASSWORD": {"postgres", *OURS},
        "POSTGRES_TEMPORAL_PASSWORD": {"postgres", "temporal-schema", "temporal"},
    }
    assert {"ANTHROPIC_API_KEY", "OPENAI_API_KEY"} <= set(allowed)
    assert allowed["DISCORD_BOT_TOKEN"] == {"discord"}
    assert allowed["DATABASE_URL"] == set(), "of an outside server; here the address is the compose file's own"
    assert [variable for variable in SECRETS if allowed[variable] >= CLARAS] == []
    for variable, services in allowed.items():
        assert {name for name in SERVICES if receives(name, variable)} == services, variable


def inside(service: str, variables: dict[str, str]) -> dict[str, str]:
    """The environment of a container, given what stands in .env."""

    def resolve(found: re.Match[str]) -> str:
        value, rule = variables.get(found["name"], ""), found["rule"] or ""
        return (rule[2:] if value else "") if rule.startswith(":+") else value or rule[2:]

    environment = SERVICES[service].get("environment", {})
    given = {name: value for name, value in environment.items() if value is not None or name in variables}
    return {name: variables[name] if value is None else REFERENCE.sub(resolve, value) for name, value in given.items()}


@pytest.mark.parametrize("service", OURS)
def test_settings_are_complete_in_every_container(service: str) -> None:
    keys = {"ANTHROPIC_API_KEY": "key-1", "NANOGPT_API_KEY": "key-2", "DISCORD_BOT_TOKEN": "key-3"}
    chosen = {"LLM_PROVIDER": "anthropic", "LLM_FALLBACKS": "nanogpt:low", "ANTHROPIC_MODEL": "mine"}
    environment = inside(service, {**dict.fromkeys(PASSWORDS, "pass"), **keys, **chosen})
    settings = load(environment)
    assert settings.runtime.database_url == "postgresql://clara:pass@postgres:5432/clara"
    assert settings.runtime.temporal_address == "temporal:7233"
    if service != "migrate":
        assert settings.llm.routes("mid")[0].model == "mine"
    secrets = {"worker": {"key-1", "key-2"}, "discord": {"key-3"}}.get(service, set())
    assert {value for value in environment.values() if value.startswith("key-")} == secrets


def test_every_setting_reaches_its_readers_and_nobody_else() -> None:
    for variable, readers in READERS.items():
        beside = {"migrate"} if variable == "LOG_LEVEL" else set()
        assert {name for name in SERVICES if receives(name, variable)} == readers | beside, variable


def test_what_names_a_file_of_this_machine_stays_outside() -> None:
    for variable in ("CLARA_HOME", "CLARA_ENV_FILE", "BOT_PERSONALITY_FILE", "TEMPORAL_PROFILE", "CLARA_WORKERS"):
        assert [name for name in SERVICES if receives(name, variable)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_services_are_pinned_bounded_and_without_privileges(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+[\w.-]*", service["image"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert (service.get("restart") == "unless-stopped") == (name not in ONE_SHOT)
    if name not in {*ONE_SHOT, "temporal-ui"}:
        assert service["healthcheck"]["test"][0] == "CMD"
    for mount in service.get("volumes", []):
        source, _, rest = mount.partition(":")
        if source == DAEMON:
            # The sandbox alone, and only where an operator has asked for it: this socket is as much as root.
            assert (name, service["profiles"]) == ("sandbox", ["sandbox"])
            continue
        assert source in COMPOSE["volumes"] or (rest.endswith(":ro") and (ROOT / source).is_file())


def test_workers_can_be_scaled() -> None:
    assert not {"container_name", "ports", "hostname"} & set(SERVICES["worker"])


def test_versions_agree() -> None:
    assert {service["image"] for service in OURS.values()} == {f"clara:{__version__}"}
    assert len({SERVICES[name]["image"].split(":")[1] for name in ("temporal", "temporal-schema")}) == 1


@pytest.mark.parametrize("name", OURS)
def test_commands_exist(name: str) -> None:
    for words in (OURS[name]["command"], OURS[name]["healthcheck"].get("test", ["CMD"])[1:]):
        match words:
            case ["python", "-m", module, *roles]:
                assert importlib.util.find_spec(f"{module}.__main__"), f"there is no {module}"
                assert set(roles) <= ({role.name for role in ROLES} if module == "workers" else set())
            case ["python", script]:
                assert f"COPY {script} {script}" in (ROOT / "Dockerfile").read_text()
            case ["clara", command]:
                assert command in COMMANDS
            case _:
                assert words == []


def test_every_role_is_served_by_one_service() -> None:
    served = [role for service in OURS.values() if "workers" in service["command"] for role in service["command"][3:]]
    assert sorted(served) == sorted(role.name for role in ROLES)


def test_temporal_is_configured_as_the_embedded_one() -> None:
    configured = yaml.safe_load((ROOT / "deploy/temporal/dynamicconfig.yaml").read_text())
    for key, value in temporal_server.DYNAMIC_CONFIG.items():
        assert configured[key] == [{"value": json.loads(value)}]


def test_the_image_holds_all_of_clara_and_nothing_private() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert patterns[0] == "*", "what is not named stays outside"
    assert {f"!{package}" for package in packages} <= set(patterns)
    assert not [pattern for pattern in patterns if pattern.startswith("!.")]
    assert [package for package in packages if f"COPY {package} {package}\n" not in dockerfile] == []
    assert "--require-hashes" in dockerfile
    assert "!requirements*.lock" in patterns
    assert re.search(r"^USER (?!root)\w+$", dockerfile.split("FROM")[-1], re.MULTILINE)


@pytest.mark.parametrize("script", ["deploy/postgres/databases.sh", "deploy/temporal/schema.sh"])
def test_scripts_stop_at_the_first_error(script: str) -> None:
    assert "\nset -eu\n" in (ROOT / script).read_text()
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["sh", "-n", ROOT / script], check=True, timeout=10)
