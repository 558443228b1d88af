"""What a reader missed while away, from the history."""

from __future__ import annotations

from sqlalchemy import Engine, text

from gisserver.live.event import Event, may_see
from layers.core.database import owner_transaction, scope_setting
from layers.core.scope import Reader

MOST_MISSED = 1_000
MOST_SEARCHED = 50_000

_SCOPE = text("SELECT set_config('wangge.scope', :scope, true)")
_BOUNDS = text(
    "SELECT (SELECT max(id) FROM core.history) AS newest, "
    "(SELECT id FROM core.history WHERE id > :after ORDER BY id OFFSET :most LIMIT 1) AS too_far"
)
# The policy of core.history lets a reader see rows of the own areas. A change that took a feature
# out of them is told as well, so areas are compared here, and only ids are read.
_MISSED = text(
    """
    SELECT id, layer, feature_id, action, area_code, area_code_before FROM core.history
    WHERE id > :after AND CASE WHEN is_public OR action = 'bulk'
      THEN cardinality(core.scope(read_right)) > 0
      ELSE area_code LIKE ANY (core.scope(read_right))
        OR area_code_before LIKE ANY (core.scope(read_right)) END
    ORDER BY id LIMIT :most
    """
)


def missed_events(engine: Engine, reader: Reader, after: int) -> list[Event] | None:
    """Events after an id that the reader may see, in order of their ids.

    None when they are more than 1,000, too many to search, or the id is none of this database:
    then the reader has to load everything anew.
    """
    with owner_transaction(engine, login=reader.login) as connection:
        connection.execute(_SCOPE, {"scope": scope_setting(reader)})
        bounds = connection.execute(_BOUNDS, {"after": after, "most": MOST_SEARCHED}).one()
        if bounds.too_far is not None or after > (bounds.newest or 0):
            return None
        rows = connection.execute(_MISSED, {"after": after, "most": MOST_MISSED + 1}).all()
    events = [Event(*row) for row in rows]
    return [e for e in events if may_see(reader, e)] if len(events) <= MOST_MISSED else None
