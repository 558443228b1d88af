"""Visits under the synthetic care records, and services for elderly people."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, text

from layers.core.sealing import Sealer

FOUND = (
    "身体尚可，按期服药，家中用电用气安全。",
    "腿脚不便，协助打扫卫生并代购生活用品。",
    "情绪平稳，陪同聊天，提醒添衣保暖。",
    "血压偏高，已联系社区医生上门测量。",
    "帮助查看补贴发放情况，一切正常。",
    "子女周末来看望，近期无特别需要。",
)
NEXT_STEPS = ("下次带血压计复测", "联系助餐点送餐", "协助申请适老化改造")
WISHES = (
    ("housekeeping", "请人上门打扫厨房卫生间"),
    ("housekeeping", "每周两次钟点工做午饭"),
    ("health_care", "上门测血压血糖"),
    ("health_care", "术后换药"),
    ("repair", "水龙头漏水"),
    ("repair", "楼道灯不亮，家中插座松动"),
    ("errands", "代缴水电费"),
    ("errands", "代办老年优待证"),
    ("other", "安装紧急呼叫器"),
)

_DICE = "abs(hashtext({what} || '/' || :seed)::bigint)"
_VISITS = text(
    f"""
    INSERT INTO people.care_visit (record_id, visited_on, kind, found, found_cipher, next_step,
      visited_by, area_code, source)
    SELECT v.id, v.day,
      (ARRAY['home_visit', 'home_visit', 'home_visit', 'phone_call', 'daily_help', 'health',
        'company'])[1 + v.dice % 7],
      '＊＊＊', (CAST(:found AS bytea[]))[1 + v.dice % :kinds],
      CASE WHEN v.dice % 5 = 0 THEN (CAST(:steps AS text[]))[1 + v.dice / 5 % :plans] END,
      coalesce(w.name, v.responsible), v.area_code, 'synthetic'
    FROM (
      SELECT c.id, c.area_code, c.responsible, c.last_visit - n * c.visit_interval AS day,
        {_DICE.format(what="c.person_id || '/' || c.care_group || '/' || n")} AS dice
      FROM people.care_record AS c CROSS JOIN generate_series(0, 2) AS n
      WHERE c.source = 'synthetic' AND c.last_visit - n * c.visit_interval >= c.valid_from
        AND NOT EXISTS (SELECT FROM people.care_visit AS w WHERE w.record_id = c.id)
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
_PROVIDERS = text(
    f"""
    INSERT INTO people.service_provider (name, phone, offers_housekeeping, offers_health_care,
      offers_repair, offers_errands, offers_other, area_code, source)
    SELECT coalesce(a.name, '') || k.name,
      '1999' || lpad(({_DICE.format(what="c.community || k.name")} % 10000000)::text, 7, '0'),
      k.home, k.home, NOT k.home, k.home, NOT k.home, c.community, 'synthetic'
    FROM (
      SELECT DISTINCT left(area_code, 12) AS community
      FROM people.care_record WHERE source = 'synthetic'
    ) AS c
    CROSS JOIN (VALUES ('为老服务中心', TRUE), ('便民维修站', FALSE)) AS k (name, home)
    LEFT JOIN territory.area AS a ON a.area_code = c.community AND a.valid_to IS NULL
    WHERE NOT EXISTS (SELECT FROM people.service_provider AS p WHERE p.area_code = c.community)
    ORDER BY c.community, k.home DESC
    """
)
_SERVICES = text(
    f"""
    INSERT INTO people.elderly_service (person_id, kind, requested_on, wish, provider_id, state,
      done_on, follow_up_on, satisfaction, remark, area_code, source)
    SELECT s.person_id, s.kind, s.asked, s.wish, CASE WHEN s.state <> 'requested' THEN o.id END,
      s.state, s.done, s.followed,
      CASE WHEN s.followed IS NOT NULL THEN
        (ARRAY['satisfied', 'satisfied', 'satisfied', 'fairly_satisfied', 'unsatisfied'])
          [1 + s.dice / 7 % 5] END,
      CASE WHEN s.followed IS NOT NULL AND s.dice / 7 % 5 = 4 THEN '等候时间较长' END,
      s.area_code, 'synthetic'
    FROM (
      SELECT d.*, (CAST(:kinds AS text[]))[1 + d.dice / 3 % :wishes] AS kind,
        (CAST(:texts AS text[]))[1 + d.dice / 3 % :wishes] AS wish,
        CASE WHEN d.state = 'done' THEN d.asked + 3 END AS done,
        CASE WHEN d.state = 'done' AND d.dice % 10 >= 6 THEN d.asked + 5 END AS followed
      FROM (
        SELECT e.person_id, e.area_code, e.dice,
          CASE WHEN e.dice % 10 < 3 THEN 'requested' WHEN e.dice % 10 < 5 THEN 'assigned'
            ELSE 'done' END AS state,
          CAST(:today AS date) - CASE WHEN e.dice % 10 < 5 THEN 1 + e.dice / 11 % 9
            ELSE 6 + e.dice / 11 % 50 END::integer AS asked
        FROM (
          SELECT DISTINCT ON (c.person_id) c.person_id, p.area_code,
            {_DICE.format(what="c.person_id || '/service'")} AS dice
          FROM people.care_record AS c JOIN people.person AS p ON p.id = c.person_id
          WHERE c.source = 'synthetic'
            AND p.birth_date + interval '60 years' <= CAST(:today AS date)
            AND NOT EXISTS (SELECT FROM people.elderly_service AS s WHERE s.person_id = c.person_id)
        ) AS e WHERE e.dice / 13 % 3 = 0
      ) AS d
    ) AS s
    LEFT JOIN LATERAL (
      SELECT p.id FROM people.service_provider AS p WHERE p.area_code = left(s.area_code, 12)
        AND (to_jsonb(p) ->> ('offers_' || s.kind))::boolean ORDER BY p.id LIMIT 1
    ) AS o ON TRUE
    WHERE s.state = 'requested' OR o.id IS NOT NULL
    ORDER BY s.person_id
    """
)


def make_care(connection: Connection, seed: int, sealer: Sealer, today: date) -> dict[str, int]:
    """Write visits, providers and services that suit the care records; how many by table."""
    found = [sealer.seal("care_visits.found", each) for each in FOUND]
    values = {"seed": str(seed), "found": found, "kinds": len(FOUND)}
    values |= {"steps": list(NEXT_STEPS), "plans": len(NEXT_STEPS)}
    visits = connection.execute(_VISITS, values).rowcount
    providers = connection.execute(_PROVIDERS, {"seed": str(seed)}).rowcount
    asked = {"seed": str(seed), "today": today, "wishes": len(WISHES)}
    asked |= {"kinds": [kind for kind, _ in WISHES], "texts": [wish for _, wish in WISHES]}
    services = connection.execute(_SERVICES, asked).rowcount
    return {
        "people.care_visit": visits,
        "people.service_provider": providers,
        "people.elderly_service": services,
    }


def remove_care(connection: Connection) -> None:
    """Delete synthetic services and those synthetic providers that no other service names."""
    connection.execute(text("DELETE FROM people.elderly_service WHERE source = 'synthetic'"))
    connection.execute(
        text(
            "DELETE FROM people.service_provider AS p WHERE p.source = 'synthetic' AND NOT EXISTS "
            "(SELECT FROM people.elderly_service AS s WHERE s.provider_id = p.id)"
        )
    )
    # The same city again has the same numbers.
    if not connection.execute(text("SELECT count(*) FROM people.service_provider")).scalar_one():
        connection.execute(text("ALTER TABLE people.service_provider ALTER id RESTART"))
