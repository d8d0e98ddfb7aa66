"""Static files are collected once, and again when one of them changes."""

from stack import static_files


def project(root):
    for folder in ("static", "requirements", "staticfiles"):
        (root / folder).mkdir()
    (root / "requirements/base.txt").write_text("django==5.2\n")
    (root / "static/page.css").write_text("a {}")
    (root / "staticfiles/staticfiles.json").write_text("{}")
    (root / "manage.py").write_text("import sys; sys.exit('asked: ' + ' '.join(sys.argv[1:]))")
    return root


def test_what_did_not_change_is_not_collected_again(tmp_path, monkeypatch):
    root = project(tmp_path)
    (root / "staticfiles.stamp").write_text(static_files.fingerprint(root))
    monkeypatch.setattr(static_files.subprocess, "Popen", None)  # calling it would fail
    static_files.begin_collecting(root, {})()


def test_a_changed_file_is_noticed_and_success_is_noted(tmp_path):
    root = project(tmp_path)
    (root / "staticfiles.stamp").write_text(static_files.fingerprint(root))
    (root / "static/page.css").write_text("a { color: red }")
    (root / "manage.py").write_text("")
    finish = static_files.begin_collecting(root, {})
    assert not (root / "staticfiles.stamp").exists()
    finish()
    assert (root / "staticfiles.stamp").read_text() == static_files.fingerprint(root)


def test_a_failure_ends_the_start(tmp_path):
    import pytest

    finish = static_files.begin_collecting(project(tmp_path), {})
    with pytest.raises(SystemExit, match="could not be collected"):
        finish()
    assert not (tmp_path / "staticfiles.stamp").exists()
