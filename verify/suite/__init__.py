"""The suite profile: issuers and verifiers for the public conformance suites, on localhost only."""
