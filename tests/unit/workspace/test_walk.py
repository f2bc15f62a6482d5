"""A walk lists each source once, and tells what it left out and why."""

import os
import socket
import tempfile
from pathlib import Path

import pytest

from codanna_lsp.errors import WorkspaceError
from codanna_lsp.settings import Settings
from codanna_lsp.workspace.walk import walk, walk_paths
from codanna_lsp.workspace.walker import Cancelled


def make_tree(root: Path, text: str) -> Path:
    """Files from text: `-- path --` begins one; `-- path -> target --` is a link."""
    root.mkdir(exist_ok=True)
    file: Path | None = None
    for line in text.strip("\n").splitlines(keepends=True):
        if not line.startswith("-- "):
            assert file is not None
            file.write_text(file.read_text() + line)
            continue
        name, _, target = line[3:].rstrip().removesuffix(" --").partition(" -> ")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if target:
            path.symlink_to(target)
        else:
            file = path
            file.write_text("")
    return root


def listed(root: Path, settings: Settings | None = None) -> str:
    """The walk as text: a path a line, those left out with their reason."""
    found = walk(root, settings or Settings())
    lines = [file.path for file in found.files]
    return "\n".join([*lines, *(f"{path}: {reason}" for path, reason in found.skipped)])


def check_walk(tmp_path: Path, tree: str, expected: str) -> None:
    root = make_tree(tmp_path / "w", tree)
    assert listed(root) == expected.strip("\n")


def test_files_that_a_language_claims(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        "-- a.py --\n-- b.txt --\n-- d/e/c.py --\n-- no-extension --",
        "a.py\nd/e/c.py",
    )


def test_ignore_files_of_every_folder(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        """
-- .gitignore --
*.gen.py
/top.py
-- a.gen.py --
-- top.py --
-- d/.gitignore --
!b.gen.py
/own.py
-- d/b.gen.py --
-- d/own.py --
-- d/e/own.py --
-- d/top.py --
""",
        "d/b.gen.py\nd/e/own.py\nd/top.py",
    )


def test_ignore_beats_gitignore(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        "-- .ignore --\n!a.py\nb.py\n-- d/.gitignore --\n*.py\n-- d/a.py --\n-- d/b.py --",
        "d/a.py",
    )


def test_what_is_never_source(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        """
-- .git/hooks/a.py --
-- node_modules/x/b.py --
-- __pycache__/c.py --
-- env/pyvenv.cfg --
-- env/lib/d.py --
-- target/CACHEDIR.TAG --
-- target/e.py --
-- .#lock.py --
-- build/kept.py --
-- .hidden/kept.py --
""",
        ".hidden/kept.py\nbuild/kept.py",
    )


def test_an_ignore_file_can_bring_back_what_is_skipped_by_default(
    tmp_path: Path,
) -> None:
    check_walk(
        tmp_path,
        "-- .ignore --\n!node_modules/\n-- node_modules/a.py --\n-- .git/b.py --",
        "node_modules/a.py",
    )


def test_the_setting_speaks_first(tmp_path: Path) -> None:
    root = make_tree(
        tmp_path / "w",
        "-- .ignore --\n!a.py\n-- a.py --\n-- b.py --\n-- node_modules/c.py --",
    )
    settings = Settings(exclude=("a.py", "!node_modules"))
    assert listed(root, settings) == "b.py\nnode_modules/c.py"


