"""The product's settings as they are, and one addition: each answer says how many SQL statements it took."""

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE

MIDDLEWARE = ["bench.counting.CountStatements", *MIDDLEWARE]
