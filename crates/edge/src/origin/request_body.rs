//! The body of a client's request on its way to an origin: streamed, bounded in size, and given up
//! when it stops arriving.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep};

/// How long a body may pause between two pieces.
const PAUSE: Duration = Duration::from_secs(20);

/// Why a body did not arrive. It is the client's doing, not the origin's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    /// More than is allowed.
    #[error("the body is too large")]
    TooLarge,
    /// It stopped.
    #[error("the body stopped arriving")]
    Late,
    /// Its framing is wrong, or the client went away.
    #[error("the body broke off")]
    BrokeOff,
}

/// What went wrong with a body, for whoever waits for the answer.
#[derive(Clone, Default)]
pub(crate) struct Trouble(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_arriving: bool,
    error: Option<BodyError>,
}

impl Trouble {
    pub fn take(&self) -> Option<BodyError> {
        self.lock().error.take()
    }

    /// Whether the body has not come to its end.
    pub fn is_arriving(&self) -> bool {
        self.lock().is_arriving
    }

    fn is(&self, error: BodyError) -> BodyError {
        *self.lock() = State { is_arriving: false, error: Some(error) };
        error
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body that an origin is sent.
pub(crate) enum RequestBody {
    Whole(Option<Bytes>),
    Arriving(Box<Arriving>),
}

pub(crate) struct Arriving {
    incoming: Incoming,
    left: u64,
    pause: Option<Pin<Box<Sleep>>>,
    trouble: Trouble,
}

impl RequestBody {
    pub fn none() -> Self {
        Self::Whole(None)
    }

    /// These bytes.
    pub fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    /// At most so many bytes of what arrives.
    pub fn limited(incoming: Incoming, most: u64) -> Self {
        if incoming.is_end_stream() {
            return Self::none();
        }
        let trouble = Trouble::default();
        trouble.lock().is_arriving = true;
        Self::Arriving(Box::new(Arriving { incoming, left: most, pause: None, trouble }))
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Whole(_) => Trouble::default(),
            Self::Arriving(arriving) => arriving.trouble.clone(),
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let arriving = match self.get_mut() {
            Self::Whole(bytes) => return Poll::Ready(bytes.take().map(Frame::data).map(Ok)),
            Self::Arriving(arriving) => arriving,
        };
        let Arriving { incoming, left, pause, trouble } = arriving.as_mut();
        loop {
            let Poll::Ready(frame) = Pin::new(&mut *incoming).poll_frame(context) else {
                let patience = pause.get_or_insert_with(|| Box::pin(sleep(PAUSE)));
                ready!(patience.as_mut().poll(context));
                return Poll::Ready(Some(Err(trouble.is(BodyError::Late))));
            };
            *pause = None;
            return Poll::Ready(match frame {
                None => {
                    trouble.lock().is_arriving = false;
                    None
                }
                Some(Err(_)) => Some(Err(trouble.is(BodyError::BrokeOff))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => match left.checked_sub(data.len() as u64) {
                        Some(rest) => {
                            *left = rest;
                            trouble.lock().is_arriving = !incoming.is_end_stream();
                            Some(Ok(Frame::data(data)))
                        }
                        None => Some(Err(trouble.is(BodyError::TooLarge))),
                    },
                    // Trailers stay here: nobody behind us asks for any.
                    Err(_) => continue,
                },
            });
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Arriving(arriving) => arriving.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Self::Arriving(arriving) => arriving.incoming.size_hint(),
        }
    }
}
