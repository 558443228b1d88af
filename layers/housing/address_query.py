"""The one statement that finds the houses many addresses may mean. Values are named, not formatted.

`{b}`, `{c}` and `{d}` are where the reader may see buildings, compounds and dwellings; roads are
public to whoever may see the base map.
"""

MOST_BUILDINGS = 8
# Buildings this much worse than the best are not asked for their rooms.
WORSE_BY = 0.25
WRONG_LETTER = 0.75
# So many compounds are looked into whose names only begin with what is written.
MOST_NAMESAKES = 20

_TODAY = "({0}.valid_to IS NULL OR {0}.valid_to > core.today())"

# A building's own number without its mark: 3 of 3幢, 3号楼 and 3号.
_OWN = (
    "regexp_replace(upper(normalize(coalesce(b.number, CASE WHEN b.compound_id IS NOT NULL "
    "THEN substring(b.name from '[0-9A-Za-z]+(?:号楼|幢|栋|座|号)$') END), NFKC)), "
    "'^第|(号楼|号|幢|栋|座|楼)$', '', 'g')"
)
_ALIASES = "string_to_array(replace(replace({0}.alias, '，', '、'), ',', '、'), '、')"

_ASKED = """
asked AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(CAST(%(asked)s AS jsonb)) AS t(
    n int, street text, lane text, number text, compound text, building text, unit text,
    room text, community text, town text, county text, maybe_unit text,
    doors text[], houses text[])
), given AS (
  SELECT * FROM jsonb_to_recordset(CAST(%(named)s AS jsonb))
    AS t(n int, kind text, name text, weight float8)
), named AS MATERIALIZED (
  SELECT n, kind, name, weight, '' AS area FROM given
  UNION ALL
  SELECT g.n, a.kind, a.name, g.weight * 0.97, a.area_code FROM given AS g
  JOIN housing.address_alias AS a ON a.alias = g.name
)"""

# The same name but for one letter.
_ALIKE = (
    "length({0}) = length(s.name) AND {0} <> s.name AND (SELECT count(*) FROM "
    "generate_series(1, length(s.name)) AS i WHERE substr({0}, i, 1) = substr(s.name, i, 1)) "
    ">= length(s.name) - 1"
)

_PLACES = f"""
exact AS MATERIALIZED (
  SELECT DISTINCT ON (n, id) n, id, name, weight FROM (
    SELECT s.n, c.id, c.name, s.weight FROM named AS s
    JOIN housing.compound AS c ON c.name = s.name AND starts_with(c.area_code, s.area)
    WHERE s.kind = 'compound' AND {_TODAY.format("c")} AND {{c}}
    UNION ALL
    SELECT s.n, c.id, c.name, c.weight FROM named AS s CROSS JOIN LATERAL (
      SELECT c.id, c.name, CASE WHEN a.is_alias THEN 0.97 ELSE 0.85 END AS weight
      FROM housing.compound AS c
      CROSS JOIN LATERAL (SELECT s.name = ANY({_ALIASES.format("c")}) AS is_alias) AS a
      WHERE c.search_bigrams @> core.bigrams(s.name)
        AND (starts_with(c.name, s.name) OR a.is_alias) AND c.name <> s.name
        AND {_TODAY.format("c")} AND {{c}}
      ORDER BY a.is_alias DESC NULLS LAST, length(c.name), c.id LIMIT {MOST_NAMESAKES}
    ) AS c
    WHERE s.kind = 'compound' AND s.weight = 1
  ) AS all_found ORDER BY n, id, weight DESC
), alike AS MATERIALIZED (
  SELECT DISTINCT s.n, c.id, c.name, {WRONG_LETTER}::float8 AS weight
  FROM named AS s CROSS JOIN LATERAL unnest(core.bigrams(s.name)) AS piece
  JOIN housing.compound AS c ON c.search_bigrams @> ARRAY[piece] AND {_ALIKE.format("c.name")}
  WHERE s.kind = 'compound' AND s.weight = 1 AND length(s.name) >= 3
    AND s.n NOT IN (SELECT n FROM exact) AND {_TODAY.format("c")} AND {{c}}
), compounds AS MATERIALIZED (
  SELECT * FROM exact UNION ALL SELECT * FROM alike
), known AS MATERIALIZED (
  SELECT DISTINCT n FROM compounds
), streets AS MATERIALIZED (
  SELECT n, name, weight, area FROM named WHERE kind = 'street'
  UNION ALL
  SELECT DISTINCT s.n, r.name, {WRONG_LETTER}::float8, s.area
  FROM named AS s CROSS JOIN LATERAL unnest(core.bigrams(s.name)) AS piece
  JOIN territory.road AS r ON r.search_bigrams @> ARRAY[piece] AND {_ALIKE.format("r.name")}
  WHERE s.kind = 'street' AND s.weight = 1 AND length(s.name) >= 3
    AND s.n NOT IN (SELECT o.n FROM named AS o JOIN territory.road AS w ON w.name = o.name
      AND w.search_bigrams @> core.bigrams(o.name) WHERE o.kind = 'street')
)"""

