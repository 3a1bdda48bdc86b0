//! The tuskling binary: the only place that wires the rooms together.
fn main() {}
