# One image for every part of a site: web, worker, timer, migrate, or all in one by no argument.
# BASE needs python3 (3.11 or newer) with venv, at the same place in both stages; pin it by digest
# where builds are to be repeatable: --build-arg BASE=name@sha256:...
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
COPY requirements.txt requirements-objects.txt ./
RUN python3 -m venv /opt/lineage/venv \
 && /opt/lineage/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes -r requirements.txt -r requirements-objects.txt
COPY manage.py LICENSE /opt/lineage/app/
COPY lineage_site /opt/lineage/app/lineage_site
COPY arena /opt/lineage/app/arena
COPY agents /opt/lineage/app/agents
COPY ml /opt/lineage/app/ml
COPY static /opt/lineage/app/static
COPY templates /opt/lineage/app/templates
COPY docs /opt/lineage/app/docs
RUN /opt/lineage/venv/bin/python -m compileall -q /opt/lineage/app

FROM ${BASE}
# nothing of the image is written to: all that a part writes goes to VAR_DIR, compiled kernels too,
# which are made at the first start for the processor that there is
COPY --from=build /opt/lineage /opt/lineage
RUN mkdir -m 0700 /var/lib/lineage && chown 10001:10001 /var/lib/lineage
ENV PATH=/opt/lineage/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/var/lib/lineage \
    VAR_DIR=/var/lib/lineage \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /opt/lineage/app
USER 10001:10001
VOLUME /var/lib/lineage
EXPOSE 8000
# of a part that serves pages; the others replace by themselves whoever stands still
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s --retries=6 \
    CMD ["python3", "-m", "lineage_site.launcher.answers"]
ENTRYPOINT ["python3", "-m", "lineage_site.launcher"]
