"""The imports of the library run one way, as the plan of its rooms says."""

from __future__ import annotations

import pkgutil
import xml.etree.ElementTree as ET
from importlib import import_module
from types import ModuleType

from rooms import LATE, PICTURE, ROOMS, Import, drawing, imports, room_of

import autograd
import nn
import viz

HEIGHT = {room.name: height for height, room in enumerate(ROOMS)}
IMPORTS = imports()


def test_imports_are_found() -> None:
    assert Import("viz.drawing", "viz.layout", late=False) in IMPORTS
    assert Import("nn.module", "autograd", late=False) in IMPORTS
    assert (
        Import("autograd.programs.program", "autograd.programs.file_format", late=True) in IMPORTS
    )
    assert Import("autograd.value", "autograd.gates", late=False) in IMPORTS
    assert len(IMPORTS) > 500


def test_every_module_is_in_a_room_and_every_name_of_the_plan_is_a_module() -> None:
    modules = {module for each in IMPORTS for module in each[:2]}
    for module in modules:
        room_of(module)
    for room in ROOMS:
        for module in room.modules:
            assert module in modules, f"{room.name}: there is no {module}"


def test_arrows_between_rooms_run_downwards() -> None:
    upwards = [
        f"{user} imports {used}"
        for user, used, late in IMPORTS
        if HEIGHT[room_of(used).name] > HEIGHT[room_of(user).name]
        and not (late and (room_of(user).name, room_of(used).name) in LATE)
    ]
    assert upwards == []


def test_networks_and_checks_do_not_draw_and_the_engine_knows_neither() -> None:
    users = {(user.partition(".")[0], used.partition(".")[0]) for user, used, _ in IMPORTS}
    assert users - {("autograd", "autograd"), ("nn", "nn"), ("viz", "viz")} == {
        ("nn", "autograd"),
        ("viz", "autograd"),
        ("viz", "nn"),
    }


def test_imports_at_once_have_no_cycle() -> None:
    below: dict[str, set[str]] = {}
    for user, used, late in IMPORTS:
        # A package imports its modules, and a module of it may use another by the package's name.
        if not late and not user.startswith(f"{used}.") and not used.startswith(f"{user}."):
            below.setdefault(user, set()).add(used)
    while below:
        free = [module for module, used in below.items() if not used & below.keys()]
        assert free, f"these import one another: {sorted(below)}"
        for module in free:
            del below[module]


def test_picture_of_the_rooms_is_up_to_date() -> None:
    drawn, kept = ET.fromstring(drawing().svg), ET.parse(PICTURE).getroot()
    assert list(drawn.itertext()) == list(kept.itertext())


def test_no_module_is_called_like_what_its_package_exports() -> None:
    # `package.name` would be one or the other, by what was imported last.
    clashes = [
        f"{package.__name__}.{name}"
        for root in (autograd, nn, viz)
        for package in [root, *map(import_module, packages_in(root))]
        for name in {*getattr(package, "__all__", ())} & modules_in(package)
        if not isinstance(getattr(package, name), ModuleType)
    ]
    assert clashes == []


def packages_in(root: ModuleType) -> list[str]:
    found = pkgutil.walk_packages(root.__path__, f"{root.__name__}.")
    return [module.name for module in found if module.ispkg]


def modules_in(package: ModuleType) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(package.__path__)}
