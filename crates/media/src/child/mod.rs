//! The decoding child: `PROGRAM media-child`. Reads one request line from standard input, opens the
//! files it was given, takes its own rights away, decodes, answers one line and ends.
//!
//! Call [`main`] first thing, before any thread or runtime exists: the limits count the whole
//! process. It must not read configuration, log, or open anything that the request does not name.

mod boxes;
mod decode;
mod encode;
mod gif;
mod jpeg;
mod png;
mod render;
mod resize;
mod sandbox;
mod shrink;

use std::fs::File;
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;

use crate::protocol::{Answer, ImageRequest, Request, RunRequest, ScrubRequest};

/// Longest request line.
const MAX_REQUEST: u64 = 64 * 1024;

/// The whole life of the child.
pub fn main() -> ExitCode {
    let answer = match read_request() {
        Ok(Request::Image(request)) => serve_image(&request),
        Ok(Request::Scrub(request)) => serve_scrub(&request),
        Ok(Request::Run(request)) => become_program(&request),
        Err(error) => Answer::Failed(format!("request: {error}")),
    };
    match write_answer(&answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn read_request() -> io::Result<Request> {
    let mut line = String::new();
    io::Read::take(io::stdin().lock(), MAX_REQUEST).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

fn write_answer(answer: &Answer) -> io::Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    let mut output = io::stdout().lock();
    output.write_all(&line)?;
    output.flush()
}

fn serve_image(request: &ImageRequest) -> Answer {
    let opened = || {
        let input = File::open(&request.input)?;
        let original = File::create_new(&request.original)?;
        let small = File::create_new(&request.small)?;
        // From here on: no new file, no socket, nothing but what is open.
        sandbox::enter(&request.resources)?;
        io::Result::Ok((input, original, small))
    };
    let (input, original, small) = match opened() {
        Ok(files) => files,
        Err(error) => return Answer::Failed(format!("opening: {error}")),
    };
    match render::render(request, input, original, small) {
        Ok(answer) => Answer::Done(answer),
        Err(render::RenderError::Refused(refusal)) => Answer::Refused(refusal),
        Err(render::RenderError::Disk(error)) => Answer::Failed(format!("writing: {error}")),
    }
}

fn serve_scrub(request: &ScrubRequest) -> Answer {
    let copied = || {
        let mut input = File::open(&request.input)?;
        let mut output =
            File::options().read(true).write(true).create_new(true).open(&request.output)?;
        sandbox::enter(&request.resources)?;
        io::copy(&mut input, &mut output)?;
        io::Result::Ok(output)
    };
    match copied().map_err(boxes::ScrubError::Disk).and_then(|output| boxes::scrub(&output)) {
        Ok(found) => Answer::Scrubbed(found),
        Err(boxes::ScrubError::Refused(refusal)) => Answer::Refused(refusal),
        Err(boxes::ScrubError::Disk(error)) => Answer::Failed(format!("copying: {error}")),
    }
}

/// Returns only when the other program could not be started.
fn become_program(request: &RunRequest) -> Answer {
    use std::os::unix::process::CommandExt as _;

    if let Err(error) = sandbox::enter(&request.resources) {
        return Answer::Failed(format!("limits: {error}"));
    }
    let error = std::process::Command::new(&request.program).args(&request.arguments).exec();
    Answer::Failed(format!("starting {}: {error}", request.program.display()))
}
