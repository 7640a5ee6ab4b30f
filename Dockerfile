# PostgreSQL's official image with migr in it.
#
#   docker build --build-arg PG_MAJOR=18 -t postgres-migr:18 .
#
# It is used as the official one is; CREATE EXTENSION migr is left to whoever makes the
# database. examples/docker has a compose file for development and one for production.
ARG PG_MAJOR=18

FROM postgres:${PG_MAJOR} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc make libc6-dev "postgresql-server-dev-${PG_MAJOR}"
WORKDIR /src/migr
COPY Makefile migr.control ./
COPY bin bin
COPY doc doc
COPY sql sql
COPY src src
# Without bitcode, which would take another compiler and gain nothing.
RUN make -j"$(nproc)" with_llvm=no \
 && make install with_llvm=no DESTDIR=/installed

FROM postgres:${PG_MAJOR}
COPY --from=build /installed /
