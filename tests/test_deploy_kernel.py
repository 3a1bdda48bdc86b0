"""Shape single on an emulated machine with a kernel of its own: what containers cannot show of a host. Its network by DHCP, its boot data
by cloud-init from the metadata service, the data volume by its id and again by fstab, swap in zram, settings of the kernel.

Many minutes, since every instruction is emulated: part of `make test-long` (TUSKLING_TEST_BOOT=1). Needs root.
"""

import pytest
from test_deploy_boot import BASE, Owner, boot_data, browser, instances, internet, pytestmark, ready, volume_of  # noqa: F401

from harness import machine
from harness.cloud import EDGE, Cloud
from harness.emulated import HARDWARE_ADDRESS, Emulated
from harness.waiting import eventually

PATIENCE = 1200


class Host:
    """The one instance, once it is made."""

    def __init__(self, cloud: Cloud, image):
        self.cloud, self.image, self.machine = cloud, image, None

    def boot_what_is_made(self) -> None:
        instance = instances(self.cloud).get("single")
        if instance and not self.machine:
            user_data = boot_data(self.cloud, instance)
            self.cloud.introduce(EDGE, "tuskling-production-edge", user_data, HARDWARE_ADDRESS)
            self.machine = Emulated(self.cloud, self.image, volume_of(user_data))

    def log(self) -> str:
        return self.machine.log() if self.machine else "no instance was made"


@pytest.fixture(scope="module")
def image():
    return machine.image()


@pytest.fixture(scope="module")
def cloud(image, tmp_path_factory):
    cloud = Cloud(tmp_path_factory.mktemp("cloud"), image / "mirror")
    yield cloud
    cloud.stop()


@pytest.fixture(scope="module")
def host(cloud, image):
    host = Host(cloud, image)
    yield host
    if host.machine:
        host.machine.remove()


def test_one_host_with_a_kernel_of_its_own(cloud, host, browser, tmp_path):  # noqa: F811
    text = Owner(cloud, tmp_path).makes_an_instance("single", host.boot_what_is_made, host.log)
    assert f"{BASE} answers." in text
    first = host.machine.report(1, PATIENCE)
    judged(first)
    # It starts anew by itself after the first report.
    second = host.machine.report(2, PATIENCE)
    judged(second)
    eventually(lambda: ready(browser), "it answers again", 300)


def judged(report: dict) -> None:
    assert not report["failed"].strip(), report
    assert report["active"].split() == ["active"] * 4, report
    assert report["datasource"].strip() == "aws", report
    assert "/dev/zram0" in report["swap"], report
    source, kind, options = report["mount"].split()
    assert kind == "ext4" and "nvme" in source, report
    assert {"nodev", "nosuid", "noexec", "noatime"} <= set(options.split(",")), report
    # No core dumps, swap is cheap, little is told of the kernel.
    assert report["settings"].split() == ["|/bin/false", "0", "100", "2", "1", "2"], report
