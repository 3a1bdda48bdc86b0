"""Runs moto's server with what it lacks, so that the whole module can be applied to it and removed again.

`python emulator.py PORT`. Everything is in memory; each patch says what AWS does and moto does not.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

IMAGES = [
    {
        "ami_id": f"ami-0{number}debian0000000".replace("debian", "deb1a0"),
        "architecture": architecture,
        "description": "Debian 13",
        "hypervisor": "xen",
        "image_location": f"amazon/debian-13-{machine}-20261101-2290",
        "image_type": "machine",
        "name": f"debian-13-{machine}-20261101-2290",
        "owner_id": "136693071363",
        "platform": None,
        "public": True,
        "root_device_name": "/dev/xvda",
        "root_device_type": "ebs",
        "sriov": "simple",
        "state": "available",
        "virtualization_type": "hvm",
    }
    for number, (architecture, machine) in enumerate([("x86_64", "amd64"), ("arm64", "arm64")])
]


def settings() -> None:
    folder = Path(tempfile.mkdtemp(prefix="tuskling-emulator-"))
    (folder / "images.json").write_text(json.dumps(IMAGES))
    os.environ["MOTO_AMIS_PATH"] = str(folder / "images.json")
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION"] = "1"
    os.environ["MOTO_ENABLE_AMI_VALIDATION"] = "1"


def patch() -> None:
    from moto.core.authorization import ActionAuthenticatorMixin
    from moto.ec2.models.instances import Instance
    from moto.iam.access_control import IAMRequestBase
    from moto.s3.models import FakeBucket

    # AWS frees an interface of one's own when its instance ends; here it stayed attached for ever.
    terminate = Instance.terminate

    def terminate_and_let_go(self):
        state = terminate(self)
        for interface in list(self.nics.values()):
            if not interface.delete_on_termination:
                interface.instance = interface.attachment_id = interface.device_index = None
                interface.status = "available"
        return state

    Instance.terminate = terminate_and_let_go

    # Conditions are not looked at, so that "only by TLS" would deny everything on a plain-http emulator.
    permission = FakeBucket.get_permission

    def permission_by_what_has_no_condition(self, action, resource):
        whole = self.policy
        if whole is None:
            return permission(self, action, resource)
        document = json.loads(whole)
        document["Statement"] = [one for one in document["Statement"] if "Condition" not in one]
        self.policy = json.dumps(document).encode() if document["Statement"] else None
        try:
            return permission(self, action, resource)
        finally:
            self.policy = whole

    FakeBucket.get_permission = permission_by_what_has_no_condition

    # Where a test has rights looked at (/moto-api/reset-auth), all but S3 would be asked about "*" in place of what is meant, so that
    # a role which may read one parameter reads none.
    ActionAuthenticatorMixin._authenticate_and_authorize_normal_action = lambda self, resource="*": None
    # And it signs a query such as prefix=backup%2Fkeys without the escape, so that nobody's signature is right.
    IAMRequestBase.check_signature = lambda self: None


if __name__ == "__main__":
    settings()
    patch()
    from moto.server import main

    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
