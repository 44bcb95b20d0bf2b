# The pages' script and styles, and the token tables.
FROM node:22-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY static/src static/src
COPY templates templates
COPY apps apps
RUN npm run build

# The packages and the code, ready to run.
FROM python:3.11-slim AS application
ENV PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH
WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /venv && pip install --no-cache-dir --require-hashes -r requirements.lock
COPY manage.py pyproject.toml ./
COPY config config
COPY apps apps
COPY templates templates
COPY static/img static/img
COPY --from=pages /app/static/dist static/dist
COPY --from=pages /app/node_modules/tiktoken/encoders /tmp/encoders
RUN python -m config.launcher.encodings var/tiktoken /tmp/encoders
RUN python -m config.launcher.translations
# Collecting needs settings but uses none of these three.
RUN SECRET_KEY=unused ENCRYPTION_KEYS=unused DATABASE_URL=postgres://unused \
    python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home retune \
    && install --directory --owner=retune --group=retune --mode=0700 /data
ENV PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH \
    DATA_DIR=/data TIKTOKEN_CACHE_DIR=/app/var/tiktoken
WORKDIR /app
COPY --from=application /venv /venv
COPY --from=application /app /app
USER retune
VOLUME /data
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=20s --start-period=60s \
    CMD ["python", "-m", "config.launcher.health", "8000"]
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
    "--lifespan", "off", "--timeout-graceful-shutdown", "3", "--no-access-log"]
