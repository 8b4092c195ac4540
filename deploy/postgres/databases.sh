#!/bin/sh
# Run once by the image of Postgres, when its volume is empty: one role and database for Clara, one
# role and two databases for Temporal, and neither can enter the other's. Neither role is privileged.
# The locale is Postgres's own, so that an image with another C library does not change the order of
# text under existing indexes.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --set=clara="$POSTGRES_CLARA_PASSWORD" --set=temporal="$POSTGRES_TEMPORAL_PASSWORD" \
    --set=text="template template0 encoding 'UTF8' locale 'C' locale_provider builtin builtin_locale 'C.UTF-8'" <<'SQL'
create role clara login password :'clara';
create role temporal login password :'temporal';

create database clara owner clara :text;
create database temporal owner temporal :text;
create database temporal_visibility owner temporal :text;

revoke all on database postgres, clara, temporal, temporal_visibility from public;
SQL

# Clara's role may not install extensions.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=clara --command='create extension vector'
