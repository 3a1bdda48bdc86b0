//! Why there is no answer, and whether it is worth another try.

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// This address may not be asked: scheme, private address, credentials in it. Never retried.
    #[error("{0} may not be reached from here")]
    Refused(String),
    /// No connection: name, route, TLS. Worth another try later.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(String, String),
    /// It took too long. Worth another try later.
    #[error("{0} did not answer in time")]
    Timeout(String),
    /// More bytes than allowed.
    #[error("{0} sent more than {1} bytes")]
    TooLarge(String, usize),
    /// More redirects than allowed, or one that may not be followed.
    #[error("{0} redirects too often or to where it must not")]
    Redirects(String),
    /// It does not speak HTTP as it should.
    #[error("{0} broke off: {1}")]
    Broken(String, String),
    /// What came could not be written down here: our disk, not the other side.
    #[error("what {0} sent cannot be kept: {1}")]
    NotKept(String, String),
}

impl NetError {
    /// Whether the same request may work later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(..) | Self::Timeout(_) | Self::Broken(..) | Self::NotKept(..) => true,
            Self::Refused(_) | Self::TooLarge(..) | Self::Redirects(_) => false,
        }
    }

    /// The reason that the connector gave, which comes back wrapped by the library above it.
    pub(crate) fn within<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(found) = error.downcast_ref::<Self>() {
                return Some(found);
            }
            cause = error.source();
        }
        None
    }
}

/// The causes of an error in one line, for the log.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
