"""How fast the platform is, over HTTP with sign-in and scope, beside the bare SQL in one run."""
