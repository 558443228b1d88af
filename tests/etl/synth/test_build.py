"""The synthetic city in a real database: whole, placed, sealed, and only once."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text

from etl.synth import SynthError, build, build_over
from etl.synth.store import TABLES
from layers.core.database import owner_transaction
from layers.core.sealing import Sealer
from tests.harness import TEST_KEY

SEALER = Sealer(TEST_KEY)


def count(engine: Engine, question: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {question}")).scalar_one())


CARE = ("people.care_visit", "people.service_provider", "people.elderly_service")


def content(connection: Connection, table: str) -> str:
    """A digest of all rows of a table without what time and sealing change."""
    columns = connection.execute(
        text(
            "SELECT string_agg(format('%I', column_name), ', ' ORDER BY column_name) "
            "FROM information_schema.columns WHERE table_schema || '.' || table_name = :table "
            "AND column_name <> 'updated_at' AND column_name NOT LIKE '%\\_cipher'"
        ),
        {"table": table},
    ).scalar_one()
    return str(
        connection.execute(
            text(
                "SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) "
                f"FROM (SELECT {columns} FROM {table}) AS t"
            )
        ).scalar_one()
    )


def schema(engine: Engine) -> list[tuple[str, str]]:
    """Every index, key and check with its definition, and the state of every trigger."""
    with engine.connect() as connection:
        return [
            (str(name), str(definition))
            for name, definition in connection.execute(
                text(
                    "SELECT schemaname || '.' || indexname, indexdef FROM pg_indexes "
                    "WHERE tablename NOT LIKE 'position_2%' UNION ALL "
                    "SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) "
                    "FROM pg_constraint WHERE conrelid <> 0 "
                    "AND conrelid::regclass::text NOT LIKE '%position_2%' UNION ALL "
                    "SELECT tgrelid::regclass || '.' || tgname, tgenabled::text FROM pg_trigger "
                    "WHERE NOT tgisinternal ORDER BY 1, 2"
                )
            )
        ]


def test_the_city_is_built_once_and_replaced_on_demand(engine: Engine) -> None:
    before = schema(engine)
    report = build(engine, scale="demo", seed=1, sealer=SEALER)
    assert schema(engine) == before
    assert report.rows["people.person"] == 25_000
    assert report.load_rows_per_second > 0
    assert report.load_against_table > report.load_against_heap > 0
    with pytest.raises(SynthError, match="already"):
        build(engine, scale="demo", seed=1, sealer=SEALER)
    with engine.connect() as connection:
        tables = (*TABLES, "housing.inspection", *CARE)
        first = {table: content(connection, table) for table in tables if "position" not in table}
    build(engine, scale="demo", seed=1, sealer=SEALER, replace=True)
    with engine.connect() as connection:
        again = {table: content(connection, table) for table in first}
    assert again == first
    with owner_transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO places.camera (name, source, source_key, geom) VALUES "
                "('真实', 'osm', '1', ST_SetSRID(ST_MakePoint(113.9, 22.5), 4326))"
            )
        )
    build(engine, scale="demo", seed=2, sealer=SEALER, replace=True)
    with engine.connect() as connection:
        assert content(connection, "housing.building") != first["housing.building"]
    assert count(engine, "places.camera WHERE source = 'osm'") == 1, "what is real stays"
    assert count(engine, "places.camera WHERE source = 'synthetic'") == 320
    assert schema(engine) == before


def test_an_unknown_scale_is_refused(engine: Engine) -> None:
    with pytest.raises(SynthError, match="demo, district"):
        build(engine, scale="planet", seed=1, sealer=SEALER)


@pytest.mark.parametrize(
    "wrong",
    [
        "housing.building WHERE area_code <> core.area_at(ST_PointOnSurface(geom))",
        "places.component WHERE area_code <> core.area_at(geom)",
        "places.camera WHERE area_code <> core.area_at(geom)",
        "incidents.incident WHERE area_code <> core.area_at(geom) OR closed_at < reported_at",
        "territory.green WHERE NOT ST_IsValid(geom)",
        "territory.water WHERE NOT ST_IsValid(geom)",
        "housing.building WHERE NOT ST_IsValid(geom)",
        "housing.dwelling AS d JOIN housing.building AS b ON b.id = d.building_id "
        "WHERE d.area_code <> b.area_code",
        "people.residence AS r JOIN housing.dwelling AS d ON d.id = r.dwelling_id "
        "WHERE r.building_id <> d.building_id OR r.area_code <> d.area_code",
        "people.person AS p JOIN people.residence AS r ON r.person_id = p.id "
        "WHERE r.valid_to IS NULL AND p.area_code <> r.area_code",
        "people.person AS p WHERE NOT EXISTS (SELECT FROM people.residence AS r "
        "WHERE r.person_id = p.id AND r.valid_to IS NULL)",
        "people.person WHERE name NOT LIKE '%*%' OR id_number NOT LIKE '99%********%'",
        "people.person WHERE phone NOT LIKE '199****%'",
        "housing.rental AS r WHERE last_inspection <> (SELECT max(inspected_on) FROM "
        "housing.inspection AS i WHERE i.rental_id = r.id)",
        "housing.inspection AS i JOIN housing.rental AS r ON r.id = i.rental_id "
        "WHERE i.area_code <> r.area_code OR i.inspector IS NULL",
        "housing.rental AS r WHERE (hazard IS NOT NULL) <> EXISTS (SELECT FROM "
        "housing.inspection AS i WHERE i.rental_id = r.id AND i.result = 'hazard' "
        "AND i.rectified_on IS NULL)",
        "people.care_record AS c WHERE last_visit IS DISTINCT FROM (SELECT max(visited_on) FROM "
        "people.care_visit AS v WHERE v.record_id = c.id)",
        "people.care_visit AS v JOIN people.care_record AS c ON c.id = v.record_id "
        "WHERE v.area_code <> c.area_code OR v.visited_on < c.valid_from",
        "people.elderly_service AS s JOIN people.person AS p ON p.id = s.person_id "
        "WHERE s.area_code <> p.area_code OR p.birth_date > s.requested_on - interval '60 years'",
        "people.elderly_service AS s JOIN people.service_provider AS p ON p.id = s.provider_id "
        "WHERE NOT (to_jsonb(p) ->> ('offers_' || s.kind))::boolean "
        "OR left(s.area_code, 12) <> p.area_code",
    ],
)
def test_no_row_is_wrong(city_engine: Engine, wrong: str) -> None:
    assert count(city_engine, wrong) == 0


def test_care_has_life_and_keeps_modest(city_engine: Engine) -> None:
    records = count(city_engine, "people.care_record")
    visits = count(city_engine, "people.care_visit")
    assert 2 * records < visits <= 3 * records
    overdue = "people.care_record WHERE last_visit + visit_interval < DATE '2026-11-20'"
    assert 0.05 * records < count(city_engine, overdue) < 0.25 * records
    assert count(city_engine, "people.care_record WHERE review_date < DATE '2026-11-20'") > 0
    for state in ("requested", "assigned", "done"):
        assert count(city_engine, f"people.elderly_service WHERE state = '{state}'") > 0
    assert count(city_engine, "people.elderly_service") < 0.3 * records


def test_every_code_of_a_code_table_is_known(city_engine: Engine) -> None:
    from layers.catalogue import LAYERS

    with city_engine.connect() as connection:
        for layer in LAYERS:
            for name, info in layer.fields.items():
                if info.codes is None:
                    continue
                unknown = connection.execute(
                    text(
                        f'SELECT DISTINCT "{name}" FROM {layer.qualified_table} '
                        f'WHERE "{name}" IS NOT NULL AND NOT EXISTS (SELECT FROM core.code '
                        f'WHERE table_name = :table AND code = "{name}")'
                    ),
                    {"table": info.codes},
                ).scalars()
                assert list(unknown) == [], f"{layer.name}.{name}"


def test_a_person_is_found_by_the_blind_index_and_opened_with_the_key(city_engine: Engine) -> None:
    with city_engine.connect() as connection:
        sealed = connection.execute(
            text("SELECT id_number_cipher FROM people.person WHERE id = 100")
        ).scalar_one()
        number = SEALER.open("persons.id_number", sealed)
        found = connection.execute(
            text("SELECT id FROM people.person WHERE id_number_index = :index"),
            {"index": SEALER.blind("persons.id_number", number)},
        ).scalars()
        assert list(found) == [100]


def test_real_buildings_are_filled_and_their_estimates_marked(engine: Engine) -> None:
    with pytest.raises(SynthError, match="no loaded building"):
        build_over(engine, seed=1, sealer=SEALER)
    with owner_transaction(engine) as connection:
        for number in range(12):
            west = 113.9 + number * 0.001
            levels = 9 if number == 0 else None
            connection.execute(
                text(
                    "INSERT INTO housing.building (name, levels, source, source_key, geom) VALUES "
                    "(:name, :levels, 'osm', :key, ST_Multi(ST_MakeEnvelope("
                    ":west, 22.5, :west + 0.00045, 22.50012, 4326)))"
                ),
                {"name": f"{number}号楼", "levels": levels, "key": str(number), "west": west},
            )
    report = build_over(engine, seed=1, sealer=SEALER)
    assert report.rows["housing.building"] == 12
    assert report.rows["people.person"] > 100
    assert count(engine, "housing.building WHERE levels IS NULL OR height IS NULL") == 0
    assert count(engine, "housing.building WHERE levels_estimated") == 11
    assert count(engine, "housing.building WHERE levels = 9 AND NOT levels_estimated") == 1
    assert count(engine, "people.person WHERE id_number NOT LIKE '99%'") == 0
    with pytest.raises(SynthError, match="no loaded building"):
        build_over(engine, seed=1, sealer=SEALER)
