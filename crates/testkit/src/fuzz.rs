//! Mutated input for tests of what reads bytes from outside, for as long as `TUSKLING_FUZZ_SECONDS` says, two
//! seconds by default; the seed is printed by a failure and taken from `TUSKLING_FUZZ_SEED`.
#![expect(clippy::unwrap_used, reason = "a test fixture fails by panicking")]

use std::time::{Duration, Instant};

/// Hands mutated documents to `check` until the time is over.
///
/// # Panics
/// When `check` does, or takes two seconds; the message has the seed.
pub fn fuzz(corpus: &[&[u8]], words: &[&[u8]], mut check: impl FnMut(&[u8])) {
    let seconds = number("TUSKLING_FUZZ_SECONDS").unwrap_or(2);
    let seed = number("TUSKLING_FUZZ_SEED").unwrap_or(0x5EED);
    let mut random = Random(seed | 1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut runs = 0_u64;
    let mut kept: Vec<Vec<u8>> = corpus.iter().map(|bytes| bytes.to_vec()).collect();
    while Instant::now() < end {
        let input = mutate(&kept, words, &mut random);
        let start = Instant::now();
        check(&input);
        let took = start.elapsed();
        assert!(
            took < Duration::from_secs(2),
            "{took:?} in run {runs} with seed {seed}: {:?}",
            String::from_utf8_lossy(&input)
        );
        // Some mutants live on, so that changes add up.
        if random.below(64) == 0 && input.len() < 64 * 1_024 {
            let at = corpus.len() + random.below(64);
            if at < kept.len() {
                kept[at] = input;
            } else {
                kept.push(input);
            }
        }
        runs += 1;
    }
    assert!(runs > 10, "only {runs} runs");
}

fn mutate(kept: &[Vec<u8>], words: &[&[u8]], random: &mut Random) -> Vec<u8> {
    let mut bytes = kept[random.below(kept.len())].clone();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(bytes.len().min(64) + 1).min(bytes.len() - at);
        match random.below(8) {
            0 if !bytes.is_empty() => {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let times = 1 + random.below(20);
                let to = random.below(bytes.len() + 1);
                let repeated = piece.repeat(times);
                bytes.splice(to..to, repeated);
            }
            4 => {
                let other = &kept[random.below(kept.len())];
                let from = random.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            5 => {
                let word = words[random.below(words.len())];
                bytes.splice(at..at + length, word.iter().copied());
            }
            6 => {
                let word = words[random.below(words.len())].repeat(1 + random.below(200));
                bytes.splice(at..at, word);
            }
            _ => {
                let word = words[random.below(words.len())];
                bytes.splice(at..at, word.iter().copied());
            }
        }
    }
    bytes.truncate(256 * 1_024);
    bytes
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// The generator "xorshift64*": short, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}
