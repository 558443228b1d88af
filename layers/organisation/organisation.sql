-- What a unit or an employee is called, for whoever deals with them: a case of one grid may be in
-- the hands of a department of the district, whose row the grid's worker does not see.

CREATE OR REPLACE FUNCTION organisation.unit_name(asked bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT name FROM organisation.unit WHERE id = asked
$$;

CREATE OR REPLACE FUNCTION organisation.staff_name(asked bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT name FROM organisation.staff WHERE id = asked
$$;

REVOKE ALL ON FUNCTION organisation.unit_name(bigint), organisation.staff_name(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organisation.unit_name(bigint), organisation.staff_name(bigint)
  TO wangge_app;
