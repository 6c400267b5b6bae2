import subprocess
import sys

import pytest

import ivr.dialogue


def test_every_name_of_the_face_is_there() -> None:
    assert all(getattr(ivr.dialogue, name) is not None for name in ivr.dialogue.__all__)


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Scenery'"):
        ivr.dialogue.__getattr__("Scenery")


def test_the_ports_alone_are_light() -> None:
    code = "import sys, ivr.dialogue.ports; print({'ruamel.yaml', 'pydantic'} & sys.modules.keys())"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
