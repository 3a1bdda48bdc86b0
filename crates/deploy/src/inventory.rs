//! What costs money, whoever asks for it: hosts, disks, addresses. Made from settings, from a Terraform plan, or by hand for
//! the designs that ours is compared with. Knows no price.
use config::{Deploy, DnsKind, Shape};
use serde_json::Value;

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// What it does.
    pub role: String,
    /// Its instance type.
    pub instance_type: String,
    /// Whether it runs on Spot capacity.
    pub is_spot: bool,
}

/// A disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// What is on it.
    pub role: String,
    /// `gp3`, `gp2`.
    pub kind: String,
    /// Its size.
    pub gigabytes: u64,
}

/// Everything that is paid for while it exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// Hosts.
    pub hosts: Vec<Host>,
    /// Disks.
    pub disks: Vec<Disk>,
    /// Public IPv4 addresses.
    pub addresses: u64,
    /// Hosted zones.
    pub zones: u64,
    /// Alarms, of which ten are free.
    pub alarms: u64,
    /// Gigabytes of disk snapshots.
    pub snapshot_gigabytes: u64,
    /// Load balancers.
    pub load_balancers: u64,
    /// NAT gateways.
    pub nat_gateways: u64,
    /// Databases of RDS: instance type and gigabytes.
    pub databases: Vec<(String, u64)>,
}

/// What the settings ask for.
#[must_use]
pub fn of_settings(settings: &Deploy, shape: Shape) -> Inventory {
    let usual = settings.architecture.usual_type().to_owned();
    let host = |role: &str, instance_type: &Option<String>| Host {
        role: role.to_owned(),
        instance_type: instance_type.clone().unwrap_or_else(|| usual.clone()),
        is_spot: settings.spot,
    };
    let disk = |role: &str, gigabytes: u32| Disk {
        role: role.to_owned(),
        kind: "gp3".into(),
        gigabytes: gigabytes.into(),
    };
    let root = settings.root_volume_gb;
    let (hosts, mut disks) = match shape {
        Shape::Private => (
            vec![
                host("edge", &settings.edge_instance_type),
                host("server", &settings.app_instance_type),
            ],
            vec![disk("edge, root", root), disk("server, root", root)],
        ),
        Shape::Single => {
            (vec![host("host", &settings.edge_instance_type)], vec![disk("host, root", root)])
        }
    };
    disks.push(disk("data", settings.data_volume_gb));
    let alarms = match (settings.alarms, settings.mail) {
        (false, _) => 0,
        (true, false) => 3 * hosts.len(),
        (true, true) => 3 * hosts.len() + 2,
    };
    Inventory {
        hosts,
        disks,
        addresses: 1,
        zones: u64::from(settings.dns != DnsKind::External),
        alarms: u64::try_from(alarms).unwrap_or(u64::MAX),
        ..Inventory::default()
    }
}

/// The design that this project was seeded with: two hosts of the older family, their disks kept by snapshots.
#[must_use]
pub fn of_the_seed() -> Inventory {
    let host = |role: &str, kind: &str| Host {
        role: role.into(),
        instance_type: kind.into(),
        is_spot: false,
    };
    let disk = |role: &str, gigabytes| Disk { role: role.into(), kind: "gp2".into(), gigabytes };
    Inventory {
        hosts: vec![host("proxy", "t2.nano"), host("server", "t2.micro")],
        disks: vec![disk("proxy, root", 8), disk("server, root", 30)],
        addresses: 1,
        zones: 1,
        snapshot_gigabytes: 5,
        ..Inventory::default()
    }
}

/// The usual design: load balancer, NAT gateway, RDS. A load balancer has an address in each of two zones, the gateway one.
#[must_use]
pub fn of_the_usual() -> Inventory {
    Inventory {
        hosts: vec![Host {
            role: "server".into(),
            instance_type: "t4g.small".into(),
            is_spot: false,
        }],
        disks: vec![Disk { role: "server, root".into(), kind: "gp3".into(), gigabytes: 20 }],
        addresses: 3,
        zones: 1,
        snapshot_gigabytes: 5,
        load_balancers: 1,
        nat_gateways: 1,
        databases: vec![("db.t4g.micro".into(), 20)],
        ..Inventory::default()
    }
}

/// Which side of a plan.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// What is there.
    Before,
    /// What will be.
    After,
}

/// What a Terraform plan (`terraform show -json`) finds or leaves behind.
#[must_use]
pub fn of_plan(plan: &Value, side: Side) -> Inventory {
    let side = match side {
        Side::Before => "before",
        Side::After => "after",
    };
    let mut inventory = Inventory::default();
    for change in plan["resource_changes"].as_array().into_iter().flatten() {
        let value = &change["change"][side];
        if change["mode"] == "managed" && value.is_object() {
            add(&mut inventory, change, value);
        }
    }
    inventory
}

fn add(inventory: &mut Inventory, change: &Value, value: &Value) {
    let text = |value: &Value, other: &str| value.as_str().unwrap_or(other).to_owned();
    let role = match change["name"].as_str() {
        Some("app") => "server",
        Some(name) => name,
        None => "?",
    };
    match change["type"].as_str() {
        Some("aws_instance") => {
            inventory.hosts.push(Host {
                role: role.to_owned(),
                instance_type: text(&value["instance_type"], "?"),
                is_spot: value["instance_market_options"][0]["market_type"] == "spot",
            });
            let root = &value["root_block_device"][0];
            inventory.disks.push(Disk {
                role: format!("{role}, root"),
                kind: text(&root["volume_type"], "gp3"),
                gigabytes: root["volume_size"].as_u64().unwrap_or(0),
            });
        }
        Some("aws_ebs_volume") => inventory.disks.push(Disk {
            role: role.to_owned(),
            kind: text(&value["type"], "gp3"),
            gigabytes: value["size"].as_u64().unwrap_or(0),
        }),
        Some("aws_eip") => inventory.addresses += 1,
        Some("aws_route53_zone") => inventory.zones += 1,
        Some("aws_cloudwatch_metric_alarm") => inventory.alarms += 1,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plan_is_read_on_both_sides() {
        let instance = |kind: &str| json!({"instance_type": kind, "root_block_device": [{"volume_type": "gp3", "volume_size": 8}]});
        let plan = json!({"resource_changes": [
            {"mode": "managed", "type": "aws_instance", "name": "edge",
             "change": {"before": instance("t4g.nano"), "after": instance("t4g.micro")}},
            {"mode": "managed", "type": "aws_eip", "name": "edge", "change": {"before": null, "after": {}}},
            {"mode": "data", "type": "aws_instance", "name": "x", "change": {"before": null, "after": {}}},
        ]});
        let before = of_plan(&plan, Side::Before);
        assert_eq!((before.hosts[0].instance_type.as_str(), before.addresses), ("t4g.nano", 0));
        let after = of_plan(&plan, Side::After);
        assert_eq!((after.hosts[0].instance_type.as_str(), after.addresses), ("t4g.micro", 1));
        assert_eq!(after.disks[0].gigabytes, 8);
        assert_eq!(of_plan(&json!({"resource_changes": "?"}), Side::After), Inventory::default());
    }

    #[test]
    fn alarms_stay_within_what_is_free() {
        assert_eq!(of_settings(&Deploy::default(), Shape::Private).alarms, 8);
        assert_eq!(of_settings(&Deploy::default(), Shape::Single).alarms, 5);
    }
}
