//! The little pictures of buttons: each page of the client carries their shapes once.

/// Markup that shows a shape of `client/icons.html`. It says nothing to a screen reader: the button
/// or link around it has words.
pub fn icon(name: &'static str) -> String {
    format!(
        "<svg class=\"icon\" width=\"20\" height=\"20\" aria-hidden=\"true\"><use href=\"#i-{name}\"/></svg>"
    )
}
