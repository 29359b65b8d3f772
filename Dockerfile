# Build: everything is installed into one folder, so that neither pip's leftovers nor the source reach the image that runs.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY curriculum curriculum
COPY migrations migrations
RUN python -m venv /opt/milepost \
    && /opt/milepost/bin/pip install --no-cache-dir --disable-pip-version-check '.[postgres]'

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin milepost \
    && install --directory --owner=milepost --group=milepost /data
COPY --from=build /opt/milepost /opt/milepost
ENV PATH=/opt/milepost/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/milepost.db \
    HTTP_PORT=8080

# The playground listens on loopback alone: try it with `docker run --network host`.
# Backups of every night are in /data/backups; copy them elsewhere.
# Curricula of your own: mount their folder and name it, as in `-v ./curricula:/curricula:ro -e CURRICULUM_DIR=/curricula`.
USER milepost
WORKDIR /data
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['HTTP_PORT'] + '/healthz', timeout=4)"]

# The exec form hands SIGTERM to Milepost itself, which then finishes what it is posting.
ENTRYPOINT ["milepost"]
