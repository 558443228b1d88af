"""Questions asked of the other rooms: heat of points, hot zones, spatial questions."""
