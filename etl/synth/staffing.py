"""Who works on invented cases: the unit a category asks for, and somebody of the fitting post."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from etl.synth.organisation import DEPARTMENTS, Crew
from etl.synth.shapes import Ints, Random
from etl.synth.territory import COUNTY, Areas

BRIGADE, OFFICE, COMMITTEE = -1, -2, -3
_NUMBER = {name: number for number, (name, _) in enumerate(DEPARTMENTS, 1)}
# Category or the group it begins with → units with their share; the longest that fits counts.
_MANAGEMENT = _NUMBER["城市管理局"]
UNITS: dict[str, tuple[tuple[int, float], ...]] = {
    "UM-01": ((BRIGADE, 0.55), (_MANAGEMENT, 0.3), (COMMITTEE, 0.15)),
    "UM-0117": ((_NUMBER["园林绿化中心"], 1.0),),
    "UM-0113": ((_NUMBER["交通运输局"], 0.7), (OFFICE, 0.3)),
    "UM-0125": ((_NUMBER["水务局"], 1.0),),
    "UM-0128": ((_NUMBER["生态环境局"], 0.5), (BRIGADE, 0.5)),
    "UM-02": ((BRIGADE, 0.6), (COMMITTEE, 0.4)),
    "UM-03": ((_NUMBER["住房和城乡建设局"], 0.7), (BRIGADE, 0.3)),
    "UM-04": ((BRIGADE, 0.6), (_MANAGEMENT, 0.3), (_NUMBER["公安分局"], 0.1)),
    "UM-0496": ((_NUMBER["消防救援大队"], 0.7), (COMMITTEE, 0.3)),
    "UM-05": ((_NUMBER["水务局"], 0.5), (_NUMBER["交通运输局"], 0.5)),
    "SG-01": ((COMMITTEE, 0.8), (_NUMBER["司法局"], 0.2)),
    "SG-0107": ((_NUMBER["人力资源和社会保障局"], 1.0),),
    "SG-02": ((_NUMBER["应急管理局"], 0.4), (_NUMBER["消防救援大队"], 0.2), (COMMITTEE, 0.4)),
    "SG-03": ((COMMITTEE, 0.7), (OFFICE, 0.3)),
    "SG-0304": ((_NUMBER["民政局"], 0.4), (COMMITTEE, 0.6)),
}


@dataclass(frozen=True)
class Staffing:
    """Units and staff by number; ids are those numbers and `first_unit`, `first_staff` more."""

    first_unit: int
    first_staff: int
    names: np.ndarray[tuple[int], np.dtype[np.object_]]
    posts: dict[str, Ints]
    handler_of: Ints
    """An employee of each unit, -1 where there is none."""
    worker_of: Ints
    """The worker of each grid, else whoever leads the community."""
    lead_of: Ints
    is_committee: np.ndarray[tuple[int], np.dtype[np.bool_]]
    department: Ints
    brigade_of_grid: Ints
    office_of_grid: Ints
    committee_of_grid: Ints

    def unit_for(self, random: Random, category: Sequence[str], grid: Ints) -> Ints:
        """The unit that a case of the category is dispatched to, by where it lies."""
        kinds, of_case = np.unique(np.array(category), return_inverse=True)
        draws = random.random(len(of_case))
        found = np.empty(len(of_case), dtype=np.int64)
        for number, kind in enumerate(kinds.tolist()):
            rows = np.flatnonzero(of_case == number)
            units = UNITS.get(kind) or UNITS[kind[:-2]]
            ends = np.cumsum([share for _, share in units])
            picks = np.minimum(np.searchsorted(ends, draws[rows]), len(units) - 1)
            found[rows] = np.array([unit for unit, _ in units])[picks]
        local = {BRIGADE: self.brigade_of_grid, OFFICE: self.office_of_grid}
        result = np.where(found > 0, self.department[np.maximum(found, 1) - 1], -1)
        for kind_of_unit, units_of_grid in (local | {COMMITTEE: self.committee_of_grid}).items():
            result = np.where(found == kind_of_unit, units_of_grid[grid], result)
        return result

    def any_department(self, random: Random, count: int) -> Ints:
        """A department for each case, whatever it is about."""
        return random.choice(self.department, count)

    def of(self, who: str, random: Random, unit: Ints, grid: Ints) -> Ints:
        """Somebody who takes a step, by number; -1 where nobody is known by name."""
        if who in self.posts:
            return random.choice(self.posts[who], len(unit))
        if who == "unit":
            of_unit = self.handler_of[unit]
            return np.where(self.is_committee[unit], self.worker_of[grid], of_unit)
        if who == "check":
            # Whoever handled a case does not check it.
            worker, lead = self.worker_of[grid], self.lead_of[grid]
            other = np.where(
                worker == lead, random.choice(self.posts["inspector"], len(unit)), lead
            )
            return np.where(self.is_committee[unit], other, worker)
        return np.full(len(unit), -1)


def make_staffing(areas: Areas, crew: Crew, unit_codes: Sequence[str], first_unit: int) -> Staffing:
    """Who there is for which place, from the staff and the units of the city."""
    unit = {code: number for number, code in enumerate(unit_codes)}
    posts = np.array(crew.post)
    named = ("operator", "dispatcher", "commander", "inspector")
    post_numbers = {post: np.flatnonzero(posts == post) for post in named}
    handler_of = np.full(len(unit_codes), -1)
    for number, (post, of) in enumerate(zip(crew.post, crew.unit, strict=True)):
        if post == "handler":
            handler_of[of - first_unit] = number
    community = [areas.community_code[n] for n in areas.community_of_grid.tolist()]
    town = [areas.town_code[areas.town_of_community[n]] for n in areas.community_of_grid.tolist()]
    lead = {area: n for n, area in enumerate(crew.area) if crew.post[n] == "supervisor"}
    worker = {area: n for n, area in enumerate(crew.area) if crew.post[n] == "worker"}
    lead_of = np.array([lead.get(code, -1) for code in community])
    of_grid = zip(areas.grid_code, lead_of.tolist(), strict=True)
    return Staffing(
        first_unit,
        crew.first,
        np.array([*crew.name, None], dtype=object),
        post_numbers,
        handler_of,
        np.array([worker.get(code, leader) for code, leader in of_grid]),
        lead_of,
        np.array([code.endswith("-W") for code in unit_codes]),
        np.array([unit[f"{COUNTY}-D{n:02d}"] for n in range(1, len(DEPARTMENTS) + 1)]),
        np.array([unit[f"{code}-E"] for code in town]),
        np.array([unit[f"{code}-O"] for code in town]),
        np.array([unit[f"{code}-W"] for code in community]),
    )
