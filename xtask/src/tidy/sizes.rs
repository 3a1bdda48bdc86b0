//! Files of at most 600 lines, functions of at most 100. Test code does not count.
use super::Breach;
use super::scan::{Scanned, block_end};
use super::tree::Tree;

const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 100;

/// Files over the stop.
pub fn files(tree: &Tree) -> Vec<Breach> {
    tree.product_rust()
        .filter(|(_, rust)| rust.product_lines() > FILE_LINES)
        .map(|(file, rust)| {
            let what = format!("{} lines, at most {FILE_LINES}", rust.product_lines());
            Breach::new(&file.path, 1, what, "split the file by verb; aim for 150 lines")
        })
        .collect()
}

/// Functions over the stop.
pub fn functions(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, rust) in tree.product_rust() {
        for function in functions_of(rust) {
            if function.lines > FUNCTION_LINES && !rust.is_test_line(function.line) {
                let what = format!(
                    "`{}` has {} lines, at most {FUNCTION_LINES}",
                    function.name, function.lines
                );
                let remedy = "give its steps names of their own; aim for 25 lines";
                breaches.push(Breach::new(&file.path, function.line, what, remedy));
            }
        }
    }
    breaches
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

fn functions_of(rust: &Scanned) -> Vec<Function> {
    let code = &rust.code;
    let mut functions = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        let name: String = code[at + 3..]
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        let Some(open) = body_start(code, at) else { continue };
        if name.is_empty() {
            continue; // a function type such as `dyn Fn ()`
        }
        let line = rust.line_of(at);
        let lines = 1 + rust.line_of(block_end(code, open).saturating_sub(1)) - line;
        functions.push(Function { name, line, lines });
    }
    functions
}

/// Offset of the brace that opens the body; none for a declaration that ends in a semicolon.
fn body_start(code: &str, from: usize) -> Option<usize> {
    let mut nesting = 0_usize;
    for (offset, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => nesting += 1,
            b')' | b']' => nesting = nesting.saturating_sub(1),
            b';' if nesting == 0 => return None,
            b'{' if nesting == 0 => return Some(offset),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::breaches_in;
    use super::*;

    fn function_of(lines: usize) -> String {
        format!("fn long(a: [u8; 2]) {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_a_hundred_lines_is_the_last_that_passes() {
        let path = "crates/app/src/statuses/post.rs";
        assert_eq!(breaches_in(functions, path, &function_of(100)), vec![]);
        let found = breaches_in(functions, path, &function_of(101));
        assert_eq!(found, [(1, "`long` has 101 lines, at most 100".to_owned())]);
    }

    #[test]
    fn a_long_test_function_does_not_count() {
        let text = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", function_of(150));
        assert_eq!(breaches_in(functions, "crates/app/src/lib.rs", &text), vec![]);
    }

    #[test]
    fn tests_beside_do_not_count_to_the_file() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    // line\n".repeat(500));
        let path = "crates/app/src/lib.rs";
        let passes = format!("{}{tests}", "// line\n".repeat(600));
        assert_eq!(breaches_in(files, path, &passes), vec![]);
        let fails = format!("{}{tests}", "// line\n".repeat(601));
        assert_eq!(breaches_in(files, path, &fails), [(1, "601 lines, at most 600".to_owned())]);
    }
}
