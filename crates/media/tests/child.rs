//! The child itself: what it takes away from itself before it touches a file.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops where its tools fail, and says what it skips"
)]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn child(request: &serde_json::Value) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_media-child"))
        .arg("media-child")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{request}").unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn run(script: &str, memory: u64, open_files: u64) -> Output {
    let bytes = |text: &str| serde_json::json!({"Unix": text.as_bytes()});
    child(&serde_json::json!({"Run": {
        "program": "/bin/sh",
        "arguments": [bytes("-c"), bytes(script)],
        "resources": {
            "memory": memory, "cpu_seconds": 7, "file_bytes": 4096, "open_files": open_files,
        },
    }}))
}

#[test]
fn m08_the_limits_are_set_and_cannot_be_left_by_a_new_program() {
    let limits = run(
        "ulimit -v; ulimit -t; ulimit -c; ulimit -n; grep NoNewPrivs /proc/self/status",
        64 << 20,
        20,
    );
    let text = String::from_utf8(limits.stdout).unwrap();
    assert_eq!(
        text.split_whitespace().collect::<Vec<_>>(),
        ["65536", "7", "0", "20", "NoNewPrivs:", "1"]
    );
    let wrote = run("head -c 100000 /dev/zero > /dev/shm/media-child-test", 64 << 20, 20);
    let length = std::fs::metadata("/dev/shm/media-child-test").map(|file| file.len());
    let _ = std::fs::remove_file("/dev/shm/media-child-test");
    assert!(!wrote.status.success());
    assert!(length.unwrap() <= 4096);
}

#[test]
fn m08_the_image_child_can_open_nothing_any_more() {
    // With the limit of the image child no program can even load its libraries.
    let output = run("echo alive", 64 << 20, 0);
    assert!(!String::from_utf8_lossy(&output.stdout).contains("alive"));
    assert!(!output.status.success() || output.stdout.starts_with(br#"{"Failed""#));
}

#[test]
fn nonsense_requests_are_answered_not_obeyed() {
    let output = child(&serde_json::json!({"Open": "/etc/passwd"}));
    assert!(output.stdout.starts_with(br#"{"Failed":"request"#), "{output:?}");
}
