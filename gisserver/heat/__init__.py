"""Heat on the wire: questions out of requests, surfaces and zones as JSON and GeoTIFF."""
