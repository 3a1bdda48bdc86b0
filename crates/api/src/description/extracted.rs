//! What the arguments of handlers take from a request.

use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{OriginalUri, Path, Query, Request, State};
use http::HeaderMap;
use serde::de::DeserializeOwned;

use super::{Extracted, Operation, PathPart, shape_of};
use crate::Shared;
use crate::activitypub::Question;
use crate::caller::{Token, User, Viewer};
use crate::oauth::Origin;
use crate::params::{FromTree, Id, Ids, Params, Part, Upload};

macro_rules! nothing {
    ($($argument:ty),* $(,)?) => {$(
        impl Extracted for $argument {
            fn extract(_: &mut Operation<'_>) {}
        }
    )*};
}

nothing! {
    State<Shared>,
    User,
    Viewer,
    Token,
    Origin,
    Question,
    OriginalUri,
    HeaderMap,
    Request,
    Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
}

impl<T: FromTree> Extracted for Params<T> {
    fn extract(operation: &mut Operation<'_>) {
        operation.asked = Some(T::shape());
    }
}

impl<T: FromTree> Extracted for Upload<T> {
    fn extract(operation: &mut Operation<'_>) {
        operation.asked = Some(T::shape());
        operation.takes_files = true;
    }
}

impl<T: DeserializeOwned> Extracted for Result<Query<T>, QueryRejection> {
    fn extract(operation: &mut Operation<'_>) {
        operation.asked = Some(shape_of::<T>());
    }
}

impl<T> Extracted for Id<T> {
    fn extract(operation: &mut Operation<'_>) {
        operation.path = vec![PathPart::Id];
    }
}

impl<T> Extracted for Part<T> {
    fn extract(operation: &mut Operation<'_>) {
        operation.path = vec![PathPart::Id, PathPart::Name];
    }
}

impl<T, U> Extracted for Ids<T, U> {
    fn extract(operation: &mut Operation<'_>) {
        operation.path = vec![PathPart::Id, PathPart::Id];
    }
}

impl Extracted for Path<String> {
    fn extract(operation: &mut Operation<'_>) {
        operation.path = vec![PathPart::Name];
    }
}
