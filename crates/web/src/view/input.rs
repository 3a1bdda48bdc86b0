//! Form fields. One struct for all of them, so that every field has its label, its hint and its
//! error tied together for screen readers.

/// What was typed into a field and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextField {
    /// Shown again after an error. Never filled for passwords.
    pub value: String,
    /// What is wrong and how to mend it.
    pub error: Option<String>,
}

impl TextField {
    /// A field with a value and no error.
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// A field that must be corrected.
    pub fn with_error(value: impl Into<String>, error: impl Into<String>) -> Self {
        Self { value: value.into(), error: Some(error.into()) }
    }
}

/// An `<input>` with all that belongs to it.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// `name` and base of the element ids.
    pub name: &'static str,
    /// The visible label.
    pub label: &'static str,
    /// `type`.
    pub kind: &'static str,
    /// `autocomplete`, so that password managers and phones help.
    pub autocomplete: &'static str,
    /// What to type; may be empty.
    pub hint: &'a str,
    /// Text before the field's content, as `@`.
    pub prefix: &'static str,
    /// Longest text, in characters.
    pub longest: u32,
    /// Least length, 0 for none.
    pub shortest: u32,
    /// Whether the page opens with the cursor here.
    pub focused: bool,
    /// Value and error.
    pub field: &'a TextField,
}

impl<'a> Input<'a> {
    /// A required one-line text field.
    pub fn text(name: &'static str, label: &'static str, field: &'a TextField) -> Self {
        Self {
            name,
            label,
            kind: "text",
            autocomplete: "off",
            hint: "",
            prefix: "",
            longest: 255,
            shortest: 0,
            focused: false,
            field,
        }
    }

    /// Ids of hint and error for `aria-describedby`.
    pub fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.field.error.as_ref().map(|_| format!("{}-error", self.name));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}
