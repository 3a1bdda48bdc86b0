"""A machine of EC2 with a kernel of its own: qemu emulates processor, disks and network card, Debian's kernel boots, the network
comes by DHCP, and cloud-init knows by the firmware where it is and asks the metadata service. Slow: for what a container cannot show.

Nobody can look inside: a unit of the test's writes what it sees to the console after each boot, and makes the machine start anew once."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.cloud import EDGE, RESOLVER, Cloud
from harness.machine import furnish
from harness.namespaces import run
from harness.waiting import eventually

MEMORY = "512"  # as t4g.nano has
FIRMWARE = "ec2e1916-9099-7caf-fd21-012345abcdef"  # identifies EC2 by its first letters
HARDWARE_ADDRESS = "02:00:00:00:00:10"
CLOUD_INIT = "datasource_list: [ Ec2 ]\napt: { preserve_sources_list: true }\n"
# EC2's disks say who made them; qemu's say something else.
UDEV = (
    'KERNEL=="nvme*n1", ENV{DEVTYPE}=="disk", ENV{ID_SERIAL_SHORT}=="vol*", '
    'SYMLINK+="disk/by-id/nvme-Amazon_Elastic_Block_Store_$env{ID_SERIAL_SHORT}"\n'
)
REPORT = """#!/bin/bash
# One line of JSON for the test after each boot; after the first one the machine starts anew.
set -u
for _ in {1..120}; do /usr/local/lib/tuskling/healthy 2>/dev/null && break; sleep 5; done
words() { tr -d '\\\\"' | tr '\\n' ' '; }
printf 'REPORT {"failed": "%s", "active": "%s", "swap": "%s", "mount": "%s", "settings": "%s", "datasource": "%s"}\\n' \\
  "$(systemctl list-units --failed --plain --no-legend | words)" \\
  "$(systemctl is-active tuskling tuskling-edge tuskling-update.timer unattended-upgrades | words)" \\
  "$(swapon --show=NAME --noheadings | words)" "$(findmnt -n -o SOURCE,FSTYPE,OPTIONS /var/lib/tuskling | words)" \\
  "$(sysctl -n kernel.core_pattern fs.suid_dumpable vm.swappiness kernel.kptr_restrict kernel.dmesg_restrict kernel.yama.ptrace_scope | words)" \\
  "$(cloud-id | words)" >/dev/ttyS0
if [ ! -e /var/lib/started-anew ]; then
  touch /var/lib/started-anew
  systemctl reboot
fi
"""
UNIT = """[Unit]
After=cloud-final.service
[Service]
Type=simple
ExecStart=/usr/local/sbin/report
[Install]
WantedBy=cloud-init.target
"""


class Emulated:
    def __init__(self, cloud: Cloud, image: Path, volume: str):
        if not shutil.which("qemu-system-x86_64"):
            pytest.skip("needs qemu-system-x86 (tests/scripts/install brings it)")
        self.cloud, self.folder = cloud, cloud.folder / "emulated"
        self.console, self.process = self.folder / "console.log", None
        self._build(image)
        self._plug_in()
        kernel, initial = (max((image / "root/boot").glob(f"{name}-*")) for name in ("vmlinuz", "initrd.img"))
        (self.folder / "data.disk").touch()
        os.truncate(self.folder / "data.disk", 2 << 30)
        drive = "format=raw,if=none,cache=unsafe"
        command = [
            "ip", "netns", "exec", cloud.edge.name, "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "max",
            "-smp", "2", "-m", MEMORY, "-display", "none", "-serial", f"file:{self.console}", "-monitor", "none",
            "-kernel", str(kernel), "-initrd", str(initial), "-append", "root=/dev/vda rw console=ttyS0 quiet",
            "-smbios", f"type=1,manufacturer=Amazon EC2,product=t3.nano,uuid={FIRMWARE},serial={FIRMWARE}",
            "-drive", f"file={self.folder / 'root.disk'},id=root,{drive}", "-device", "virtio-blk-pci,drive=root",
            "-drive", f"file={self.folder / 'data.disk'},id=data,{drive}",
            "-device", f"nvme,drive=data,serial={volume.replace('-', '', 1)}",
            "-netdev", "tap,id=net,ifname=tap0,script=no,downscript=no", "-device", f"virtio-net-pci,netdev=net,mac={HARDWARE_ADDRESS}",
            "-device", "virtio-rng-pci",
        ]
        with open(self.folder / "qemu.log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _build(self, image: Path) -> None:
        """The image with what is the test's own, as a disk."""
        for part in ("root", "upper", "work"):
            (self.folder / part).mkdir(parents=True)
        root = self.folder / "root"
        layers = f"lowerdir={image / 'root'},upperdir={self.folder / 'upper'},workdir={self.folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, str(root))
        try:
            furnish(root, self.cloud, CLOUD_INIT)
            (root / "etc/udev/rules.d/99-ec2.rules").write_text(UDEV)
            (root / "etc/fstab").write_text("/dev/vda / ext4 errors=remount-ro 0 1\n")
            (root / "usr/local/sbin/report").write_text(REPORT)
            (root / "usr/local/sbin/report").chmod(0o755)
            (root / "etc/systemd/system/report.service").write_text(UNIT)
            wanted = root / "etc/systemd/system/cloud-init.target.wants"
            wanted.mkdir(exist_ok=True)
            (wanted / "report.service").symlink_to("/etc/systemd/system/report.service")
            with open(self.folder / "root.disk", "wb") as disk:
                disk.truncate(3 << 30)
            run("mkfs.ext4", "-q", "-d", str(root), str(self.folder / "root.disk"), timeout=300)
        finally:
            run("umount", str(root))

    def _plug_in(self) -> None:
        """The card of the machine hangs on the cable of the public subnet; addresses are given by the router."""
        edge = self.cloud.edge
        edge.run("ip", "address", "flush", "dev", "ens5")
        edge.run("ip", "link", "add", "bridge0", "type", "bridge")
        edge.run("ip", "tuntap", "add", "tap0", "mode", "tap")
        for link in ("ens5", "tap0"):
            edge.run("ip", "link", "set", link, "master", "bridge0")
            edge.run("ip", "link", "set", link, "up")
        edge.run("ip", "link", "set", "bridge0", "up")
        self.cloud.start(
            self.cloud.router, "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--pid-file=", "--user=root",
            "--interface=public0", "--bind-interfaces", f"--dhcp-leasefile={self.folder / 'leases'}",
            f"--dhcp-range={EDGE},{EDGE},255.255.240.0,1h", f"--dhcp-host={HARDWARE_ADDRESS},{EDGE}",
            "--dhcp-option=option:router,10.77.0.1", f"--dhcp-option=option:dns-server,{RESOLVER}",
        )

    def reports(self) -> list[dict]:
        lines = self.console.read_text(errors="replace").splitlines() if self.console.exists() else []
        return [json.loads(line.split("REPORT ", 1)[1]) for line in lines if "REPORT {" in line and line.rstrip().endswith("}")]

    def report(self, number: int, seconds: int) -> dict:
        """What it said after its boot of this number, the first of which is 1."""
        try:
            eventually(lambda: len(self.reports()) >= number or self.process.poll() is not None, f"report {number}", seconds)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.log()}") from None
        assert len(self.reports()) >= number, self.log()
        return self.reports()[number - 1]

    def log(self) -> str:
        console = self.console.read_text(errors="replace")[-6000:] if self.console.exists() else ""
        return f"{(self.folder / 'qemu.log').read_text(errors='replace')}\n{console}"

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for name in ("root.disk", "data.disk"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "upper", ignore_errors=True)
