//! The body of an origin's answer. Reading it drives the connection; the end of it gives the
//! connection back.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::pool::Wire;

/// What an origin sends, piece by piece.
pub(crate) struct OriginBody {
    incoming: Incoming,
    wire: Option<Wire>,
}

impl OriginBody {
    pub fn new(incoming: Incoming, wire: Wire) -> Self {
        Self { incoming, wire: Some(wire) }
    }

    fn finish(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.give_back();
        }
    }
}

impl Body for OriginBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let mut polled = Pin::new(&mut this.incoming).poll_frame(context);
        if polled.is_pending()
            && let Some(wire) = &mut this.wire
        {
            wire.drive(context);
            polled = Pin::new(&mut this.incoming).poll_frame(context);
        }
        match &polled {
            Poll::Ready(None) => this.finish(),
            Poll::Ready(Some(Err(_))) => drop(this.wire.take()),
            Poll::Ready(Some(Ok(_))) if this.incoming.is_end_stream() => this.finish(),
            _ => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for OriginBody {
    fn drop(&mut self) {
        // An answer without a body is never read.
        if self.incoming.is_end_stream() {
            self.finish();
        }
    }
}
