//! What a deployment needs of the world around it, passed in: words to the person, answers, randomness, a look from outside.
use std::time::Duration;

/// Status code of a GET, and the beginning of its body; or why there is none.
pub type Look = Result<(u16, String), String>;

/// Takes the next piece of a body; an error ends it.
pub type Sink<'s> = dyn FnMut(&[u8]) -> Result<(), String> + Send + 's;

/// The world. Made by `tuskling deploy`.
pub struct World<'w> {
    /// A line for the person.
    pub say: &'w dyn Fn(&str),
    /// A question and its answer, without the line break; none when nobody is there.
    pub ask: &'w dyn Fn(&str) -> Option<String>,
    /// A look at an address.
    pub probe: &'w dyn Fn(&str) -> Look,
    /// Reads what is at an address, piece by piece, however much it is. The error says why it was not read to its end.
    pub stream: &'w dyn Fn(&str, &mut Sink<'_>) -> Result<(), String>,
    /// A fresh secret in the form of the link between edge and server.
    pub secret: &'w dyn Fn() -> String,
    /// Waits.
    pub pause: &'w dyn Fn(Duration),
    /// A variable of the environment.
    pub variable: &'w dyn Fn(&str) -> Option<String>,
}

impl World<'_> {
    /// Whether the person says yes. Nobody there means no.
    #[must_use]
    pub fn agrees(&self, question: &str) -> bool {
        let answer = (self.ask)(&format!("{question} [yes/no] "));
        answer.is_some_and(|answer| matches!(answer.trim(), "y" | "yes"))
    }

    /// Whether AWS is somebody else: an emulator at an address of its own.
    #[must_use]
    pub fn has_custom_endpoint(&self) -> bool {
        (self.variable)("AWS_ENDPOINT_URL").is_some_and(|url| !url.is_empty())
    }
}
