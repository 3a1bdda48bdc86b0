//! `tuskling config example`: every key with its default and what it does.

use crate::Config;

/// A complete `tuskling.toml`: each key commented out at its default, under a line that explains
/// it. Keys without a default show an example value.
#[must_use]
pub fn example() -> String {
    let defaults = toml::Table::try_from(Config::default()).unwrap_or_default();
    let mut text = String::from(
        "# tuskling.toml: every setting at its default. Remove the leading # to change one.\n\
         # Flags override TUSKLING_SECTION_KEY variables, which override this file.\n",
    );
    for (section, keys) in crate::sections::DOCS {
        text.push_str(&format!("\n[{section}]\n"));
        for (key, doc, shown) in *keys {
            let default = defaults.get(*section).and_then(|table| table.get(key));
            let value = default.map_or_else(|| (*shown).to_owned(), ToString::to_string);
            text.push_str(&format!("# {doc}\n#{key} = {value}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_names_every_key_and_can_be_read_back() {
        let text = example();
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (section, keys) in &defaults {
            assert!(text.contains(&format!("[{section}]")), "section {section}");
            for key in keys.as_table().unwrap().keys() {
                assert!(text.contains(&format!("\n#{key} = ")), "{section}.{key} is not explained");
            }
        }
        // A value and the file that holds it at once are refused, rightly.
        let twins = [
            "#url_file",
            "#password_file",
            "#route53_secret_access_key_file",
            "#s3_secret_access_key_file",
        ];
        let active: String = text
            .lines()
            .filter(|line| {
                !line.starts_with("# ") && !twins.iter().any(|twin| line.starts_with(twin))
            })
            .map(|line| format!("{}\n", line.trim_start_matches('#')))
            .collect();
        let config: Config = toml::from_str(&active).unwrap();
        config.validate().unwrap();
    }
}
