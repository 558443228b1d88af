"""What OpenStreetMap tags mean in our code tables. Order matters: the first match wins."""

from __future__ import annotations

from collections.abc import Mapping

Rules = tuple[tuple[str, str, str], ...]

# (key, value, code); the value "*" stands for any value but "no".
BUILDING_USE: Rules = (
    *(
        ("building", value, "B1")
        for value in (
            "residential apartments house detached semidetached_house terrace dormitory "
            "bungalow cabin villa hut farm static_caravan houseboat"
        ).split()
    ),
    *(
        ("building", value, "B2")
        for value in (
            "commercial retail supermarket hotel kiosk mall shop restaurant pavilion bank"
        ).split()
    ),
    *(("building", value, "B3") for value in "office government civic public".split()),
    *(("building", value, "B4") for value in "industrial factory manufacture works".split()),
    *(("building", value, "B6") for value in "warehouse storage_tank silo hangar".split()),
    *(
        ("building", value, "B7")
        for value in (
            "school university college kindergarten hospital church cathedral chapel mosque temple "
            "train_station transportation parking garage garages carport roof shed service "
            "stadium sports_hall sports_centre toilets greenhouse barn museum fire_station "
            "construction ruins hut bridge monastery synagogue shrine religious library"
        ).split()
    ),
    ("shop", "mall", "B2"),
    ("amenity", "parking", "B7"),
    ("office", "*", "B3"),
    ("tourism", "hotel", "B2"),
)

BUILDING_STRUCTURE: Rules = (
    ("building:material", "steel", "1"),
    ("building:material", "concrete", "3"),
    ("building:material", "reinforced_concrete", "3"),
    ("building:material", "brick", "4"),
)

PLACE_TYPE: Rules = (
    ("amenity", "kindergarten", "10202"),
    ("amenity", "childcare", "10203"),
    ("amenity", "university", "10205"),
    ("amenity", "college", "10206"),
    ("amenity", "school", "10204"),
    ("amenity", "language_school", "10207"),
    ("amenity", "driving_school", "10207"),
    ("amenity", "music_school", "10207"),
    ("amenity", "hospital", "10301"),
    ("amenity", "clinic", "10308"),
    ("amenity", "doctors", "10308"),
    ("amenity", "dentist", "10308"),
    ("amenity", "pharmacy", "10315"),
    ("amenity", "veterinary", "10314"),
    ("healthcare", "hospital", "10301"),
    ("healthcare", "pharmacy", "10315"),
    ("healthcare", "rehabilitation", "10306"),
    ("healthcare", "*", "10308"),
    ("amenity", "police", "10101"),
    ("amenity", "fire_station", "10101"),
    ("amenity", "courthouse", "10101"),
    ("amenity", "townhall", "10102"),
    ("office", "government", "10101"),
    ("amenity", "embassy", "10101"),
    ("office", "diplomatic", "10101"),
    ("amenity", "fuel", "10401"),
    ("amenity", "bus_station", "20201"),
    ("amenity", "ferry_terminal", "20205"),
    ("railway", "station", "20202"),
    ("aeroway", "aerodrome", "20203"),
    ("amenity", "nightclub", "20302"),
    ("amenity", "karaoke_box", "20301"),
    ("amenity", "bar", "20304"),
    ("amenity", "pub", "20304"),
    ("amenity", "casino", "20308"),
    ("amenity", "cinema", "20308"),
    ("amenity", "theatre", "20308"),
    ("amenity", "arts_centre", "20308"),
    ("leisure", "amusement_arcade", "20306"),
    ("leisure", "sports_centre", "20305"),
    ("leisure", "sports_hall", "20305"),
    ("leisure", "stadium", "20305"),
    ("leisure", "fitness_centre", "20308"),
    ("shop", "mall", "20401"),
    ("shop", "supermarket", "20401"),
    ("shop", "department_store", "20401"),
    ("amenity", "marketplace", "20402"),
    ("amenity", "internet_cafe", "20501"),
    ("tourism", "hotel", "20601"),
    ("tourism", "motel", "20605"),
    ("tourism", "apartment", "20604"),
    ("tourism", "guest_house", "20607"),
    ("tourism", "hostel", "20607"),
    ("amenity", "restaurant", "20701"),
    ("amenity", "fast_food", "20702"),
    ("amenity", "food_court", "20702"),
    ("amenity", "cafe", "20705"),
    ("amenity", "ice_cream", "20707"),
    ("tourism", "zoo", "20805"),
    ("tourism", "theme_park", "20803"),
    ("tourism", "museum", "20804"),
    ("tourism", "gallery", "20804"),
    ("tourism", "attraction", "20802"),
    ("historic", "*", "20804"),
    ("amenity", "library", "20102"),
    ("amenity", "community_centre", "20102"),
    ("place", "square", "20101"),
    ("landuse", "construction", "20902"),
    ("amenity", "bank", "10507"),
    ("amenity", "post_office", "10506"),
    ("office", "*", "10507"),
    ("shop", "*", "20404"),
)

