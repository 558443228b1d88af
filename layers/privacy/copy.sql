-- A subject's own copy: all that is held about one person, wherever it lies, for who may reveal where
-- the person belongs; logged. Care only with its right. Re-created whole on every upgrade.

-- The part of it that needs the right to care; who asks has found the rows.
CREATE OR REPLACE FUNCTION privacy.copy_of_care(records bigint[], visits bigint[], services bigint[])
RETURNS jsonb LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT jsonb_build_object(
    'care_records', (SELECT jsonb_agg(to_jsonb(c) ORDER BY c.valid_from NULLS FIRST, c.id)
      FROM people.care_record AS c WHERE c.id = ANY (records)),
    -- Who visited is a member of staff or a volunteer.
    'care_visits', (SELECT jsonb_agg(to_jsonb(v) - 'visited_by' ORDER BY v.visited_on, v.id)
      FROM people.care_visit AS v WHERE v.id = ANY (visits)),
    'elderly_services', (SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('provider', s.name)
        ORDER BY e.requested_on, e.id)
      FROM people.elderly_service AS e
      LEFT JOIN people.service_provider AS s ON s.id = e.provider_id WHERE e.id = ANY (services))
  )
$$;

CREATE OR REPLACE FUNCTION privacy.subject_copy(
  asked bigint, who bigint, login_name text, why text
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found people.person%ROWTYPE;
  persons bigint[];
  homes bigint[];
  records bigint[];
  visits bigint[];
  services bigint[];
  held jsonb;
BEGIN
  IF length(btrim(coalesce(why, ''))) < 4 THEN
    RAISE EXCEPTION 'a reason of at least 4 characters is needed' USING ERRCODE = '22023';
  END IF;
  SELECT * INTO found FROM people.person WHERE id = asked;
  IF found.id IS NULL OR NOT found.area_code LIKE ANY (core.scope('people:reveal'))
     OR NOT found.area_code LIKE ANY (core.scope('people:read')) THEN
    RETURN NULL;
  END IF;
  persons := ARRAY(SELECT id FROM people.person WHERE id = asked OR merged_into = asked ORDER BY id);
  homes := ARRAY(SELECT id FROM people.residence WHERE person_id = ANY (persons));
  records := ARRAY(SELECT id FROM people.care_record WHERE person_id = ANY (persons)
    AND area_code LIKE ANY (core.scope('care:read')));
  visits := ARRAY(SELECT id FROM people.care_visit WHERE record_id = ANY (records));
  services := ARRAY(SELECT id FROM people.elderly_service WHERE person_id = ANY (persons)
    AND area_code LIKE ANY (core.scope('care:read')));
  held := jsonb_build_object(
    'persons', (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id <> asked, p.id)
      FROM people.person AS p WHERE p.id = ANY (persons)),
    'residences', (SELECT jsonb_agg(to_jsonb(r) || jsonb_build_object('place',
        concat_ws(' ', coalesce(d.address, b.address, b.name), nullif(d.unit, ''), d.room_number))
        ORDER BY r.valid_from NULLS FIRST, r.id)
      FROM people.residence AS r JOIN housing.dwelling AS d ON d.id = r.dwelling_id
      LEFT JOIN housing.building AS b ON b.id = d.building_id WHERE r.id = ANY (homes)),
    -- Of a room while the person lived there; the lessor is somebody else.
    'rentals', (SELECT jsonb_agg(jsonb_build_object('place',
        concat_ws(' ', coalesce(d.address, b.address, b.name), nullif(d.unit, ''), d.room_number),
        'rental_class', t.rental_class, 'usage', t.usage, 'valid_from', t.valid_from,
        'valid_to', t.valid_to) ORDER BY t.valid_from NULLS FIRST, t.id)
      FROM housing.rental AS t JOIN housing.dwelling AS d ON d.id = t.dwelling_id
      LEFT JOIN housing.building AS b ON b.id = d.building_id
      WHERE EXISTS (SELECT FROM people.residence AS r WHERE r.id = ANY (homes)
        AND r.dwelling_id = t.dwelling_id
        AND coalesce(r.valid_from, '-infinity') < coalesce(t.valid_to, 'infinity')
        AND coalesce(t.valid_from, '-infinity') < coalesce(r.valid_to, 'infinity'))),
    'proposals', (SELECT jsonb_agg(jsonb_build_object('layer', q.layer, 'operation', q.operation,
        'values', q."values" || q.correction, 'sealed', q.sealed, 'state', q.state,
        'reason', q.reason, 'proposed_at', q.proposed_at, 'decided_at', q.decided_at) ORDER BY q.id)
      FROM people.proposal AS q
      WHERE q.layer = 'persons' AND q.feature_id = ANY (persons)
        OR q.layer = 'residences' AND (q.feature_id = ANY (homes)
          OR q."values" -> 'person_id' = ANY (SELECT to_jsonb(n) FROM unnest(persons) AS n))),
    'history', (SELECT jsonb_agg(jsonb_build_object('layer', h.layer, 'feature_id', h.feature_id,
        'at', h.at, 'action', h.action, 'before', h.before, 'after', h.after, 'sealed', h.sealed)
        ORDER BY h.id)
      FROM core.history AS h
      WHERE h.layer = 'persons' AND h.feature_id = ANY (persons)
        OR h.layer = 'residences' AND h.feature_id = ANY (homes)
        OR h.layer = 'care_records' AND h.feature_id = ANY (records)
        OR h.layer = 'care_visits' AND h.feature_id = ANY (visits)
        OR h.layer = 'elderly_services' AND h.feature_id = ANY (services)),
    -- The department and not the member of staff: the platform answers for whom it employs.
    'looks', (SELECT jsonb_agg(jsonb_build_object('at', l.at, 'action', l.action,
        'field', l.detail ->> 'field', 'unit', u.name, 'reason', l.reason) ORDER BY l.id)
      FROM core.audit AS l
      LEFT JOIN organisation.account AS a ON a.login = l.login
      LEFT JOIN organisation.staff AS s ON s.id = a.staff_id
      LEFT JOIN organisation.unit AS u ON u.id = s.unit_id
      -- That somebody looked at care tells that there is some.
      WHERE (found.area_code LIKE ANY (core.scope('care:read'))
          OR concat_ws(' ', l.action, l.layer) !~ '(^| )(care|elderly)')
        AND l.id IN (SELECT privacy.lines_about(n) FROM unnest(persons) AS n))
  ) || privacy.copy_of_care(records, visits, services);
  -- Last: all other lines of the log wait for this one.
  PERFORM core.write_audit(who, login_name, 'copy', 'persons', asked, found.area_code, why,
    jsonb_build_object('care', cardinality(records)));
  RETURN held;
END $$;

REVOKE ALL ON FUNCTION privacy.copy_of_care(bigint[], bigint[], bigint[]) FROM PUBLIC, wangge_app;
REVOKE ALL ON FUNCTION privacy.subject_copy(bigint, bigint, text, text) FROM PUBLIC, wangge_app;
GRANT EXECUTE ON FUNCTION privacy.subject_copy(bigint, bigint, text, text) TO wangge_app;
