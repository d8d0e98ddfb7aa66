"""What import-linter can't see: foreign keys by name, names of modules, and writers beside the verbs."""

from __future__ import annotations

import ast
from pathlib import Path

from django.apps import apps
from django.conf import settings

LAYERS = ["common", "calendars", "accounts", "orders", "tickets", "sla", "notifications", "demo"]
FORBIDDEN_NAMES = {"utils", "helpers", "services", "managers", "constants", "mixins"}


def test_foreign_keys_point_down() -> None:
    upwards = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for app in LAYERS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if field.is_relation and not field.auto_created and field.related_model is not None
        for target in [field.related_model._meta.app_label]
        if target in LAYERS and LAYERS.index(target) > LAYERS.index(app)
    ]
    assert upwards == []


def test_every_app_of_ours_has_a_place_in_the_layers() -> None:
    ours = [app for app in settings.INSTALLED_APPS if (Path(settings.ROOT) / app).is_dir()]
    assert ours == LAYERS


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = [
        str(path.relative_to(settings.ROOT))
        for app in [*LAYERS, "config", "stack"]
        for path in (Path(settings.ROOT) / app).rglob("*")
        if path.stem in FORBIDDEN_NAMES
    ]
    assert drawers == []


def test_views_handle_no_refusals() -> None:
    """A DomainError becomes a response in one place; a view that catches one would do so in another."""
    caught = []
    for app in LAYERS:
        for path in (Path(settings.ROOT) / app).rglob("*.py"):
            if "views" not in path.parts and path.stem not in {"views", "api"}:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ExceptHandler) and "DomainError" in ast.dump(node.type or ast.Constant(None)):
                    caught.append(f"{path.relative_to(settings.ROOT)}:{node.lineno}")
    assert caught == []
