from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A company that does not exist, with a year of complaints, to try the product with."""

    name = "demo"
