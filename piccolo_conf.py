"""For Piccolo's command line (``piccolo migrations new verify --auto``); the service calls ``verify.database.bind``."""

import os

from piccolo.conf.apps import AppRegistry

from verify.database import engine_from_url

DATABASE_URL = os.environ.get("DATABASE_URL", "sqlite:///var/refolio.db")  # noqa: TID251 - nobody hands it settings

DB = engine_from_url(DATABASE_URL)
APP_REGISTRY = AppRegistry(apps=["verify.database.piccolo_app"])
