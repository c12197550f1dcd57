#!/usr/bin/env bash
# DuckDB orders the waits and run times of long jobs otherwise than by their length when they are intervals, and Parquet takes their microseconds.
# DuckDB 1.5.6 and hyparquet 1.33.0 (npm: @duckdb/node-api 1.5.6-r.1; needs node and npm).
#   1. age(end, start) counts in months, and epoch takes each for 30 days: a job from 28 February to 28 March ran for 28 days and has 30, one of March the 1st to April the 1st ran for 31 and has 30.
#   2. Twelve of those months are 365.25 days to epoch and 360 to a comparison: 361 days are more than a year to max and >, and fewer seconds than one to epoch. One year equals 360 days.
#   3. end - start counts in days and has none of this; neither can be summed, nor has it a quantile, while avg, min and max do take them.
#   4. An interval in Parquet has whole milliseconds: 1.234567 s come back as 1.234 s, without a word, and 400 µs as nothing. hyparquet refuses the file at all.
# So durations are numbers: epoch(end) - epoch(start).
# shellcheck source=findings/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
npm install --silent --no-fund --no-audit @duckdb/node-api@1.5.6-r.1 @duckdb/node-bindings-linux-x64@1.5.6-r.1 hyparquet@1.33.0 hyparquet-compressors@1.1.1 >npm.log 2>&1 || { cat npm.log; exit 2; }
cat >query.mjs <<'Y'
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create()).connect();
try {
    console.log((await connection.runAndReadAll(process.argv[2])).getRowsJson().map(row => row.join(' ')).join('; '));
} catch (error) {
    console.log(error.message.split('\n').filter(line => /Error/.test(line)).join(' '));
}
Y
cat >read.mjs <<'Y'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
try {
    console.log(await parquetReadObjects({ file: await asyncBufferFromFile(process.argv[2]), compressors }));
} catch (error) {
    console.log(error.message);
}
Y
ask() { node query.mjs "$1"; }
days() { ask "select epoch($1) / 86400"; }
waits="(values (interval '1 year'), (interval '361 days')) waits(wait)"

holds "days from 28 February to 28 March, by age" 30 "$(days "age(timestamp '2026-03-28', timestamp '2026-02-28')")"
holds "days from 28 February to 28 March, by minus" 28 "$(days "timestamp '2026-03-28' - timestamp '2026-02-28'")"
holds "days from 1 March to 1 April, by age" 30 "$(days "age(timestamp '2026-04-01', timestamp '2026-03-01')")"
holds "days of 11 and of 12 months" "330 365.25" "$(days "interval '11 months'") $(days "interval '12 months'")"

holds "the longer of a year and 361 days" "361 days" "$(ask "select max(wait)::varchar from $waits")"
holds "the longer in seconds" "1 year" "$(ask "select wait::varchar from $waits order by epoch(wait) desc limit 1")"
holds "a year equals 360 days, and in seconds" "true false" "$(ask "select interval '1 year' = interval '360 days', epoch(interval '1 year') = epoch(interval '360 days')")"

holds "sum" "Binder Error: No function matches the given name and argument types 'sum(INTERVAL)'. You might need to add explicit type casts." "$(ask "select sum(wait) from $waits" | sed 's/ *$//')"
holds "quantile" "Binder Error: No function matches the given name and argument types 'quantile_cont(INTERVAL, DECIMAL(2,1))'. You might need to add explicit type casts." "$(ask "select quantile_cont(wait, 0.5) from $waits" | sed 's/ *$//')"
holds "average" "1 day 12:00:00" "$(ask "select avg(wait)::varchar from (values (interval '1 day'), (interval '2 days')) waits(wait)")"

ask "copy (select interval '1.234567 seconds' wait, interval '400 microseconds' short) to 'waits.parquet'" >copy.log
holds "1.234567 s and 400 µs through Parquet" "00:00:01.234 00:00:00" "$(ask "select wait::varchar, short::varchar from 'waits.parquet'")"
holds "hyparquet" "parquet interval not supported" "$(node read.mjs waits.parquet)"
finish
