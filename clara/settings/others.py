"""Variables that stand in the same file and are read by others than the settings, as operators are told of them."""

from clara.settings.subject import Section, Variable

TEMPORALS_OWN = Section(
    "Temporal's own variables",
    """\
Clara leaves these to Temporal's SDK, which reads them as Temporal's own command does. The same values
therefore serve a server of your own, one with mutual TLS and Temporal Cloud. Others of that family work too,
and some of them may stand in a `temporal.toml`, whose profile `TEMPORAL_PROFILE` chooses.

The namespace needs a retention of 30 days or more. For that long, a message that a platform delivers again
is recognised by the id of its turn's workflow.""",
    (
        Variable("TEMPORAL_CONFIG_FILE", "Temporal's configuration file, if it is not in its usual place."),
        Variable("TEMPORAL_API_KEY", "The key for Temporal Cloud. It also switches TLS on."),
        Variable("TEMPORAL_TLS", "Set it to true for TLS without a key."),
        Variable("TEMPORAL_TLS_CLIENT_CERT_PATH", "The file with the certificate that Clara shows to the server."),
        Variable("TEMPORAL_TLS_CLIENT_KEY_PATH", "The file with the private key of that certificate."),
        Variable(
            "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
            "The file with the certificate of the authority that must have signed the server's.",
        ),
        Variable("TEMPORAL_TLS_SERVER_NAME", "The name in the server's certificate, if it is not that of the address."),
    ),
)
"""Read by ``temporalio.envconfig``."""

COMPOSE = Section(
    "docker compose",
    """\
`docker-compose.yml` reads the same `.env`, and gives each container the settings that it reads and no
others. It refuses to start while one of the passwords is not set. They become part of addresses, so they
must be of letters and digits only, for instance from `openssl rand -hex 24`. Postgres takes them over when its
volume is created; [operations.md](operations.md#changing-a-password) says how to change one later. Settings that
name a file or a folder (`BOT_PERSONALITY_FILE`, `CLARA_HOME`, `TEMPORAL_*_PATH`) are not passed into the
containers.""",
    (
        Variable("POSTGRES_PASSWORD", "The password of the Postgres administrator: letters and digits only."),
        Variable(
            "POSTGRES_CLARA_PASSWORD",
            "The password of the role that owns Clara's database: letters and digits only.",
        ),
        Variable(
            "POSTGRES_TEMPORAL_PASSWORD",
            "The password of the role that owns Temporal's databases: letters and digits only.",
        ),
        Variable("TEMPORAL_UI_PORT", "The port of the Temporal Web UI, on this machine only.", "8233"),
        Variable(
            "CLARA_EXTRAS",
            "What the image holds besides the default, by the names that `clara install` lists, separated by spaces.",
        ),
    ),
)
"""Read by docker-compose.yml itself."""

BEFORE_THE_SETTINGS = Section(
    "The file of settings",
    "",
    (
        Variable(
            "CLARA_ENV_FILE",
            "The path of the file of settings, wherever it is. It counts in the environment alone, not in a file.",
        ),
    ),
)
"""Read before there are any settings."""

OTHERS = (BEFORE_THE_SETTINGS, TEMPORALS_OWN, COMPOSE)
