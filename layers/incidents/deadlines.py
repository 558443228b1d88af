"""Any number of deadlines by one statement: the set-based sibling of `deadline`."""

from layers.incidents.deadline import WORKING_DAY_SECONDS

# How a pause counts: what is used up when it begins is the reading there less that at the start and
# less the pauses before; a pause that begins later than the limit ends is none.
_DEADLINES = """
WITH clock AS MATERIALIZED (SELECT starts, befores, offsets FROM incidents.working_clock),
limits AS MATERIALIZED (
  SELECT code, runs_always, limit_seconds, warn_percent,
    CASE WHEN runs_always THEN 86400 ELSE /*working day*/ END AS day
  FROM incidents.condition
),
cases AS (
  SELECT key, start, pauses, runs_always, seconds * bigint '1000000' AS span,
    greatest(seconds * warn_percent / 100, 1) * bigint '1000000' AS near
  FROM (
    SELECT key, start, pauses, runs_always, warn_percent,
      limit_seconds + extra_days * day AS seconds
    FROM (/*cases*/) AS asked JOIN limits ON code = condition
  ) AS asked
),
begun AS (
  SELECT key, runs_always, span, near,
    CASE WHEN runs_always THEN at WHEN place > 0 THEN least(
      at - (SELECT offsets FROM clock)[place], (SELECT befores FROM clock)[place + 1]
    ) END AS began
  FROM (
    SELECT key, runs_always, span, near, at,
      width_bucket(at, (SELECT starts FROM clock)) AS place
    FROM (
      SELECT key, runs_always, span, near, (date_part('epoch', start) * 1000000)::bigint AS at
      FROM cases
    ) AS moment
    OFFSET 0
  ) AS moment
  OFFSET 0
),
paused AS (
  SELECT key,
    sum(lasted) FILTER (WHERE used < near)::bigint AS before_near,
    sum(lasted) FILTER (WHERE used < span)::bigint AS before_span
  FROM (
    SELECT key, near, span, lasted,
      reading - began - coalesce(sum(lasted) OVER earlier, 0) AS used
    FROM (
      SELECT key, near, span, reading,
        incidents.clock_reading(start, runs_always) AS began,
        incidents.clock_reading(upper(pause), runs_always) - reading AS lasted
      FROM cases,
        unnest(pauses) AS pause,
        incidents.clock_reading(greatest(lower(pause), start), runs_always) AS reading
      WHERE upper(pause) > start
    ) AS pause
    WINDOW earlier AS (
      PARTITION BY key ORDER BY reading ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
  ) AS pause
  GROUP BY key
)
SELECT key,
  incidents.moment_of(
    began + near + coalesce(before_near, 0), runs_always,
    (SELECT befores FROM clock), (SELECT offsets FROM clock)
  ) AS warn_at,
  incidents.moment_of(
    began + span + coalesce(before_span, 0), runs_always,
    (SELECT befores FROM clock), (SELECT offsets FROM clock)
  ) AS due_at
FROM begun LEFT JOIN paused USING (key)
"""


def deadlines_of(cases: str) -> str:
    """SQL that gives `key, warn_at, due_at` for each case that `cases` selects.

    `cases` is a select of `key`, `start` (timestamptz), `condition` (a code), `pauses`
    (tstzmultirange, finished suspensions) and `extra_days` (granted on top, integer). A case whose
    condition is unknown is left out; both moments are null where the working calendar of the
    database does not reach.
    """
    asked = _DEADLINES.replace("/*working day*/", str(WORKING_DAY_SECONDS))
    return asked.replace("/*cases*/", cases)
