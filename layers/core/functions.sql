-- Functions that need no table. Re-created whole on every upgrade, before the migrations.

CREATE SCHEMA IF NOT EXISTS core;

-- A text as the search box compares it: full-width forms folded, lower case.
CREATE OR REPLACE FUNCTION core.fold(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(normalize(given, NFKC)) $$;

-- Two-character pieces of a text so folded, for typeahead by one GIN look-up.
CREATE OR REPLACE FUNCTION core.bigrams(given text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  letters text[] := string_to_array(core.fold(given), NULL);
  pieces text[] := '{}';
BEGIN
  FOR i IN 1 .. coalesce(array_length(letters, 1), 0) - 1 LOOP
    IF letters[i] <> ' ' AND letters[i + 1] <> ' ' THEN
      pieces := pieces || (letters[i] || letters[i + 1]);
    END IF;
  END LOOP;
  RETURN pieces;
END $$;

-- The first letters of a name's pinyin, for who types 阳光花园3幢 as yghy3z: ICU sorts Han characters
-- by their reading, so the first character of each letter parts them (6,756 of the 6,763 characters
-- of GB 2312 as pypinyin reads them). A name with characters of two readings (重庆, 里弄) gives both
-- spellings. Empty for a name without Han characters.
CREATE OR REPLACE FUNCTION core.initials(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  firsts constant text[] := string_to_array('阿八嚓耷妸发旮哈丌咔垃妈嗯喔妑七呥仨他屲夕丫帀', NULL);
  folded text := core.fold(given);
  other text := translate(folded, '重厦长行乐朝曾单解仇查盛翟番莘浒泊堡埔覃圩弄巷会参校降尉种晟阚臧隗铅传调幢',
                                  'cxchyzzsxqzczpxxbppqxlhksjxycskzwyztz');
  spellings text[] := '{}';
  spelling text;
  letters text;
  letter text;
  place integer;
BEGIN
  FOREACH spelling IN ARRAY ARRAY[folded, other] LOOP
    letters := '';
    FOREACH letter IN ARRAY string_to_array(spelling, NULL) LOOP
      IF letter ~ '[a-z0-9]' THEN
        letters := letters || letter;
      ELSE
        place := width_bucket(letter COLLATE "zh-x-icu", firsts);
        letters := letters || CASE WHEN place = 0 THEN ' '
          ELSE substr('abcdefghjklmnopqrstwxyz', place, 1) END;
      END IF;
    END LOOP;
    spellings := spellings || letters;
    EXIT WHEN other = folded;
  END LOOP;
  RETURN CASE WHEN folded ~ '[一-龥]' THEN array_to_string(spellings, ' ') ELSE '' END;
END $$;

-- LIKE patterns of the areas in which the current reader holds a right; set per transaction.
CREATE OR REPLACE FUNCTION core.scope(asked text) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(
    ARRAY(
      SELECT jsonb_array_elements_text(
        nullif(current_setting('wangge.scope', true), '')::jsonb -> asked
      )
    ),
    '{}'
  )
$$;

-- The same for the rows of one layer: nothing for a reader for whom there are other layers only.
CREATE OR REPLACE FUNCTION core.layer_scope(of_layer text, asked text) RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN NOT coalesce(
      (nullif(current_setting('wangge.scope', true), '')::jsonb -> 'layers') ? of_layer, true
    ) THEN '{}'
    ELSE core.scope(asked)
  END
$$;

-- The day it is in China, which is the day of a validity or a deadline.
CREATE OR REPLACE FUNCTION core.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date $$;

-- Whether a reader's transaction asks, also from within a function that runs as the owner.
CREATE OR REPLACE FUNCTION core.is_reader() RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT current_setting('role') = 'wangge_app' $$;

-- Bulk work sets area codes and history itself, set-based. No reader can say that it does.
CREATE OR REPLACE FUNCTION core.is_bulk() RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT current_setting('wangge.bulk', true) IS NOT DISTINCT FROM 'on' AND NOT core.is_reader()
$$;

-- The region code without the zeros of lower levels: 310112000000 gives 310112.
CREATE OR REPLACE FUNCTION core.region_prefix(region text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN region ~ '^\d{2}0+$' THEN left(region, 2)
    WHEN region ~ '^\d{4}0+$' THEN left(region, 4)
    WHEN region ~ '^\d{6}0+$' AND length(region) > 6 THEN left(region, 6)
    WHEN region ~ '^\d{9}000$' THEN left(region, 9)
    ELSE region
  END
$$;

-- Where a place is counted: the tile of its centroid at zoom 21 (some 16 m in Chinese latitudes),
-- y from the north in the lower 21 bits, x from the west above. Clearing the k lowest bits of both
-- gives the tile at zoom 21 - k, so one stored number serves every size. (With x in the upper 32 bits
-- PostgreSQL's hash, which mixes both halves by XOR, would be the same for most cells of a city.)
-- Schemas are named because a stored column is computed under any search path.
CREATE OR REPLACE FUNCTION core.cell(place public.geometry) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT floor((public.ST_X(public.ST_Centroid(place)) / 360 + 0.5) * 2097152)::bigint << 21
    | floor((0.5 - asinh(tand(greatest(-85.05, least(85.05,
        public.ST_Y(public.ST_Centroid(place)))))) / (2 * pi())) * 2097152)::bigint
$$;
