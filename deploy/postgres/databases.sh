#!/bin/sh
# Run once by the image of Postgres, when its volume is empty: one role and database for Clara, one
# role and two databases for Temporal, and neither can enter the other's. Neither role is privileged.
set -eu

psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
    --set=clara="$POSTGRES_CLARA_PASSWORD" --set=temporal="$POSTGRES_TEMPORAL_PASSWORD" <<'SQL'
create role clara login password :'clara';
create role temporal login password :'temporal';

create database clara owner clara;
create database temporal owner temporal;
create database temporal_visibility owner temporal;

revoke all on database postgres, clara, temporal, temporal_visibility from public;
SQL

# Clara's role may not install extensions.
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=clara --command='create extension vector'
