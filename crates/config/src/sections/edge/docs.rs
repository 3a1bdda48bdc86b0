//! The words that explain each key of `[edge]` in the example file.

/// For each key of the section its words for the example file.
pub(in super::super) const DOCS: &[(&str, &str, &str)] = &[
    ("domain", "The name that the edge answers for. Default: server.domain.", "\"social.example\""),
    (
        "origins",
        "What stands behind it: http://HOST:PORT, https://HOST:PORT, link://HOST:PORT (encrypted, both sides proven; see link_secret_file), or s3://BUCKET/PREFIX (a private bucket: only GET, only keys below the prefix).",
        "",
    ),
    (
        "sites",
        "More names and servers: { names = [..], origins = [..], paths = [{ prefix = \"/api/v1/streaming\", origins = [..] }], upgrades = [..], inboxes = [\"/inbox\", \"/users/*/inbox\"], files = [\"/media\"], cache = [\"/\"], health = \"/ready\", certificate = \"..\", key = \"..\" }.",
        "",
    ),
    ("http", "Addresses for http: certificate challenges, and the way to https.", ""),
    ("https", "Addresses for https.", ""),
    (
        "certificate",
        "Certificate chain (PEM) of sites that name none. Without one, certificates are fetched by ACME.",
        "\"/etc/tuskling/fullchain.pem\"",
    ),
    ("key", "Its private key (PEM).", "\"/etc/tuskling/privkey.pem\""),
    (
        "acme_directory",
        "Directory of the ACME authority that certificates come from. To use it is to agree to its terms.",
        "",
    ),
    (
        "acme_contact",
        "Mail address that the authority may write to when something is wrong.",
        "\"owner@social.example\"",
    ),
    ("data", "Folder of what the edge keeps: certificates, cache.", ""),
    (
        "vault",
        "Where certificates and the ACME account are kept as well, sealed, so that a lost machine orders nothing anew: a folder on another disk, or s3://BUCKET/PREFIX.",
        "\"s3://my-edge/vault\"",
    ),
    (
        "vault_secret_file",
        "File with the secret that seals them, one a line: the first seals, all open. Default: link_secret_file.",
        "\"/etc/tuskling/vault-secret\"",
    ),
    (
        "route53_zone",
        "Id of the hosted zone of Amazon Route 53 in which all names lie: certificates are then proved by DNS first, which needs no open port.",
        "\"Z0123456789ABCDEFGHIJ\"",
    ),
    ("route53_endpoint", "Another address of Route 53.", "\"https://route53.amazonaws.com\""),
    (
        "route53_access_key_id",
        "Access key for Route 53. None: the role of this instance, so that no key exists at all.",
        "\"AKIA…\"",
    ),
    ("route53_secret_access_key", "The key's secret.", "\"secret\""),
    (
        "route53_secret_access_key_file",
        "A file that holds the key's secret.",
        "\"/etc/tuskling/route53-secret\"",
    ),
    (
        "s3_endpoint",
        "Address of an S3 that is not AWS, for the vault and for s3:// origins.",
        "\"https://s3.example.com\"",
    ),
    ("s3_region", "Region of their buckets.", ""),
    ("s3_access_key_id", "Access key for S3. None: the role of this instance.", "\"AKIA…\""),
    ("s3_secret_access_key", "The key's secret.", "\"secret\""),
    (
        "s3_secret_access_key_file",
        "A file that holds the key's secret.",
        "\"/etc/tuskling/s3-secret\"",
    ),
    (
        "link_secret_file",
        "File with the secret that link:// shares with server.link_secret_file; `tuskling edge secret` makes one.",
        "\"/etc/tuskling/link-secret\"",
    ),
    (
        "proxy_protocol_from",
        "Addresses or networks of proxies that announce clients by the PROXY protocol. Nobody else may.",
        "",
    ),
    ("hsts_days", "Days for which browsers remember to use https only; 0 says nothing.", ""),
    (
        "access_log",
        "off, sampled (one in 100, and failures) or full. Queries are never logged.",
        "",
    ),
    ("metrics", "Loopback address of GET /metrics and of `tuskling edge status`.", ""),
    ("connections", "Most client connections at once.", ""),
    (
        "connections_per_address",
        "Most connections at once from one address (IPv6: one /64); twice as many requests.",
        "",
    ),
    (
        "requests_per_second",
        "Requests a second from one address, with bursts of ten seconds' worth; 0 does not count.",
        "",
    ),
    ("body_bytes", "Most bytes of a request body.", ""),
    (
        "wait_for_origin",
        "Seconds that requests wait for a server that is restarting, before the maintenance page.",
        "",
    ),
    (
        "spool_bytes",
        "Bytes of deliveries to inboxes that are kept in data/spool while the server is away, and handed over when it is back; 0 keeps none.",
        "",
    ),
    ("spool_entries", "Most deliveries that are kept.", ""),
    ("spool_entries_per_sender", "Most deliveries of one sending server that are kept.", ""),
    (
        "cache_bytes",
        "Bytes of media and public pages that are cached in data/cache, and shown for a day when the server is away; 0 caches nothing. Never more than the disk has room for.",
        "",
    ),
    ("cache_entries", "Most answers that are cached.", ""),
    (
        "nat_sources",
        "Private networks that `tuskling edge nat up` lets out by this machine's address, like \"10.0.1.0/24\".",
        "",
    ),
    (
        "nat_interface",
        "The interface that they leave by. Default: that of the default route.",
        "\"ens5\"",
    ),
];