def test_ignore_files_can_be_switched_off(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- .gitignore --\n*.py\n-- a.py --")
    assert listed(root) == ""
    assert listed(root, Settings(use_ignore_files=False)) == "a.py"


def test_a_root_whose_sources_are_all_ignored_says_so(tmp_path: Path) -> None:
    """As Debian's source packages are: their `.gitignore` is of another repository."""
    root = make_tree(
        tmp_path / "w",
        "-- .gitignore --\n/*\n!/debian/\n-- init/main.c --\n-- x.txt --",
    )
    found = walk(root, Settings())
    assert found.files == ()
    assert "init/main.c" in found.hidden
    assert '"useIgnoreFiles"' in found.hidden
    assert not walk(root, Settings(use_ignore_files=False)).hidden
    make_tree(root, "-- debian/rules.py --")
    assert not walk(root, Settings()).hidden


def test_a_root_without_a_source_hides_none(tmp_path: Path) -> None:
    tree = "-- .gitignore --\nbuild/\n-- build/x.txt --\n-- node_modules/m.js --"
    assert walk(make_tree(tmp_path / "w", tree), Settings()).hidden == ""


def test_languages_can_be_switched_off(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --\n-- b.js --")
    assert listed(root, Settings(languages_off=("python",))) == "b.js"


def test_folders_above_count_inside_a_repository_only(tmp_path: Path) -> None:
    make_tree(
        tmp_path / "repo",
        "-- .gitignore --\n/pkg/out.py\nx.py\n-- pkg/out.py --\n-- pkg/x.py --",
    )
    assert listed(tmp_path / "repo/pkg") == "out.py\nx.py"
    (tmp_path / "repo/.git/info").mkdir(parents=True)
    assert listed(tmp_path / "repo/pkg") == ""
    (tmp_path / "repo/pkg/y.py").touch()
    assert listed(tmp_path / "repo/pkg") == "y.py"
    (tmp_path / "repo/.git/info/exclude").write_text("y.py\n")
    assert listed(tmp_path / "repo/pkg") == ""


def test_another_repository_inside_has_its_own_rules(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        """
-- .git/info/exclude --
-- .gitignore --
x.py
-- x.py --
-- sub/.git/info/exclude --
y.py
-- sub/x.py --
-- sub/y.py --
""",
        "sub/x.py",
    )


def test_the_user_s_global_excludes(tmp_path: Path, own_home: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --\n-- b.py --\n-- c.py --")
    make_tree(own_home, "-- .config/git/ignore --\na.py\n-- mine --\nb.py")
    assert listed(root) == "b.py\nc.py"
    (own_home / ".gitconfig").write_text('[Core]\n\texcludesFile = "~/mine"\n')
    assert listed(root) == "a.py\nc.py"


def test_a_repository_s_configuration_is_not_read(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        "-- .git/config --\n[core]\nexcludesFile = ../ex\n-- ex --\n*.py\n-- a.py --",
        "a.py",
    )


def test_an_ignore_file_that_is_a_link_says_nothing(tmp_path: Path) -> None:
    check_walk(
        tmp_path, "-- rules --\n*.py\n-- .gitignore -> rules --\n-- a.py --", "a.py"
    )


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --\nx = 1\n-- b.py --\nx = 12345678")
    settings = Settings(max_file_size_bytes=6)
    assert listed(root, settings) == "a.py\nb.py: over the size limit"


def test_a_file_s_own_path_wins_over_a_link(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        "-- a.py -> z.py --\n-- z.py --\n-- b -> d --\n-- d/x.py --\n-- d/up -> .. --",
        "d/x.py\nz.py",
    )


def test_links_to_what_is_reached_by_no_other_way(tmp_path: Path) -> None:
    check_walk(
        tmp_path,
        """
-- .gitignore --
/hidden/
-- hidden/a.py --
-- hidden/d/b.py --
-- first.py -> hidden/a.py --
-- second.py -> hidden/a.py --
-- way -> hidden/d --
-- zway -> hidden/d --
""",
        "first.py\nway/b.py",
    )


def test_links_that_lead_out_nowhere_or_to_themselves(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.py").touch()
    check_walk(
        tmp_path,
        """
-- a.py --
-- dead.py -> nothing.py --
-- loop.py -> loop.py --
-- out -> ../outside --
-- out.py -> ../outside/x.py --
-- passwd -> /etc/passwd --
-- other.txt -> nothing --
""",
        """
a.py
dead.py: a link that leads nowhere
loop.py: a link that leads back to itself
out: a link that leads out of the workspace
out.py: a link that leads out of the workspace
""",
    )


def test_links_into_a_repository_s_own_folder_are_left_alone(tmp_path: Path) -> None:
    check_walk(tmp_path, "-- .git/x.py --\n-- way -> .git --\n-- a.py --", "a.py")


def test_pipes_and_sockets_are_listed(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --\n-- .gitignore --\nquiet")
    os.mkfifo(root / "pipe.py")
    os.mkfifo(root / "quiet")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "s"))
        assert listed(root) == "a.py\npipe.py: no regular file\ns: no regular file"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every folder")
def test_an_unreadable_folder_is_listed(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --\n-- d/b.py --")
    (root / "d").chmod(0)
    try:
        assert listed(root) == "a.py\nd: cannot be read"
    finally:
        (root / "d").chmod(0o700)


def test_names_with_newlines_and_without_utf_8(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --")
    (root / "b\nc.py").touch()
    (root / os.fsdecode(b"d\xe9.py")).touch()
    assert [file.path for file in walk(root, Settings()).files] == [
        "a.py",
        "b\nc.py",
        "d\udce9.py",
    ]


def test_folders_nested_beyond_the_limit(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --")
    here = root
    for _ in range(210):
        here /= "d"
    here.mkdir(parents=True)
    (here / "deep.py").touch()
    found = walk(root, Settings())
    assert [file.path for file in found.files] == ["a.py"]
    assert [skipped.reason for skipped in found.skipped] == ["nested too deeply"]


def test_size_and_mtime_are_those_of_the_file(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- a.py --\nx = 11")
    os.utime(root / "a.py", ns=(5, 1_234_567_890_123_456_789))
    (file,) = walk(root, Settings()).files
    assert file[:3] == ("a.py", 6, 1_234_567_890_123_456_789)
    assert file.ctime_ns == (root / "a.py").stat().st_ctime_ns


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_root_that_is_no_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="cannot be listed") as caught:
        walk(tmp_path / name, Settings())
    assert caught.value.path == tmp_path / name
    assert "open a folder" in str(caught.value)


def test_a_root_with_too_many_files_is_walked_around_open_files_only(
    tmp_path: Path,
) -> None:
    root = make_tree(
        tmp_path / "w",
        "-- a.py --\n-- b.py --\n-- d/c.py --\n-- d/e/f.py --\n-- node_modules/g.py --",
    )
    found = walk(
        root, Settings(max_files=3), open_paths=["d/c.py", "node_modules/g.py"]
    )
    assert found.narrow
    assert '"maxFiles"' in found.reason
    assert [file.path for file in found.files] == ["d/c.py"]
    assert not walk(root, Settings(max_files=4)).narrow


def test_home_temp_and_the_whole_disk_are_not_walked(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tree(own_home, "-- a.py --\n-- d/b.py --")
    found = walk(own_home, Settings(), open_paths=["d/b.py"])
    assert [file.path for file in found.files] == ["d/b.py"]
    assert "home folder" in found.reason
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert "temporary files" in walk(tmp_path, Settings()).reason
    assert "root of the file system" in walk(Path("/"), Settings()).reason


def test_a_walk_can_be_cancelled(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "w", "-- d/a.py --")
    with pytest.raises(Cancelled):
        walk(root, Settings(), cancelled=lambda: True)


def test_single_paths_are_judged_as_in_the_whole_walk(tmp_path: Path) -> None:
    root = make_tree(
        tmp_path / "w",
        """
-- .gitignore --
*.gen.py
-- a.py --
-- a.gen.py --
-- b.txt --
-- d/.ignore --
c.py
-- d/c.py --
-- d/e/f.py --
-- env/pyvenv.cfg --
-- env/g.py --
-- node_modules/x/h.py --
""",
    )
    asked = [
        "a.py",
        "a.gen.py",
        "b.txt",
        "d",
        "env/g.py",
        "node_modules/x/h.py",
        "gone.py",
    ]
    found = walk_paths(root, Settings(), [*asked, "a.py/below"])
    assert found is not None
    assert [file.path for file in found.files] == ["a.py", "d/e/f.py"]


@pytest.mark.parametrize("path", ["way/a.py", "way", "link.py"])
def test_single_paths_behind_links_need_a_whole_walk(tmp_path: Path, path: str) -> None:
    root = make_tree(
        tmp_path / "w", "-- d/a.py --\n-- way -> d --\n-- link.py -> d/a.py --"
    )
    assert walk_paths(root, Settings(), [path]) is None
