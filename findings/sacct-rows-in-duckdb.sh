#!/usr/bin/env bash
# DuckDB guesses the columns of sacct's rows from the first 20,000 or so, and then reads an array's task as another job, without an error.
# DuckDB 1.5.6 (npm: @duckdb/node-api 1.5.6-r.1; needs node and npm); rows in the form of sacct -P.
#   1. A JobID column that begins with plain numbers is BIGINT, and the task 30000_1 after them becomes the job 300001: an underscore between digits is a separator of thousands to it. ignore_errors does not drop it.
#   2. The same in a cast: '12_3'::INT is 123, while 12+0 and 12.batch, which are no numbers either, are null.
#   3. Elapsed is guessed to be a time of day. avg and max work, sum does not; a job of a day ends the reading, or makes all of the column text when it comes early.
#   4. '10:30', which is ten and a half minutes where Slurm prints it, is ten and a half hours as an INTERVAL.
# So ask with all columns as text (all_varchar), for JobIDRaw and ElapsedRaw; a test on a small file shows none of this.
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
npm install --silent --no-fund --no-audit @duckdb/node-api@1.5.6-r.1 @duckdb/node-bindings-linux-x64@1.5.6-r.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >query.mjs <<'X'
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create()).connect();
try {
    console.log((await connection.runAndReadAll(process.argv[2])).getRowsJson().map(row => row.join(' ')).join('; '));
} catch (error) {
    console.log(error.message.split('\n').filter(line => /Error/.test(line)).join(' '));
}
X
ask() { node query.mjs "$1"; }
rows() { echo 'JobID|State|Elapsed'; seq "$1" | sed 's/$/|COMPLETED|00:10:00/'; }
{ rows 20480; echo '30000_1|COMPLETED|00:20:00'; } >late.csv
{ rows 1000; echo '30000_1|COMPLETED|00:20:00'; } >early.csv
{ rows 20480; echo '30001|COMPLETED|1-02:03:04'; } >day.csv

holds "types" "BIGINT VARCHAR TIME" "$(ask "select column_type from (describe from 'late.csv')" | tr -d ';')"
holds "a task in row 20,481" 300001 "$(ask "select max(JobID) from 'late.csv'")"
holds "with ignore_errors" 300001 "$(ask "select max(JobID) from read_csv('late.csv', ignore_errors = true)")"
holds "a task in row 1,001" "VARCHAR 30000_1" "$(ask "select typeof(JobID), JobID from 'early.csv' where JobID like '%\\_%' escape '\\'")"
holds "with all_varchar" 30000_1 "$(ask "select JobID from read_csv('late.csv', all_varchar = true) where JobID like '30000%'")"
holds "casts of 12_3, 12+0, 12.batch" "123  " "$(ask "select try_cast('12_3' as int), try_cast('12+0' as int), try_cast('12.batch' as int)")"
holds "average of the run times" 00:10:00 "$(ask "select avg(Elapsed) from 'late.csv' where JobID < 9")"
holds "sum of the run times" "Binder Error: No function matches the given name and argument types 'sum(TIME)'. You might need to add explicit type casts." "$(ask "select sum(Elapsed) from 'late.csv'")"
holds "a job of a day in row 20,481" "Conversion Error: CSV Error on Line: 20482 Error when converting column \"Elapsed\". Could not convert string \"1-02:03:04\" to 'TIME'" "$(ask "select max(Elapsed) from 'day.csv'" | sed 's/ *$//')"
holds "10:30 as an interval, in hours" 10.5 "$(ask "select epoch('10:30'::interval) / 3600")"
finish
