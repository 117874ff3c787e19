# Two stages: Debian builds the release, and an empty image receives the binary with the few files
# it needs at run time. Build: docker build -t carillon .    Run: docker run -p 7464:7464 carillon
FROM debian:bookworm-slim AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      g++ cmake ninja-build pkgconf libboost1.81-dev rapidjson-dev libsqlite3-dev libpcre2-dev \
      libcli11-dev libspdlog-dev libssl-dev \
 && rm -rf /var/lib/apt/lists/*
COPY . /source
WORKDIR /source
RUN cmake --preset release && cmake --build --preset release --target carillon

# The root of the final image. The binary is static but for the C library, which resolves host names
# and so has to be dynamic; what ldd names is copied together with the loader, path by path.
RUN set -eu; root=/image; \
    mkdir -p $root/data $root/etc $root/tmp; \
    install -s build/release/carillon $root/carillon; \
    ldd $root/carillon | grep -o '/[^ ]*' | sort -u | while read -r library; do \
      install -D "$(readlink -f "$library")" "$root$library"; \
    done; \
    echo 'nonroot:x:65532:65532:nonroot:/data:/sbin/nologin' > $root/etc/passwd; \
    echo 'nonroot:x:65532:' > $root/etc/group; \
    echo 'hosts: files dns' > $root/etc/nsswitch.conf; \
    install -D -m 644 LICENSE $root/licenses/LICENSE; \
    install -D -m 644 NOTICE $root/licenses/NOTICE; \
    for package in libc6 libstdc++6 libsqlite3-0 libpcre2-8-0 libssl3 libspdlog-dev libfmt-dev; do \
      if [ -f /usr/share/doc/$package/copyright ]; then \
        install -D -m 644 /usr/share/doc/$package/copyright $root/licenses/$package; \
      fi; \
    done; \
    chmod 1777 $root/tmp; chown 65532:65532 $root/data

FROM scratch
LABEL org.opencontainers.image.title="carillon" \
      org.opencontainers.image.description="A local Amazon Chime SDK Messaging" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
# State is ephemeral; CARILLON_DATA=/data with a volume there keeps it.
ENV CARILLON_HOST=0.0.0.0
USER 65532:65532
EXPOSE 7464
HEALTHCHECK --interval=5s --timeout=5s --start-period=5s CMD ["/carillon", "ready", "--wait"]
ENTRYPOINT ["/carillon"]
