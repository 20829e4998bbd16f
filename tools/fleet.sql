-- SPDX-License-Identifier: GPL-2.0
-- Which call site leaks most, over the runs of a fleet; for sqlite3, of Debian:
--
--   for f in *.data; do folio-trace export --format ndjson "$f"; done |
--       sqlite3 :memory: '.read tools/fleet.sql'
CREATE TABLE line (record TEXT);
.mode ascii
.separator "\037" "\n"
.import /dev/stdin line
CREATE TABLE run AS
	SELECT record ->> 'run' AS run, record ->> '$.verdict' AS verdict,
		record ->> '$.kernel.release' AS release
	FROM line WHERE record ->> 'type' = 'run';
CREATE TABLE finding AS
	SELECT record ->> 'run' AS run, record ->> 'verdict' AS verdict,
		coalesce(record ->> '$.place.function', '(not known)') AS site,
		record ->> 'kind' AS kind, record ->> 'order' AS "order"
	FROM line WHERE record ->> 'type' = 'finding';
.mode column
.headers on
SELECT site, kind, "order", count(DISTINCT run) AS runs, count(*) AS lost,
	round(100.0 * count(DISTINCT run) / (SELECT count(*) FROM run), 1) AS percent
FROM finding WHERE verdict = 'leak'
GROUP BY site, kind, "order" ORDER BY runs DESC, site;
