//! The decoding child on its own, for the tests of this crate. `tuskling media-child` is the same.

fn main() -> std::process::ExitCode {
    tuskling_media::child::main()
}
