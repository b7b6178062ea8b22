# OpenTier as an image: docker build -t opentier . (docs/serving.md says how it is run).
# Two stages: what is installed, from the lock alone and by its hashes; and what runs, which needs no compiler and no pip.
FROM python:3.11-slim AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/opentier
COPY constraints.txt /src/
RUN /opt/opentier/bin/python -m pip install --no-deps --only-binary :all: --require-hashes -r /src/constraints.txt
COPY pyproject.toml README.md LICENSE MANIFEST.in /src/
COPY ontology /src/ontology
COPY shapes /src/shapes
COPY graph /src/graph
COPY api /src/api
RUN /opt/opentier/bin/python -m pip install --no-deps --no-build-isolation /src \
 && /opt/opentier/bin/python -m pip check \
 && /opt/opentier/bin/python -m pip uninstall --yes pip setuptools

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin opentier \
 && install --directory --owner opentier /data
COPY --from=installed /opt/opentier /opt/opentier
ENV PATH=/opt/opentier/bin:$PATH OPENTIER_DATA=/data HOME=/tmp PYTHONUNBUFFERED=1 \
    FORWARDED_ALLOW_IPS=127.0.0.1,172.16.0.0/12
USER 10001
VOLUME /data
EXPOSE 8087
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8087/health', timeout=4)"]
ENTRYPOINT ["opentier"]
CMD ["serve", "--host", "0.0.0.0", "--behind-proxy", "--log", "json"]
