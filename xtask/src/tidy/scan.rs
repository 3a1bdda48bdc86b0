//! Takes a Rust file apart just far enough for the checks: code, strings, comments, test regions.
//! It is no parser: it knows literals, comments and matching braces, nothing about types.

/// A Rust file with its literals and comments told apart.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The text with comments and the insides of literals blanked; lines and columns unchanged.
    pub code: String,
    /// Line and content of every string literal.
    pub strings: Vec<(usize, String)>,
    /// Line and content of every comment.
    pub comments: Vec<(usize, String)>,
    /// One entry a line: does it belong to an item under `#[cfg(test)]`?
    test_lines: Vec<bool>,
    /// Names in `#[cfg(test)] mod name;`.
    pub test_module_names: Vec<String>,
}

impl Scanned {
    /// True if the line (from 1) belongs to test code.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.test_lines.get(line.wrapping_sub(1)).copied().unwrap_or(false)
    }

    /// How many lines are not test code.
    pub fn product_lines(&self) -> usize {
        self.test_lines.iter().filter(|in_test| !**in_test).count()
    }

    /// Lines of code that are not test code, numbered from 1.
    pub fn product_code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.code.lines().enumerate().map(|(index, line)| (index + 1, line));
        numbered.filter(|(line, _)| !self.is_test_line(*line))
    }

    /// Line of the byte offset `at` in `code`, from 1.
    pub fn line_of(&self, at: usize) -> usize {
        let before = self.code.as_bytes().get(..at).unwrap_or(self.code.as_bytes());
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }
}

/// Splits a file into code, strings, comments and test regions.
pub fn scan(text: &str) -> Scanned {
    let mut scanned = Splitter::new(text).split();
    mark_test_regions(&mut scanned);
    scanned
}

struct Splitter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    code: Vec<u8>,
    strings: Vec<(usize, String)>,
    comments: Vec<(usize, String)>,
}

impl<'a> Splitter<'a> {
    fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let code = Vec::with_capacity(bytes.len());
        Self { bytes, at: 0, line: 1, code, strings: vec![], comments: vec![] }
    }

    fn split(mut self) -> Scanned {
        while let Some(byte) = self.peek(0) {
            match byte {
                b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
                b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
                b'"' => self.string(),
                b'r' if self.raw_string_hashes(1).is_some() && !self.inside_word() => {
                    self.raw_string(1);
                }
                b'b' | b'c'
                    if self.peek(1) == Some(b'r')
                        && self.raw_string_hashes(2).is_some()
                        && !self.inside_word() =>
                {
                    self.raw_string(2);
                }
                b'\'' => self.char_or_lifetime(),
                _ => self.keep(),
            }
        }
        // Only ASCII and whole UTF-8 sequences were kept, or replaced byte by byte with blanks.
        let code = String::from_utf8_lossy(&self.code).into_owned();
        let test_lines = vec![false; code.lines().count()];
        let (strings, comments) = (self.strings, self.comments);
        Scanned { code, strings, comments, test_lines, test_module_names: vec![] }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn inside_word(&self) -> bool {
        self.code.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    }

    /// Passes one byte on as code.
    fn keep(&mut self) {
        if let Some(byte) = self.peek(0) {
            self.line += usize::from(byte == b'\n');
            self.code.push(byte);
            self.at += 1;
        }
    }

    /// Replaces one byte by a blank, so that places stay the same.
    fn blank(&mut self) {
        if let Some(byte) = self.peek(0) {
            self.line += usize::from(byte == b'\n');
            self.code.push(if byte == b'\n' { b'\n' } else { b' ' });
            self.at += 1;
        }
    }

    fn taken(&self, from: usize, to: usize) -> String {
        String::from_utf8_lossy(self.bytes.get(from..to).unwrap_or_default()).into_owned()
    }

    fn line_comment(&mut self) {
        let (from, line) = (self.at, self.line);
        while self.peek(0).is_some_and(|byte| byte != b'\n') {
            self.blank();
        }
        self.comments.push((line, self.taken(from, self.at)));
    }

    fn block_comment(&mut self) {
        let (from, line) = (self.at, self.line);
        let mut depth = 0_usize;
        while self.peek(0).is_some() {
            let pair = (self.peek(0), self.peek(1));
            if pair == (Some(b'/'), Some(b'*')) {
                depth += 1;
                self.blank();
            } else if pair == (Some(b'*'), Some(b'/')) {
                depth -= 1;
                self.blank();
            }
            self.blank();
            if depth == 0 {
                break;
            }
        }
        self.comments.push((line, self.taken(from, self.at)));
    }

    fn string(&mut self) {
        self.keep();
        let (from, line) = (self.at, self.line);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => break,
                b'\\' => {
                    self.blank();
                    self.blank();
                }
                _ => self.blank(),
            }
        }
        self.strings.push((line, self.taken(from, self.at)));
        self.keep();
    }

    /// Number of `#` if a raw string's quote follows after `skip` bytes.
    fn raw_string_hashes(&self, skip: usize) -> Option<usize> {
        let mut hashes = 0;
        while self.peek(skip + hashes) == Some(b'#') {
            hashes += 1;
        }
        (self.peek(skip + hashes) == Some(b'"')).then_some(hashes)
    }

    fn raw_string(&mut self, prefix: usize) {
        let hashes = self.raw_string_hashes(prefix).unwrap_or(0);
        for _ in 0..=prefix + hashes {
            self.keep();
        }
        let (from, line) = (self.at, self.line);
        while self.peek(0).is_some() && !self.closes_raw_string(hashes) {
            self.blank();
        }
        self.strings.push((line, self.taken(from, self.at)));
        for _ in 0..=hashes {
            self.keep();
        }
    }

    fn closes_raw_string(&self, hashes: usize) -> bool {
        self.peek(0) == Some(b'"') && (1..=hashes).all(|ahead| self.peek(ahead) == Some(b'#'))
    }

    /// `'x'` and `'\n'` are literals; `'name` without a closing quote is a lifetime.
    fn char_or_lifetime(&mut self) {
        self.keep();
        if self.peek(0) == Some(b'\\') {
            self.blank();
            self.blank();
            while self.peek(0).is_some_and(|byte| byte != b'\'') {
                self.blank();
            }
            self.keep();
            return;
        }
        let width = self.peek(0).map_or(1, utf8_width);
        if self.peek(width) == Some(b'\'') {
            for _ in 0..width {
                self.blank();
            }
            self.keep();
        }
    }
}

