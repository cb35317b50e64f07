"""Platforms and issuer plugins, one folder each. None imports the service (`verify`) nor another plugin."""