_FOUND = f"""
found AS MATERIALIZED (
  SELECT q.n, b.id, max(k.weight) AS compound_fit, NULL::float8 AS street_fit
  FROM compounds AS k JOIN asked AS q ON q.n = k.n
  JOIN housing.building AS b ON b.compound_id = k.id
  WHERE {_TODAY.format("b")} AND {{b}} AND CASE
    WHEN q.building IS NOT NULL
      THEN {_OWN} IN (q.building, CASE WHEN q.maybe_unit IS NOT NULL THEN q.number END)
    WHEN q.number IS NOT NULL THEN {_OWN} = q.number OR b.house_number = ANY(q.houses)
    ELSE TRUE END
  GROUP BY q.n, b.id
  UNION ALL
  SELECT q.n, b.id, NULL, max(s.weight)
  FROM streets AS s JOIN asked AS q ON q.n = s.n
  JOIN housing.building AS b ON b.street = s.name AND b.house_number = ANY(q.houses)
  WHERE starts_with(b.area_code, s.area) AND {_TODAY.format("b")} AND {{b}}
    AND (q.building IS NULL OR {_OWN} IS NULL OR {_OWN} = q.building)
    AND (q.lane IS NULL OR {_OWN} IS NULL OR {_OWN} IN (q.number, q.building))
  GROUP BY q.n, b.id
  UNION ALL
  SELECT s.n, b.id, max(s.weight), NULL
  FROM named AS s JOIN housing.building AS b
    ON b.name = s.name OR b.alias = s.name
  WHERE s.kind IN ('compound', 'building') AND s.weight > 0.96 AND length(s.name) > 2
    AND starts_with(b.area_code, s.area)
    AND {_TODAY.format("b")} AND {{b}}
    AND s.n NOT IN (SELECT n FROM known)
  GROUP BY s.n, b.id
), houses AS (
  SELECT n, id, max(compound_fit) AS compound_fit, max(street_fit) AS street_fit
  FROM found GROUP BY n, id
)"""