fn utf8_width(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

/// Marks the lines of every item under `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn mark_test_regions(scanned: &mut Scanned) {
    let mut from = 0;
    while let Some(found) = scanned.code.get(from..).and_then(find_test_attribute) {
        let start = from + found;
        let (end, is_block) = item_end(&scanned.code, start);
        let (first, last) = (scanned.line_of(start), scanned.line_of(end));
        for line in first..=last {
            if let Some(in_test) = scanned.test_lines.get_mut(line - 1) {
                *in_test = true;
            }
        }
        let declaration = scanned.code.get(start..end).unwrap_or_default();
        if !is_block && let Some((_, name)) = declaration.rsplit_once("mod ") {
            scanned.test_module_names.push(name.trim_end_matches(';').trim().to_owned());
        }
        from = end;
    }
}

fn find_test_attribute(code: &str) -> Option<usize> {
    ["#[cfg(test)]", "#[cfg(all(test,"].iter().filter_map(|form| code.find(form)).min()
}

/// Offset behind the item that starts at `start`, and whether it has a body in braces.
fn item_end(code: &str, start: usize) -> (usize, bool) {
    let mut nesting = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => nesting += 1,
            b')' | b']' => nesting = nesting.saturating_sub(1),
            b';' if nesting == 0 => return (offset + 1, false),
            b'{' if nesting == 0 => return (block_end(code, offset), true),
            _ => {}
        }
    }
    (code.len(), false)
}

/// Offset behind the brace that closes the one at `open`.
pub fn block_end(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return offset + 1;
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_blanked_in_place() {
        let scanned = scan("let a = \"x { y\"; // end }\nlet b = 'c';\n");
        assert_eq!(scanned.code, "let a = \"     \";         \nlet b = ' ';\n");
        assert_eq!(scanned.strings, [(1, "x { y".to_owned())]);
        assert_eq!(scanned.comments, [(1, "// end }".to_owned())]);
    }

    #[test]
    fn raw_strings_escapes_and_lifetimes_do_not_confuse_it() {
        let scanned = scan("fn f<'a>(s: &'a str) { r#\"say \"hi\" {\"#; \"\\\"}\"; '\\''; 'é'; }");
        assert_eq!(scanned.strings.len(), 2);
        assert_eq!(scanned.strings[0].1, "say \"hi\" {");
        assert_eq!(scanned.code.matches('{').count(), scanned.code.matches('}').count());
    }

    #[test]
    fn nested_block_comments_end_where_rust_ends_them() {
        let scanned = scan("/* a /* b */ c */ let x = 1;");
        assert_eq!(scanned.code.trim(), "let x = 1;");
    }

    #[test]
    fn test_modules_are_told_from_product_code() {
        let scanned = scan("fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
        assert_eq!(scanned.product_lines(), 2);
        assert!(!scanned.is_test_line(1) && scanned.is_test_line(4) && !scanned.is_test_line(6));
    }

    #[test]
    fn a_test_module_in_its_own_file_is_named() {
        let scanned = scan("#[cfg(test)]\nmod plans;\nmod real;\n");
        assert_eq!(scanned.test_module_names, ["plans"]);
        assert!(!scanned.is_test_line(3));
    }
}
