//! The whole document, and the test that `docs/openapi.json` is it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Field, Operation, PathPart, Shape, by_hand};
use crate::routes::{Access, Route, table};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

/// Routes of the table that are no part of the client API: documents for other servers, files, pages.
fn is_elsewhere(path: &str) -> bool {
    let beginnings =
        ["/users/", "/contexts/", "/actor", "/inbox", "/media/", "/manifest", "/custom.css"];
    beginnings.iter().any(|beginning| path.starts_with(beginning))
        || path == "/.well-known/change-password"
}

fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with(|settings| {
        settings.definitions_path = "/components/schemas".into();
    });
    let mut generator = settings.into_generator();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in table().iter().filter(|route| !is_elsewhere(route.path)) {
        let mut operation = Operation::new(&mut generator);
        (route.describe)(&mut operation);
        let methods: &[&str] =
            if route.method == "PUT" { &["PUT", "PATCH"] } else { &[route.method] };
        for method in methods {
            let entry = paths.entry(route.path.to_owned()).or_default();
            entry.insert(method.to_lowercase(), operation.render(method, route));
        }
    }
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Error".into(), error_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "tuskling, client API",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "description": "Made from the table of routes and the types of its handlers by \
                `UPDATE_DOCS=1 cargo test -p tuskling-api --lib description`. Parameters of any route may come in \
                the query, as a form, as multipart or as JSON; numbers and flags may be text.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": { "Refused": refused() },
            "securitySchemes": { "token": { "type": "oauth2", "flows": flows() } },
        },
    })
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": { "type": "string", "description": "What happened, for people; a code below /oauth." },
            "error_description": { "type": "string" },
            "details": { "type": "object", "description": "Problems by the field that has them." },
        },
    })
}

fn refused() -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Error" });
    json!({ "description": "Refused", "content": { "application/json": { "schema": schema } } })
}

fn flows() -> Value {
    let scopes: Map<String, Value> =
        domain::scope::ALL.iter().map(|scope| ((*scope).to_owned(), json!(""))).collect();
    json!({
        "authorizationCode": {
            "authorizationUrl": "/oauth/authorize", "tokenUrl": "/oauth/token", "scopes": scopes,
        },
        "clientCredentials": { "tokenUrl": "/oauth/token", "scopes": scopes },
    })
}

impl<'g> Operation<'g> {
    fn new(generator: &'g mut schemars::SchemaGenerator) -> Self {
        Self {
            asked: None,
            path: Vec::new(),
            takes_files: false,
            answers: BTreeMap::new(),
            has_links: false,
            is_opaque: false,
            generator,
        }
    }

    fn render(&self, method: &str, route: &Route) -> Value {
        let mut parameters = self.path_parameters(route.path);
        parameters.extend(by_hand::headers(method, route.path));
        let mut rendered = json!({
            "operationId": format!("{} {}", method.to_lowercase(), route.path),
            "tags": [tag(route.path)],
            "responses": self.responses(route),
        });
        if let Some(Shape::Group(fields)) = &self.asked {
            if matches!(method, "GET" | "DELETE") {
                parameters.extend(fields.iter().map(query_parameter));
            } else {
                rendered["requestBody"] = self.body(route.path, fields);
            }
        }
        if !parameters.is_empty() {
            rendered["parameters"] = json!(parameters);
        }
        if let Some(security) = security(route.access) {
            rendered["security"] = security;
        }
        rendered
    }

    fn path_parameters(&self, path: &str) -> Vec<Value> {
        let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let parameter = |(number, name): (usize, &str)| {
            let is_id = self.path.get(number) == Some(&PathPart::Id);
            let schema =
                if is_id { Shape::Whole.schema("id") } else { json!({ "type": "string" }) };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        };
        names.enumerate().map(parameter).collect()
    }

    fn body(&self, path: &str, fields: &[Field]) -> Value {
        let schema = Shape::Group(fields.to_vec()).schema("");
        let mut kinds = json!({
            "application/json": { "schema": schema },
            "application/x-www-form-urlencoded": { "schema": schema },
        });
        if self.takes_files {
            let mut with_files = schema;
            let (_, names) = by_hand::FILES
                .iter()
                .find(|(known, _)| *known == path)
                .expect("its files are named");
            for name in *names {
                with_files["properties"][*name] = json!({ "type": "string", "format": "binary" });
            }
            kinds["multipart/form-data"] = json!({ "schema": with_files });
        }
        json!({ "required": fields.iter().any(|field| field.is_needed), "content": kinds })
    }

    fn responses(&self, route: &Route) -> Value {
        let mut responses = Map::new();
        for ((_, kind), schema) in &self.answers {
            let mut good =
                json!({ "description": "Done", "content": { *kind: { "schema": schema } } });
            if self.has_links {
                let text = json!({ "schema": { "type": "string" } });
                good["headers"] = json!({ "Link": text });
            }
            let more =
                by_hand::STATUSES.iter().find(|(m, p, _)| (*m, *p) == (route.method, route.path));
            for status in more.map_or(&[200][..], |(_, _, statuses)| *statuses) {
                responses.insert(status.to_string(), good.clone());
            }
        }
        if by_hand::is_stream(route.path) {
            let kinds = json!({ "text/event-stream": {} });
            responses.insert("200".into(), json!({ "description": "Events", "content": kinds }));
        }
        if by_hand::is_socket(route.path) {
            responses.insert("101".into(), json!({ "description": "A WebSocket (RFC 6455)" }));
        }
        for (_, kind, statuses) in by_hand::OPAQUE.iter().filter(|(path, ..)| *path == route.path) {
            for status in *statuses {
                let good = json!({ "description": "Done", "content": { *kind: {} } });
                responses.insert(status.to_string(), good);
            }
        }
        for status in self.refusals(route) {
            let reference = json!({ "$ref": "#/components/responses/Refused" });
            responses.insert(status.to_string(), reference);
        }
        Value::Object(responses)
    }