# Each part that the text has is worth its weight, as far as the building agrees with it.
_JUDGED = f"""
judged AS (
  SELECT q.n, b.id, b.area_code, coalesce(b.address, b.name, '') AS title, (
      CASE WHEN q.compound IS NULL THEN 0 ELSE w.compound * coalesce(h.compound_fit,
        CASE WHEN strpos(concat(b.address, ' ', b.name), q.compound) > 0 THEN 1 ELSE 0 END) END
      + CASE WHEN q.street IS NULL THEN 0 ELSE 2 * coalesce(h.street_fit, CASE
          WHEN strpos(concat(b.address, ' ', b.street), q.street) > 0 THEN 1
          WHEN q.compound IS NULL THEN coalesce(h.compound_fit, 0)
          WHEN b.street IS NULL AND b.address IS NULL THEN 0.7 ELSE 0 END) END
      + CASE WHEN q.number IS NULL THEN 0
          WHEN b.house_number = ANY(q.doors) OR o.own = q.number THEN 2
          WHEN b.house_number IS NULL OR b.house_number = ANY(q.houses) THEN 1.4 ELSE 0 END
      + CASE WHEN q.building IS NOT NULL THEN
            CASE WHEN o.own = q.building THEN 3 WHEN o.own IS NULL AND q.maybe_unit IS NOT NULL
              THEN 2.7 WHEN o.own IS NULL THEN 1 WHEN q.maybe_unit IS NOT NULL THEN 2.4 ELSE 0 END
          WHEN o.own IS NULL OR o.own = q.number THEN 0 ELSE 0.5 END
      + CASE WHEN q.community IS NULL THEN 0 WHEN b.address IS NULL THEN 0.5
          WHEN strpos(b.address, q.community) > 0 THEN 0.7 ELSE 0 END
      + CASE WHEN q.town IS NULL THEN 0 WHEN b.address IS NULL THEN 0.3
          WHEN strpos(b.address, q.town) > 0 THEN 0.5 ELSE 0 END
      + CASE WHEN q.county IS NULL THEN 0 WHEN b.address IS NULL THEN 0.3
          WHEN strpos(b.address, q.county) > 0 THEN 0.5 ELSE 0 END
    ) / nullif(
      CASE WHEN q.compound IS NULL THEN 0 ELSE w.compound END
      + CASE WHEN q.street IS NULL THEN 0 ELSE 2 END
      + CASE WHEN q.number IS NULL THEN 0 ELSE 2 END
      + CASE WHEN q.building IS NOT NULL THEN 3
          WHEN o.own IS NULL OR o.own = q.number THEN 0 ELSE 2 END
      + CASE WHEN q.community IS NULL THEN 0 ELSE 0.7 END
      + CASE WHEN q.town IS NULL THEN 0 ELSE 0.5 END
      + CASE WHEN q.county IS NULL THEN 0 ELSE 0.5 END, 0) AS score
  FROM houses AS h JOIN asked AS q ON q.n = h.n JOIN housing.building AS b ON b.id = h.id
  CROSS JOIN LATERAL (SELECT {_OWN} AS own) AS o
  LEFT JOIN known AS k ON k.n = q.n
  -- A name that no compound has says little: a school, a shop, a former owner.
  CROSS JOIN LATERAL (SELECT CASE WHEN k.n IS NULL THEN 0.8 ELSE 3 END AS compound) AS w
), ranked AS (
  SELECT *, row_number() OVER (PARTITION BY n ORDER BY score DESC, id) AS place,
    max(score) OVER (PARTITION BY n) AS best FROM judged
), best AS MATERIALIZED (
  SELECT * FROM ranked WHERE place <= {MOST_BUILDINGS} AND score >= best - {WORSE_BY}
)"""

_UNIT = "regexp_replace(upper(d.unit), '(单元|门|梯)$', '')"

_HOMES = f"""
homes AS (
  SELECT t.n, t.id, d.id AS dwelling, CASE
      WHEN upper(d.room_number) = q.room AND q.unit = {_UNIT} THEN 1
      WHEN upper(d.room_number) = q.room AND q.unit IS NULL AND d.unit = '' THEN 1
      WHEN upper(d.room_number) = q.room AND q.maybe_unit = {_UNIT} THEN 1
      WHEN upper(d.room_number) = q.room AND (q.unit IS NULL OR d.unit = '') THEN 0.92
      WHEN q.unit IS NULL AND d.unit <> '' AND {_UNIT} || upper(d.room_number) = q.room THEN 0.92
    END AS fit
  FROM best AS t JOIN asked AS q ON q.n = t.n AND q.room IS NOT NULL
  JOIN housing.dwelling AS d ON d.building_id = t.id
  WHERE {_TODAY.format("d")} AND {{d}}
), rooms AS (
  SELECT *, row_number() OVER (PARTITION BY n, id ORDER BY fit DESC, dwelling) AS place
  FROM homes WHERE fit IS NOT NULL
)"""

STATEMENT = f"""
WITH {_ASKED}, {_PLACES}, {_FOUND}, {_JUDGED}, {_HOMES}
SELECT t.n, t.id, r.dwelling, round((t.score * coalesce(r.fit, 1))::numeric, 4)::float8,
  t.title, t.area_code
FROM best AS t LEFT JOIN rooms AS r ON r.n = t.n AND r.id = t.id AND r.place <= {MOST_BUILDINGS}
WHERE t.score > 0 ORDER BY t.n, 4 DESC, t.id
"""
