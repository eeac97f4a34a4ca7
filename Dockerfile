# volteface, and the Prefect server and workers of the same version (docs/install/docker.md).
# docker build -t volteface .

FROM python:3.11-slim-trixie AS build
# PyPI's torch for Linux brings gigabytes for GPUs; this index has the one for processors.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN python -m venv /opt/volteface
ENV PATH=/opt/volteface/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock ./
RUN pip install --index-url "$TORCH_INDEX" "$(grep '^torch==' requirements.lock)"
COPY . .
# The lock as constraints: what runs here is what was tested, without the tools for developing.
RUN pip install --constraint requirements.lock .

FROM python:3.11-slim-trixie
# For `volteface backup` and `restore` with PostgreSQL.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --home-dir /var/lib/volteface --shell /usr/sbin/nologin volteface
COPY --from=build /opt/volteface /opt/volteface
COPY config.yaml /etc/volteface/config.yaml
ENV PATH=/opt/volteface/bin:$PATH \
    HF_HUB_OFFLINE=1 \
    PYTHONUNBUFFERED=1 \
    PREFECT_HOME=/var/lib/volteface/prefect \
    VOLTEFACE_CONFIG=/etc/volteface/config.yaml
USER 10001
WORKDIR /var/lib/volteface
HEALTHCHECK --interval=5m --timeout=30s --start-period=30m --retries=3 CMD ["volteface", "health"]
ENTRYPOINT ["volteface"]
CMD ["serve"]
