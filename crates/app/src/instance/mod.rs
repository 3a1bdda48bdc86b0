//! What the instance says of itself.
