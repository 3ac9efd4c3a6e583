# syntax=docker/dockerfile:1
FROM rust:1-slim-bookworm AS build
# FEATURES=postgres-tls adds TLS towards PostgreSQL. It compiles OpenSSL, which asks for make and perl.
ARG FEATURES=""
RUN [ -z "$FEATURES" ] || { apt-get update && apt-get install -y --no-install-recommends make perl && rm -rf /var/lib/apt/lists/*; }
WORKDIR /src
COPY . .
# The caches outlive the build, so a change of ours compiles only our crate; hence the copy out of target/.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --features "$FEATURES" && cp target/release/hearback /usr/local/bin/

FROM debian:bookworm-slim
# A fixed number, so that a mounted folder can be given to it: chown 10001 data
RUN useradd --system --uid 10001 --create-home --home-dir /data hearback
COPY --from=build /usr/local/bin/hearback /usr/local/bin/
COPY LICENSE NOTICE /usr/share/doc/hearback/
USER hearback
WORKDIR /data
VOLUME /data
ENV HEARBACK_LISTEN=0.0.0.0:8080 \
    DATABASE_URL=sqlite:///data/hearback.db
EXPOSE 8080
# bash opens the connection itself: the image has no curl, and needs none for this.
HEALTHCHECK --start-period=30s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${HEARBACK_LISTEN##*:} && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["hearback"]
CMD ["serve"]
