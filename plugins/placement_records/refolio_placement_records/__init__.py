"""An issuer plugin for the placement exports of a careers system."""

from refolio_placement_records.plugin import PlacementRecords

__all__ = ["PlacementRecords"]
