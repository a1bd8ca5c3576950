ARG GREETING=nothing
FROM base AS first
ARG GREETING
ARG FROM_OUTSIDE=unset
RUN echo "$GREETING $FROM_OUTSIDE" > /args
RUN --mount=type=secret,id=token --mount=type=secret,id=said cat /run/secrets/token /run/secrets/said > /secrets
FROM first AS wanted
COPY --from=shared . /shared
COPY --from=plain /bin/busybox /plain
COPY . /own
FROM scratch AS unwanted
RUN ["/no-such-program"]
