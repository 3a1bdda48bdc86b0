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

/// The number with its noun, as in `1 post` and `2 posts`.
pub fn counted(number: &u64, one: &str, many: &str) -> String {
    let noun = if *number == 1 { one } else { many };
    format!("{} {noun}", count(number))
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
        assert_eq!(counted(&1, "post", "posts"), "1 post");
        assert_eq!(counted(&0, "post", "posts"), "0 posts");
    }
}
