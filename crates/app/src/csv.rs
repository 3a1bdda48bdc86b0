//! Tables of comma-separated values (RFC 4180), as Mastodon writes and reads them.

/// A cell as it is written: in quotation marks where it must be.
pub(crate) fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The cells of each line that has any, with the number of the line it begins on (RFC 4180).
pub(crate) fn records(text: &str) -> Vec<(usize, Result<Vec<String>, String>)> {
    let mut records = Vec::new();
    let (mut line, mut begun) = (1, 1);
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let mut is_quoted = false;
    let mut was_quoted = false;
    let mut problem = None;
    let mut letters = text.chars().peekable();
    loop {
        let letter = letters.next();
        match letter {
            Some('"') if is_quoted => {
                if letters.next_if_eq(&'"').is_some() {
                    cell.push('"');
                } else {
                    is_quoted = false;
                    was_quoted = true;
                }
            }
            Some(letter) if is_quoted => {
                line += usize::from(letter == '\n');
                cell.push(letter);
            }
            Some('"') if cell.is_empty() && !was_quoted => is_quoted = true,
            Some('"') => problem = Some("a quotation mark inside a cell".to_owned()),
            Some(',') => {
                cells.push(std::mem::take(&mut cell));
                was_quoted = false;
            }
            Some('\r') if letters.peek() == Some(&'\n') => {}
            Some('\n') | None => {
                if is_quoted {
                    problem = Some("a quotation mark that is never closed".to_owned());
                }
                cells.push(std::mem::take(&mut cell));
                let taken = std::mem::take(&mut cells);
                if taken.iter().any(|cell| !cell.trim().is_empty()) || problem.is_some() {
                    records.push((begun, problem.take().map_or(Ok(taken), Err)));
                }
                was_quoted = false;
                line += 1;
                begun = line;
            }
            Some(letter) => cell.push(letter),
        }
        if letter.is_none() {
            return records;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_they_were_written() {
        let text = "a,\"b, \"\"c\"\"\nd\",e\r\n\nf\n,\n";
        let read = records(text);
        let cells = |cells: &[&str]| Ok(cells.iter().map(|cell| (*cell).to_owned()).collect());
        assert_eq!(read, [(1, cells(&["a", "b, \"c\"\nd", "e"])), (4, cells(&["f"]))]);
        for odd in ["x, y", "\"", "plain", " edge ", "two\nlines"] {
            assert_eq!(records(&cell(odd)), [(1, cells(&[odd]))], "{odd:?}");
        }
    }

    #[test]
    fn a_quotation_mark_out_of_place_spoils_its_line() {
        assert!(matches!(records("a\"b\nc").as_slice(), [(1, Err(_)), (2, Ok(_))]));
        assert!(matches!(records("a\n\"b\nc").as_slice(), [(1, Ok(_)), (2, Err(_))]));
    }
}
