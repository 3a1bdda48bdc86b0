"""A machine of EC2, as far as one kernel can play it: Debian's own files, its systemd as process 1 and cloud-init, in a container
with its own network, a metadata service and a disk. What stays the real machine's own is its kernel: settings of it, swap, udev."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness.cloud import RESOLVER, Cloud
from harness.namespaces import Namespace, run
from harness.server import REPOSITORY
from harness.waiting import eventually

# A container has no firmware that says "EC2", without which cloud-init asks for no token and so learns nothing of the metadata
# service: it gets the same boot data from a folder. Its network is there before it boots.
CLOUD_INIT = """datasource_list: [ NoCloud ]
network: { config: disabled }
apt: { preserve_sources_list: true }
"""
# Without udev systemd passes over disks in fstab: here its line is read by mount(8) alone.
VOLUME = """[Unit]
DefaultDependencies=no
Before=local-fs.target tuskling.service tuskling-edge.service
After=systemd-remount-fs.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'grep -q /var/lib/tuskling /etc/fstab || exit 0; mount /var/lib/tuskling'
[Install]
WantedBy=local-fs.target
"""
STOP_SECONDS = 40


def image() -> Path:
    """The folder of tests/scripts/debian-image; made when it is not there."""
    for program in ("systemd-nspawn", "debootstrap", "nsenter", "losetup"):
        if not shutil.which(program):
            pytest.skip(f"needs {program} (tests/scripts/install brings it)")
    done = subprocess.run([REPOSITORY / "tests/scripts/debian-image"], capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def control_groups() -> Path:
    """Where control groups of version 2 are made for this process."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    where = next((fields[1] for fields in mounts if fields[2] == "cgroup2"), None)
    if where is None:
        pytest.skip("needs control groups of version 2")
    own = next(line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
    return Path(where) / own.strip("/")


def furnish(root: Path, cloud: Cloud, cloud_init: str) -> None:
    """What a machine here needs beyond Debian's own files: whom to trust, where packages are, how cloud-init finds its boot data."""
    authority = cloud.trusted.read_text()
    (root / "usr/local/share/ca-certificates/cloud.crt").write_text(authority)
    with open(root / "etc/ssl/certs/ca-certificates.crt", "a") as trusted:
        trusted.write(authority)
    (root / "etc/apt/sources.list").write_text("deb [trusted=yes] http://packages.example.com/ ./\n")
    (root / "etc/cloud/cloud.cfg.d/95-ec2.cfg").write_text(cloud_init)


class Disk:
    """A volume of EBS: a file that outlives machines."""

    def __init__(self, folder: Path, volume: str, megabytes: int = 2048):
        self.volume, self.file = volume, folder / f"{volume}.disk"
        with open(self.file, "wb") as file:
            file.truncate(megabytes << 20)
        self.device = run("losetup", "--find", "--show", str(self.file)).stdout.strip()

    def remove(self) -> None:
        subprocess.run(["losetup", "--detach", self.device], capture_output=True)
        self.file.unlink(missing_ok=True)


class Machine:
    def __init__(self, cloud: Cloud, image: Path, namespace: Namespace, name: str, user_data: str, disk: Disk | None = None):
        self.cloud, self.name, self.namespace, self.disk = cloud, name, namespace, disk
        self.folder = cloud.folder / name
        self.root = self.folder / "root"
        for part in ("root", "upper", "work"):
            (self.folder / part).mkdir(parents=True)
        layers = f"lowerdir={image / 'root'},upperdir={self.folder / 'upper'},workdir={self.folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        self.process: subprocess.Popen | None = None
        self.group = control_groups() / namespace.name
        try:
            self._furnish(user_data)
            self.start()
        except BaseException:
            self.remove()
            raise

    def _furnish(self, user_data: str) -> None:
        furnish(self.root, self.cloud, CLOUD_INIT)
        if self.disk:
            wanted = self.root / "etc/systemd/system/local-fs.target.wants"
            wanted.mkdir(exist_ok=True)
            (self.root / "etc/systemd/system/volume.service").write_text(VOLUME)
            (wanted / "volume.service").symlink_to("/etc/systemd/system/volume.service")
        (self.root / "etc/resolv.conf").unlink(missing_ok=True)
        (self.root / "etc/resolv.conf").write_text(f"nameserver {RESOLVER}\n")
        seed = self.root / "var/lib/cloud/seed/nocloud"
        seed.mkdir(parents=True)
        (seed / "user-data").write_text(user_data)
        (seed / "meta-data").write_text(f"instance-id: {self.namespace.name}\nlocal-hostname: {self.name}\n")

    # -- life -----------------------------------------------------------------------------------

    def start(self) -> None:
        command = [
            "systemd-nspawn", "--boot", f"--directory={self.root}", f"--machine={self.namespace.name}", "--register=no",
            "--keep-unit", f"--network-namespace-path=/run/netns/{self.namespace.name}", "--resolv-conf=off", "--timezone=off",
            "--link-journal=no", "--console=pipe", "--kill-signal=SIGRTMIN+3", "--system-call-filter=bpf",
            # With a namespace of its own the network is its own, too: its rules and the settings of the kernel about it.
            "--capability=CAP_NET_ADMIN",
        ]
        if self.disk:
            by_id = f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{self.disk.volume.replace('-', '', 1)}"
            command += [f"--bind={self.disk.device}", f"--bind={self.disk.device}:{by_id}"]
        # A place of its own: units of two machines with one name must not meet in one control group.
        self.group.mkdir(exist_ok=True)
        enter = lambda: (self.group / "cgroup.procs").write_text(str(os.getpid()))
        with open(self.folder / "console.log", "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, preexec_fn=enter,
                env=os.environ | {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"},
            )

    def leader(self) -> int | None:
        """Process 1 of the machine, seen from here."""
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = file.read_text().split() if file.exists() else []
        return int(children[0]) if children else None

    def run(self, *command: str, check: bool = True, timeout: int = 120) -> subprocess.CompletedProcess:
        leader = self.leader()
        if leader is None:
            assert not check, f"{self.name} does not run: {self.console()}"
            return subprocess.CompletedProcess(command, 255, "", "")
        enter = ["nsenter", f"--target={leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wdns=/"]
        done = subprocess.run(
            [*enter, "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *command],
            capture_output=True, text=True, timeout=timeout,
        )
        if check:
            assert done.returncode == 0, f"{self.name}: {' '.join(command)}: {done.stdout}{done.stderr}"
        return done

    def says(self, *command: str) -> str:
        return self.run(*command, check=False).stdout.strip()

    def failed_units(self) -> list[str]:
        """Of the units that fail, those that would on a kernel of their own as well: zram belongs to the real machine."""
        listed = self.says("systemctl", "list-units", "--failed", "--plain", "--no-legend").splitlines()
        return [line.split()[0] for line in listed if "zram" not in line]

    def current(self) -> str:
        """The release that runs."""
        return self.says("readlink", "/opt/tuskling/current").rsplit("/", 1)[-1]

    def update(self) -> str:
        """What the timer does every two minutes, now; what it said."""
        mark = self.says("date", "+%s.%N")
        self.run("systemctl", "start", "tuskling-update.service", check=False, timeout=600)
        return self.says("journalctl", "-u", "tuskling-update.service", "-o", "cat", "--no-pager", f"--since=@{mark}")

    def reboot(self) -> None:
        self.run("systemctl", "reboot", check=False)
        # systemd-nspawn leaves the second start to whoever started it, and says so by this number.
        assert self.process.wait(120) == 133, self.console()
        self.start()
        eventually(lambda: self.leader(), f"{self.name} starts anew", 30)

    def is_active(self, unit: str) -> bool:
        return self.says("systemctl", "is-active", unit) == "active"

    def log(self) -> str:
        """What explains a failure."""
        boot = self.says("sh", "-c", "tail -n 60 /var/log/cloud-init-output.log; journalctl -b --no-pager -n 150")
        return f"--- {self.name}\n{boot or self.console()}"

    def console(self) -> str:
        return (self.folder / "console.log").read_text(errors="replace")[-3000:]

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                leader = self.leader()
                if leader:
                    os.kill(leader, signal.SIGKILL)
                self.process.kill()
                self.process.wait()
        # systemd-nspawn makes the group in the hierarchy of version 1 as well, where there is one.
        for mount in (line.split() for line in Path("/proc/mounts").read_text().splitlines()):
            if mount[2].startswith("cgroup"):
                group = Path(mount[1]) / self.group.name
                for each in [*sorted((one for one in group.rglob("*") if one.is_dir()), reverse=True), group]:
                    subprocess.run(["rmdir", str(each)], capture_output=True)
        for _ in range(20):
            if subprocess.run(["umount", str(self.root)], capture_output=True).returncode == 0 or not os.path.ismount(self.root):
                break
            time.sleep(0.2)
        if not os.path.ismount(self.root):
            shutil.rmtree(self.folder, ignore_errors=True)
