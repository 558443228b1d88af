"""Past inspections of the synthetic rentals: the last three visits of each, some with hazards."""

from __future__ import annotations

from sqlalchemy import Connection, text

_VISITS = text(
    """
    INSERT INTO housing.inspection (rental_id, inspected_on, result, hazard, rectify_by,
      rectified_on, findings, inspector, area_code, source)
    SELECT v.id, v.day, CASE WHEN v.kind IS NULL THEN 'passed' ELSE 'hazard' END, v.kind,
      CASE WHEN v.kind IS NOT NULL THEN
        CASE n WHEN 0 THEN v.next_inspection ELSE v.day + v.inspection_interval END END,
      CASE WHEN v.kind IS NOT NULL AND n > 0 THEN v.day + v.inspection_interval END,
      CASE v.kind WHEN '02' THEN '电动自行车在楼道充电' WHEN '01' THEN '门锁损坏，入住人员未登记'
        WHEN '99' THEN '阳台堆放杂物' END,
      w.name, v.area_code, 'synthetic'
    FROM (
      SELECT r.id, r.area_code, r.next_inspection, r.inspection_interval, n,
        r.last_inspection - n * r.inspection_interval AS day,
        CASE WHEN d.dice % 25 = 0 THEN
          (ARRAY['02', '02', '01', '99'])[1 + (d.dice / 25) % 4] END AS kind
      FROM housing.rental AS r
      CROSS JOIN generate_series(0, 2) AS n
      CROSS JOIN LATERAL (
        SELECT abs(hashtext(r.dwelling_id || '/' || n || '/' || :seed)::bigint) AS dice
      ) AS d
      WHERE r.source = 'synthetic' AND r.last_inspection IS NOT NULL
        AND r.inspection_interval IS NOT NULL
        AND NOT EXISTS (SELECT FROM housing.inspection AS i WHERE i.rental_id = r.id)
    ) AS v
    LEFT JOIN (
      SELECT DISTINCT ON (g.code) g.code, s.name
      FROM organisation.assignment AS a
      JOIN territory.grid AS g ON g.id = a.grid_id
      JOIN organisation.staff AS s ON s.id = a.staff_id
      WHERE a.valid_to IS NULL ORDER BY g.code, a.role DESC, a.id
    ) AS w ON w.code = v.area_code
    ORDER BY v.id, v.day
    """
)
_OPEN = text(
    """
    UPDATE housing.rental AS r SET hazard = i.hazard
    FROM housing.inspection AS i
    WHERE i.rental_id = r.id AND i.source = 'synthetic' AND i.result = 'hazard'
      AND i.rectified_on IS NULL AND r.hazard IS NULL
    """
)


def make_inspections(connection: Connection, seed: int) -> int:
    """Write the visits that the rentals' days of inspection say, as one set; how many they are."""
    written = connection.execute(_VISITS, {"seed": str(seed)}).rowcount
    connection.execute(_OPEN)
    return written
