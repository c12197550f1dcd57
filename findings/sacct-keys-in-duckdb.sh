#!/usr/bin/env bash
# The key of a row of Slurm's accounting is another number for DuckDB where it comes as CSV, and two tasks of an array become one.
# DuckDB 1.5.6 (npm: @duckdb/node-api 1.5.6-r.1; needs node and npm); DBIndex as sacct -P of Slurm 24.11.5 printed it of the tasks of an array: since 24.11 it is a number of 64 bits, of which the first 12 are the cluster's id (2521 here; clusters of one name got others).
#   1. Whole numbers beyond 2^63 are guessed to be DOUBLE in CSV, whose neighbours are 2048 apart there: of four keys three are left, and a join by them has six rows. No error, nothing is rejected.
#   2. The same numbers in JSON are HUGEINT, and all four of them are there.
#   3. The keys of a cluster with the id 947 (26.05.5) lie below 2^63, are BIGINT and right: whether a query is right depends on a number that the cluster got when it was made.
# So DBIndex is read as UBIGINT (types = {...}) or as text.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
npm install --silent --no-fund --no-audit @duckdb/node-api@1.5.6-r.1 @duckdb/node-bindings-linux-x64@1.5.6-r.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >query.mjs <<'Q'
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create()).connect();
console.log((await connection.runAndReadAll(process.argv[2])).getRowsJson().map(row => row.join(' ')).join('; '));
Q
ask() { node query.mjs "$1"; }
keys=(11355413822033780736 11355413822033781760 11355413822033864704 11355413822033865728)
{ echo 'JobID|DBIndex'; paste -d'|' <(printf '198_%s\n' 0 1 2 3) <(printf '%s\n' "${keys[@]}"); } >tasks.csv
printf '{"DBIndex": %s}\n' "${keys[@]}" >tasks.json
printf '%s\n' 'JobID|DBIndex' '151_0|4266748008557686784' '151_1|4266748008557688832' >other.csv
kind() { ask "select column_type from (describe from '$1') where column_name = 'DBIndex'"; }
holds "CSV" DOUBLE "$(kind tasks.csv)"
holds "keys of four tasks" 3 "$(ask "select count(distinct DBIndex) from 'tasks.csv'")"
holds "rows of the four, joined with themselves" 6 "$(ask "select count(*) from 'tasks.csv' a join 'tasks.csv' b using (DBIndex)")"
holds "JSON" HUGEINT "$(kind tasks.json)"
holds "keys in it" 4 "$(ask "select count(distinct DBIndex) from 'tasks.json'")"
holds "another cluster" BIGINT "$(kind other.csv)"
holds "with types" 4 "$(ask "select count(distinct DBIndex) from read_csv('tasks.csv', types = {'DBIndex': 'UBIGINT'})")"
finish