    /// The statuses of refusals, by what can go wrong on the way to the handler and in it.
    fn refusals(&self, route: &Route) -> BTreeSet<u16> {
        let mut statuses = BTreeSet::from([429]);
        let (writes, in_path) = (route.method != "GET", route.path.contains('{'));
        let names_nobody = matches!(route.access, Access::Open);
        if !names_nobody {
            // A bad token; other scopes, or an account that may not act.
            statuses.extend([401, 403]);
        }
        if matches!(route.access, Access::User(_) | Access::Admin(..)) {
            // An app's token where a person is needed.
            statuses.insert(422);
        }
        if in_path {
            statuses.insert(404);
        }
        if self.asked.is_some() {
            statuses.insert(400);
        }
        if self.asked.as_ref().is_some_and(Shape::names_something) {
            statuses.insert(404);
        }
        if writes && self.asked.is_some() {
            statuses.extend([413, 422]);
        }
        let more =
            by_hand::REFUSALS.iter().filter(|(m, p, _)| (*m, *p) == (route.method, route.path));
        statuses.extend(more.flat_map(|(_, _, statuses)| statuses.iter()));
        statuses
    }
}

/// `accounts` of `/api/v1/accounts/{id}`.
fn tag(path: &str) -> &str {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    match parts.next() {
        Some("api") => parts.find(|part| !part.starts_with('v')).unwrap_or("oembed"),
        Some(first) => first,
        None => "",
    }
}

fn query_parameter(field: &Field) -> Value {
    let schema = field.shape.schema(&field.name);
    let is_list = matches!(field.shape, Shape::List(_));
    let name = if is_list { format!("{}[]", field.name) } else { field.name.clone() };
    let mut parameter =
        json!({ "name": name, "in": "query", "required": field.is_needed, "schema": schema });
    if matches!(field.shape, Shape::Group(_) | Shape::Named(_)) {
        parameter["style"] = json!("deepObject");
        parameter["explode"] = json!(true);
    }
    parameter
}

/// Any one of the scopes is enough.
fn security(access: Access) -> Option<Value> {
    let scopes = access.scopes();
    let mut ways: Vec<Value> = scopes.iter().map(|scope| json!({ "token": [scope] })).collect();
    if scopes.is_empty() && access != Access::Open {
        ways.push(json!({ "token": [] }));
    }
    if matches!(access, Access::Optional(_)) {
        ways.push(json!({}));
    }
    (!ways.is_empty()).then(|| json!(ways))
}

/// One line for each path and schema, so that a change shows as one.
fn text(document: &Value) -> String {
    let mut text = String::from("{\n");
    let line = |name: &str| format!("\"{name}\": {}", document[name]);
    for name in ["openapi", "info"] {
        writeln!(text, "{},", line(name)).expect("text grows");
    }
    let block = |entries: &Value| {
        let entries = entries.as_object().expect("an object");
        let lines: Vec<String> =
            entries.iter().map(|(name, value)| format!("{}: {value}", json!(name))).collect();
        lines.join(",\n")
    };
    writeln!(text, "\"paths\": {{\n{}\n}},", block(&document["paths"])).expect("text grows");
    let components = &document["components"];
    writeln!(text, "\"components\": {{\n\"schemas\": {{\n{}\n}},", block(&components["schemas"]))
        .expect("text grows");
    for name in ["responses", "securitySchemes"] {
        let comma = if name == "responses" { "," } else { "" };
        writeln!(text, "\"{name}\": {}{comma}", components[name]).expect("text grows");
    }
    text.push_str("}\n}\n");
    text
}

#[test]
fn the_document_of_the_api_is_up_to_date() {
    let wanted = text(&document());
    let read: Value = serde_json::from_str(&wanted).expect("the document is JSON");
    assert_eq!(read, document());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(FILE, &wanted).expect("docs can be written");
    }
    let found = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(found == wanted, "docs/openapi.json is out of date: run this test with UPDATE_DOCS=1");
}

#[test]
fn every_route_of_the_client_api_tells_its_parameters_and_answers() {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    for route in table().iter().filter(|route| !is_elsewhere(route.path)) {
        let mut operation = Operation::new(&mut generator);
        (route.describe)(&mut operation);
        let by_hand = by_hand::OPAQUE.iter().any(|(path, ..)| *path == route.path)
            || by_hand::is_stream(route.path);
        assert_eq!(operation.is_opaque, by_hand, "{} {}", route.method, route.path);
        let is_group = matches!(operation.asked, None | Some(Shape::Group(_)));
        assert!(is_group, "{} {}: {:?}", route.method, route.path, operation.asked);
    }
}

#[test]
fn no_two_entities_share_a_name() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    // The generator numbers what has the name of another; the first versions of entities begin with V1.
    let numbered: Vec<&String> =
        schemas.keys().filter(|name| name.ends_with(|last: char| last.is_ascii_digit())).collect();
    assert!(numbered.is_empty(), "give them names of their own: {numbered:?}");
}

#[test]
fn lines_by_hand_speak_of_routes_that_are_there() {
    let table = table();
    let has = |method: &str, path: &str| {
        table.iter().any(|route| (route.method, route.path) == (method, path))
    };
    let lines = by_hand::STATUSES.iter().chain(by_hand::REFUSALS);
    for (method, path, _) in lines {
        assert!(has(method, path), "{method} {path}");
    }
}