# The 2013 edition (C13) where it has the class, the 2007 one (C07) where it has not.
COMPONENT_TYPE: Rules = (
    ("highway", "street_lamp", "C13-0137"),
    ("emergency", "fire_hydrant", "C13-0124"),
    ("emergency", "phone", "C13-0141"),
    ("manhole", "drain", "C13-0103"),
    ("manhole", "sewer", "C13-0102"),
    ("manhole", "water", "C13-0101"),
    ("manhole", "power", "C13-0105"),
    ("manhole", "telecom", "C13-0107"),
    ("manhole", "gas", "C13-0111"),
    ("manhole", "district_heating", "C13-0110"),
    ("manhole", "*", "C13-0123"),
    ("man_made", "manhole", "C13-0123"),
    ("amenity", "bench", "C13-0407"),
    ("amenity", "waste_basket", "C13-0305"),
    ("amenity", "waste_disposal", "C13-0305"),
    ("amenity", "recycling", "C13-0305"),
    ("barrier", "bollard", "C13-0221"),
    ("barrier", "height_restrictor", "C13-0211"),
    ("highway", "traffic_signals", "C07-0210"),
    ("highway", "bus_stop", "C13-0204"),
    ("highway", "street_name_sign", "C13-0212"),
    ("traffic_sign", "*", "C07-0209"),
    ("denotation", "natural_monument", "C13-0401"),
    ("natural", "tree", "C13-0402"),
    ("amenity", "telephone", "C13-0141"),
    ("amenity", "post_box", "C13-0142"),
    ("vending", "parking_tickets", "C07-0202"),
    ("amenity", "parking_meter", "C07-0202"),
    ("amenity", "vending_machine", "C13-0145"),
    ("amenity", "toilets", "C13-0301"),
    ("amenity", "fountain", "C13-0410"),
    ("amenity", "drinking_water", "C13-0125"),
    ("amenity", "water_point", "C13-0125"),
    ("amenity", "bicycle_parking", "C13-0225"),
    ("amenity", "motorcycle_parking", "C13-0225"),
    ("amenity", "parking", "C13-0201"),
    ("amenity", "taxi", "C07-0204"),
    ("amenity", "charging_station", "C13-0154"),
    ("artwork_type", "sculpture", "C13-0406"),
    ("artwork_type", "statue", "C13-0406"),
    ("information", "board", "C13-0143"),
    ("information", "map", "C13-0143"),
    ("information", "terminal", "C13-0143"),
    ("advertising", "*", "C13-0306"),
    ("leisure", "fitness_station", "C13-0146"),
    ("power", "pole", "C13-0130"),
    ("power", "tower", "C13-0136"),
    ("power", "transformer", "C07-0134"),
    ("man_made", "utility_pole", "C07-0117"),
    ("man_made", "street_cabinet", "C13-0127"),
    ("man_made", "monitoring_station", "C07-0308"),
)

FACILITY_KIND: Rules = (
    ("emergency", "defibrillator", "aed"),
    ("emergency", "assembly_point", "shelter"),
    ("emergency", "fire_water_pond", "hydrant_station"),
    ("man_made", "water_works", "water_works"),
    ("man_made", "water_tower", "water_works"),
    ("man_made", "wastewater_plant", "other"),
    ("man_made", "pumping_station", "pumping_station"),
    ("power", "substation", "substation"),
    ("power", "plant", "other"),
    ("amenity", "fuel", "gas_station"),
    ("amenity", "waste_transfer_station", "waste_station"),
    ("tower:type", "communication", "telecom"),
    ("man_made", "communications_tower", "telecom"),
)

_OWN_ROADS = (
    "motorway trunk primary secondary tertiary unclassified residential living_street service "
    "pedestrian footway cycleway path steps track construction"
).split()
# `highway` value → road class; values not named here are no roads (platforms, lifts, stops).
ROAD_CLASS = {
    **{name: name for name in _OWN_ROADS},
    **{f"{name}_link": name for name in _OWN_ROADS[:5]},
    "bridleway": "path",
    "busway": "service",
    "corridor": "footway",
    "road": "other",
}

WATER_KIND: Rules = (
    ("water", "river", "river"),
    ("water", "canal", "canal"),
    ("water", "lake", "lake"),
    ("water", "pond", "pond"),
    ("water", "reservoir", "reservoir"),
    ("waterway", "riverbank", "river"),
    ("waterway", "dock", "canal"),
    ("landuse", "reservoir", "reservoir"),
    ("landuse", "basin", "pond"),
    ("natural", "water", "lake"),
)

GREEN_KIND: Rules = (
    ("leisure", "park", "park"),
    ("leisure", "nature_reserve", "park"),
    ("leisure", "garden", "garden"),
    ("leisure", "pitch", "pitch"),
    ("leisure", "golf_course", "lawn"),
    ("landuse", "forest", "wood"),
    ("natural", "wood", "wood"),
    ("natural", "scrub", "scrub"),
    ("natural", "grassland", "lawn"),
    ("natural", "heath", "scrub"),
    ("landuse", "grass", "lawn"),
    ("landuse", "meadow", "lawn"),
    ("landuse", "village_green", "lawn"),
    ("landuse", "recreation_ground", "park"),
    ("landuse", "orchard", "farmland"),
    ("landuse", "farmland", "farmland"),
    ("landuse", "cemetery", "cemetery"),
)


def code_of(rules: Rules, tags: Mapping[str, str]) -> str | None:
    """The code of the first rule the tags fulfil, None when there is none."""
    for key, value, code in rules:
        found = tags.get(key)
        if found is not None and (found == value or (value == "*" and found != "no")):
            return code
    return None
