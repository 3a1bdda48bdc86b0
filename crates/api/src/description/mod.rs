//! The API as an OpenAPI document, made of what the compiler knows: the table of routes, the types that
//! handlers take and the types that they answer with. Nobody writes down a parameter or a field twice.
//!
//! Only in tests: `UPDATE_DOCS=1 cargo test -p tuskling-api --lib description` writes `docs/openapi.json`, and
//! a server carries none of it (`docs/decisions/0028-the-api-describes-itself-in-tests.md`).

mod answered;
mod asked;
mod by_hand;
mod document;
mod extracted;

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use serde_json::Value;

pub(crate) use asked::{Field, Shape, shape_of};

/// What the types of a handler say of its route.
pub(crate) struct Operation<'g> {
    /// The parameters outside the path.
    pub asked: Option<Shape>,
    /// The parts of the path, in order: whether each is an id.
    pub path: Vec<PathPart>,
    /// Files may come with the parameters.
    pub takes_files: bool,
    /// Good answers: a schema for each status and media type.
    pub answers: BTreeMap<(u16, &'static str), Value>,
    /// A good answer carries a `Link` header.
    pub has_links: bool,
    /// It answers with something that its type does not tell.
    pub is_opaque: bool,
    generator: &'g mut SchemaGenerator,
}

/// What a part of a path is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathPart {
    /// Digits.
    Id,
    /// A name, a code, a key.
    Name,
}

/// A function whose arguments and answer can be described; `T` is the tuple by which axum knows it.
pub(crate) trait Described<T> {
    fn describe(operation: &mut Operation<'_>);
}

/// An argument of a handler.
trait Extracted {
    fn extract(operation: &mut Operation<'_>);
}

/// What a handler answers with.
trait Answered {
    fn answer(operation: &mut Operation<'_>);
}

macro_rules! handlers {
    ($($($argument:ident)*;)*) => {$(
        impl<F, Future, Answer, M, $($argument),*> Described<(M, $($argument,)*)> for F
        where
            F: FnOnce($($argument),*) -> Future,
            Future: std::future::Future<Output = Answer>,
            Answer: Answered,
            $($argument: Extracted,)*
        {
            fn describe(operation: &mut Operation<'_>) {
                $($argument::extract(operation);)*
                Answer::answer(operation);
            }
        }
    )*};
}

handlers! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E G;
}

impl<F, Future, Answer> Described<((),)> for F
where
    F: FnOnce() -> Future,
    Future: std::future::Future<Output = Answer>,
    Answer: Answered,
{
    fn describe(operation: &mut Operation<'_>) {
        Answer::answer(operation);
    }
}
