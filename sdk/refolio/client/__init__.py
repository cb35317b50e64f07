"""The partner's side: talk to a Refolio service, and verify credentials from anywhere."""
