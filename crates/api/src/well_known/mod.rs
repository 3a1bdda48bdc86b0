//! WebFinger, host-meta, NodeInfo, and other files with known names.

mod nodeinfo;
mod site;
mod webfinger;

use crate::routes::{Access, Route, get};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        get("/.well-known/webfinger", Access::Open, webfinger::webfinger),
        get("/.well-known/host-meta", Access::Open, webfinger::host_meta),
        get("/.well-known/host-meta.json", Access::Open, webfinger::host_meta_json),
        get("/.well-known/nodeinfo", Access::Open, nodeinfo::links),
        get("/nodeinfo/2.0", Access::Open, nodeinfo::version_2_0),
        get("/nodeinfo/2.1", Access::Open, nodeinfo::version_2_1),
        get("/.well-known/change-password", Access::Open, site::change_password),
        get("/custom.css", Access::Open, site::custom_css),
        get("/manifest", Access::Open, site::manifest),
        get("/manifest.json", Access::Open, site::manifest),
    ]
}
