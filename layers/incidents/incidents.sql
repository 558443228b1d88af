-- What the incidents room keeps beside its layer. Re-created whole on every upgrade.

-- Registration conditions with their limits, out of the code tables.
DROP VIEW IF EXISTS incidents.condition;
CREATE VIEW incidents.condition AS
SELECT
  condition.code, condition.name_zh, condition.name_en, condition.position,
  condition.extra ->> 'kind' AS kind,
  condition.extra ->> 'class_code' AS category,
  (condition.extra ->> 'limit_value')::integer AS limit_value,
  unit.code AS limit_unit,
  (condition.extra ->> 'limit_value')::integer * (unit.extra ->> 'unit_minutes')::integer * 60
    AS limit_seconds,
  unit.extra ->> 'counts_night' = '1' AS runs_always,
  (unit.extra ->> 'warn_percent')::integer AS warn_percent,
  closing.name_zh AS closing_zh,
  closing.name_en AS closing_en,
  condition.valid_to
FROM core.code AS condition
JOIN core.code AS unit
  ON unit.table_name = 'time_limit_unit' AND unit.code = condition.extra ->> 'limit_unit'
LEFT JOIN core.code AS closing
  ON closing.table_name = 'closing_condition'
  AND closing.code IN (
    condition.extra ->> 'class_code', regexp_replace(condition.extra ->> 'class_code', '..$', '')
  )
WHERE condition.table_name = 'registration_condition';

GRANT SELECT ON incidents.condition TO wangge_app;
