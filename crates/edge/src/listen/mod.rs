//! Sockets and connections: who may come in, how many, and what is spoken with them.

mod accept;
mod bind;
mod connection;
mod proxy_protocol;

pub(crate) use accept::{Door, run};
pub(crate) use bind::{Inherited, bind};
pub(crate) use connection::Held;
