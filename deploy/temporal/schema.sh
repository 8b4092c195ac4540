#!/bin/sh
# Brings the schema of both of Temporal's databases to the version of this image; a second run changes
# nothing. The address and the password come from the SQL_* variables.
set -eu

for name in temporal visibility; do
    database=temporal
    [ "$name" = temporal ] || database=temporal_visibility
    SQL_DATABASE=$database temporal-sql-tool setup-schema -v 0.0
    SQL_DATABASE=$database temporal-sql-tool update-schema -d "/etc/temporal/schema/postgresql/v12/$name/versioned"
done
