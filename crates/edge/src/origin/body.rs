//! The body of an origin's answer. Reading it drives the connection; the end of it gives the
//! connection back.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio_util::sync::PollSender;

use super::pool::Wire;

/// What an origin sends, piece by piece.
pub(crate) struct OriginBody {
    /// Nothing for an answer of the edge's own making, which has no bytes.
    incoming: Option<Incoming>,
    wire: Option<Wire>,
    /// What was read before and comes first.
    first: VecDeque<Bytes>,
    copy: Option<Copy>,
}

/// Somebody who gets the same bytes, and is told when the end was a proper one. Who goes away is not
/// waited for.
pub(crate) type Copy = PollSender<Piece>;

/// What a copy is made of.
#[derive(Debug)]
pub(crate) struct Piece {
    pub bytes: Bytes,
    /// With this all of it has come.
    pub is_last: bool,
}

impl OriginBody {
    pub fn new(incoming: Incoming, wire: Wire) -> Self {
        let first = VecDeque::new();
        Self { incoming: Some(incoming), wire: Some(wire), first, copy: None }
    }

    /// No bytes.
    pub fn empty() -> Self {
        Self { incoming: None, wire: None, first: VecDeque::new(), copy: None }
    }

    /// The same body with what was read of it put back.
    pub fn with(mut self, first: Vec<Bytes>, copy: Option<Copy>) -> Self {
        (self.first, self.copy) = (first.into(), copy);
        self
    }

    fn finish(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.give_back();
        }
    }

    /// Waits until the copy can take a piece.
    fn poll_copy(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(copy) = &mut self.copy
            && ready!(copy.poll_reserve(context)).is_err()
        {
            self.copy = None;
        }
        Poll::Ready(())
    }

    /// A piece has come; at the end the connection and the copy have done their part.
    fn came(&mut self, bytes: Bytes, is_last: bool) {
        if let Some(copy) = &mut self.copy
            && copy.send_item(Piece { bytes, is_last }).is_err()
        {
            self.copy = None;
        }
        if is_last {
            self.copy = None;
            self.finish();
        }
    }

    fn poll_incoming(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let mut polled = Pin::new(&mut *incoming).poll_frame(context);
        if polled.is_pending()
            && let Some(wire) = &mut self.wire
        {
            wire.drive(context);
            polled = Pin::new(incoming).poll_frame(context);
        }
        polled
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
        ready!(this.poll_copy(context));
        let polled = match this.first.pop_front() {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => this.poll_incoming(context),
        };
        match &polled {
            Poll::Ready(None) => this.came(Bytes::new(), true),
            Poll::Ready(Some(Err(_))) => (this.wire, this.copy) = (None, None),
            Poll::Ready(Some(Ok(frame))) => {
                let is_last = this.is_end_stream();
                let copied = frame.data_ref().filter(|_| this.copy.is_some()).cloned();
                this.came(copied.unwrap_or_default(), is_last);
            }
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.incoming {
            _ if !self.first.is_empty() => SizeHint::new(),
            Some(incoming) => incoming.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl Drop for OriginBody {
    fn drop(&mut self) {
        // An answer without a body is never read.
        if self.is_end_stream() {
            self.finish();
        }
    }
}
