//! Numbers as people read them.

/// The number with a thin space between groups of three, as in `12 345`.
pub fn count(number: &u64) -> String {
    let digits = number.to_string();
    let length = digits.len();
    let mut text = String::with_capacity(length + length / 3 * 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (length - index).is_multiple_of(3) && length > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_long_numbers_only() {
        assert_eq!(count(&0), "0");
        assert_eq!(count(&1234), "1234");
        assert_eq!(count(&12345), "12\u{202f}345");
        assert_eq!(count(&1_234_567), "1\u{202f}234\u{202f}567");
    }
}
