//! Statements as one text, whatever order they came in and whatever their nameless nodes were called (RDF Dataset
//! Canonicalization, RDFC-1.0, which is URDNA2015: <https://www.w3.org/TR/rdf-canon/>).

use std::collections::BTreeMap;

use super::graph::{Node, Quad};
use super::{LinkedError, hash};

/// How many paths between nodes that look alike are walked. Ours need a few dozen.
const PATHS: usize = 4_096;
/// How many nodes that look alike are put into every order: 120 orders.
const ALIKE: usize = 5;

/// The canonical text.
pub(super) fn text(quads: &[Quad]) -> Result<String, LinkedError> {
    let names = Namer::new(quads).names()?;
    let name = |id: usize| names.of(id).unwrap_or_default().to_owned();
    let mut lines: Vec<String> = quads.iter().map(|quad| line(quad, &name)).collect();
    lines.sort_unstable();
    Ok(lines.concat())
}

fn line(quad: &Quad, name: &dyn Fn(usize) -> String) -> String {
    let node = |node: &Node| match node {
        Node::Iri(iri) => format!("<{iri}>"),
        Node::Blank(id) => format!("_:{}", name(*id)),
        Node::Literal(text) => text.clone(),
    };
    format!("{} <{}> {} .\n", node(&quad.subject), quad.predicate, node(&quad.object))
}

/// Names, in the order in which they were given.
#[derive(Clone)]
struct Issuer {
    prefix: &'static str,
    given: Vec<(usize, String)>,
}

impl Issuer {
    fn new(prefix: &'static str) -> Self {
        Self { prefix, given: Vec::new() }
    }

    fn of(&self, id: usize) -> Option<&str> {
        self.given.iter().find(|(known, _)| *known == id).map(|(_, name)| name.as_str())
    }

    fn issue(&mut self, id: usize) -> String {
        if let Some(name) = self.of(id) {
            return name.to_owned();
        }
        let name = format!("{}{}", self.prefix, self.given.len());
        self.given.push((id, name.clone()));
        name
    }
}

struct Namer<'q> {
    /// What is said of, or with, each nameless node.
    mentions: BTreeMap<usize, Vec<&'q Quad>>,
    names: Issuer,
    paths: usize,
}

impl<'q> Namer<'q> {
    fn new(quads: &'q [Quad]) -> Self {
        let mut mentions: BTreeMap<usize, Vec<&Quad>> = BTreeMap::new();
        for quad in quads {
            let mut ids = [&quad.subject, &quad.object].map(blank);
            if ids[0] == ids[1] {
                ids[1] = None;
            }
            for id in ids.into_iter().flatten() {
                mentions.entry(id).or_default().push(quad);
            }
        }
        Self { mentions, names: Issuer::new("c14n"), paths: 0 }
    }

    fn names(mut self) -> Result<Issuer, LinkedError> {
        let mut by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for id in self.mentions.keys() {
            by_hash.entry(self.own_hash(*id)).or_default().push(*id);
        }
        for ids in by_hash.values() {
            if let [only] = ids[..] {
                self.names.issue(only);
            }
        }
        for ids in by_hash.values().filter(|ids| ids.len() > 1) {
            let mut paths = Vec::new();
            for id in ids {
                if self.names.of(*id).is_none() {
                    let mut issuer = Issuer::new("b");
                    issuer.issue(*id);
                    paths.push(self.path_hash(*id, issuer)?);
                }
            }
            paths.sort_by(|one, other| one.0.cmp(&other.0));
            for (_, issuer) in paths {
                for (id, _) in issuer.given {
                    self.names.issue(id);
                }
            }
        }
        Ok(self.names)
    }

    fn quads_of(&self, id: usize) -> &[&'q Quad] {
        self.mentions.get(&id).map_or(&[], Vec::as_slice)
    }

    /// "Hash first degree quads": what is said of a node, whatever others are called.
    fn own_hash(&self, id: usize) -> String {
        let name = |other: usize| if other == id { "a".to_owned() } else { "z".to_owned() };
        let mut lines: Vec<String> =
            self.quads_of(id).iter().map(|quad| line(quad, &name)).collect();
        lines.sort_unstable();
        hash(&lines.concat())
    }

    /// "Hash n-degree quads": a node by its way to others, and names for those on the way.
    fn path_hash(
        &mut self,
        id: usize,
        mut issuer: Issuer,
    ) -> Result<(String, Issuer), LinkedError> {
        self.paths += 1;
        if self.paths > PATHS {
            return Err(LinkedError::TooAlike);
        }
        let mut data = String::new();
        for (related, ids) in self.related(id, &issuer) {
            if ids.len() > ALIKE {
                return Err(LinkedError::TooAlike);
            }
            let mut best: Option<(String, Issuer)> = None;
            for order in orders(&ids) {
                let found = self.path(&order, issuer.clone())?;
                if best.as_ref().is_none_or(|best| found.0 < best.0) {
                    best = Some(found);
                }
            }
            if let Some((path, names)) = best {
                data.push_str(&related);
                data.push_str(&path);
                issuer = names;
            }
        }
        Ok((hash(&data), issuer))
    }

    /// The nameless nodes next to a node, by the hash of how they stand to it.
    fn related(&self, id: usize, issuer: &Issuer) -> BTreeMap<String, Vec<usize>> {
        let mut related: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for quad in self.quads_of(id) {
            for (place, node) in [("s", &quad.subject), ("o", &quad.object)] {
                let Some(other) = blank(node).filter(|other| *other != id) else { continue };
                let name = self.names.of(other).or_else(|| issuer.of(other));
                let name = name.map_or_else(|| self.own_hash(other), |name| format!("_:{name}"));
                let key = hash(&format!("{place}<{}>{name}", quad.predicate));
                related.entry(key).or_default().push(other);
            }
        }
        related
    }

    fn path(
        &mut self,
        order: &[usize],
        mut issuer: Issuer,
    ) -> Result<(String, Issuer), LinkedError> {
        let (mut path, mut further) = (String::new(), Vec::new());
        for other in order {
            if let Some(name) = self.names.of(*other) {
                path.push_str(&format!("_:{name}"));
                continue;
            }
            if issuer.of(*other).is_none() {
                further.push(*other);
            }
            path.push_str(&format!("_:{}", issuer.issue(*other)));
        }
        for other in further {
            let (hash, names) = self.path_hash(other, issuer.clone())?;
            path.push_str(&format!("_:{}<{hash}>", issuer.issue(other)));
            issuer = names;
        }
        Ok((path, issuer))
    }
}

fn blank(node: &Node) -> Option<usize> {
    match node {
        Node::Blank(id) => Some(*id),
        Node::Iri(_) | Node::Literal(_) => None,
    }
}

/// Every order of a few.
fn orders(ids: &[usize]) -> Vec<Vec<usize>> {
    if ids.len() <= 1 {
        return vec![ids.to_vec()];
    }
    let mut all = Vec::new();
    for (at, first) in ids.iter().enumerate() {
        let mut rest = ids.to_vec();
        rest.remove(at);
        for mut order in orders(&rest) {
            order.insert(0, *first);
            all.push(order);
        }
    }
    all
}
