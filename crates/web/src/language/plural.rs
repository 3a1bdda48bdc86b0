//! How languages count: the cardinal rules for whole numbers of the Unicode CLDR (unicode.org, "Language Plural Rules"), each
//! under a name by which `locales/languages.txt` chooses it. Also read by `build.rs`, which checks catalogues against it.

/// The form of a noun that goes with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plural {
    /// `zero`.
    Zero,
    /// `one`.
    One,
    /// `two`.
    Two,
    /// `few`.
    Few,
    /// `many`.
    Many,
    /// `other`.
    Other,
}

impl Plural {
    /// Its name in catalogues.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::One => "one",
            Self::Two => "two",
            Self::Few => "few",
            Self::Many => "many",
            Self::Other => "other",
        }
    }
}

/// A family of languages that count alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// One form for all numbers: Japanese, Chinese, Korean, Indonesian, Vietnamese.
    Same,
    /// One is alone: English, German, Dutch, Swedish, Italian, Greek, Turkish and most others.
    One,
    /// Nothing and one alike: French, Brazilian Portuguese, Persian, Hindi.
    ZeroOne,
    /// One, two to four, more: Czech, Slovak.
    Czech,
    /// By the last digits: Polish.
    Polish,
    /// By the last digits: Russian, Ukrainian, Belarusian.
    Russian,
    /// Six forms: Arabic.
    Arabic,
    /// One, two, more: Hebrew.
    Hebrew,
}

impl Rule {
    /// By its name in `locales/languages.txt`.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "same" => Self::Same,
            "one" => Self::One,
            "zero-one" => Self::ZeroOne,
            "czech" => Self::Czech,
            "polish" => Self::Polish,
            "russian" => Self::Russian,
            "arabic" => Self::Arabic,
            "hebrew" => Self::Hebrew,
            _ => return None,
        })
    }

    /// The forms that whole numbers take.
    pub fn forms(self) -> &'static [Plural] {
        use Plural::{Few, Many, One, Other, Two, Zero};
        match self {
            Self::Same => &[Other],
            Self::One | Self::ZeroOne => &[One, Other],
            Self::Czech => &[One, Few, Other],
            Self::Polish | Self::Russian => &[One, Few, Many],
            Self::Arabic => &[Zero, One, Two, Few, Many, Other],
            Self::Hebrew => &[One, Two, Other],
        }
    }

    /// The form that goes with a number.
    pub fn of(self, number: u64) -> Plural {
        let (last, two_last) = (number % 10, number % 100);
        match self {
            Self::Same => Plural::Other,
            Self::One => by(&[(number == 1, Plural::One)]),
            Self::ZeroOne => by(&[(number <= 1, Plural::One)]),
            Self::Czech => {
                by(&[(number == 1, Plural::One), ((2..=4).contains(&number), Plural::Few)])
            }
            Self::Polish if number == 1 => Plural::One,
            Self::Russian if last == 1 && two_last != 11 => Plural::One,
            Self::Polish | Self::Russian => {
                let few = (2..=4).contains(&last) && !(12..=14).contains(&two_last);
                if few { Plural::Few } else { Plural::Many }
            }
            Self::Arabic => by(&[
                (number == 0, Plural::Zero),
                (number == 1, Plural::One),
                (number == 2, Plural::Two),
                ((3..=10).contains(&two_last), Plural::Few),
                ((11..=99).contains(&two_last), Plural::Many),
            ]),
            Self::Hebrew => by(&[(number == 1, Plural::One), (number == 2, Plural::Two)]),
        }
    }
}

/// The first form whose condition holds.
fn by(forms: &[(bool, Plural)]) -> Plural {
    forms.iter().find(|(holds, _)| *holds).map_or(Plural::Other, |(_, form)| *form)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_counts_in_its_own_way() {
        let forms = |rule: Rule, numbers: &[u64]| {
            numbers.iter().map(|number| rule.of(*number).name()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(forms(Rule::One, &[0, 1, 2, 11]), "other one other other");
        assert_eq!(forms(Rule::ZeroOne, &[0, 1, 2]), "one one other");
        assert_eq!(forms(Rule::Same, &[0, 1]), "other other");
        assert_eq!(forms(Rule::Czech, &[1, 3, 5, 22]), "one few other other");
        assert_eq!(forms(Rule::Polish, &[1, 2, 5, 12, 21, 22]), "one few many many many few");
        assert_eq!(forms(Rule::Russian, &[1, 2, 5, 11, 21, 112]), "one few many many one many");
        assert_eq!(forms(Rule::Hebrew, &[1, 2, 3]), "one two other");
        let arabic = "zero one two few many other few";
        assert_eq!(forms(Rule::Arabic, &[0, 1, 2, 3, 11, 100, 103]), arabic);
    }

    #[test]
    fn a_rule_gives_no_form_that_catalogues_do_not_know() {
        for name in ["same", "one", "zero-one", "czech", "polish", "russian", "arabic", "hebrew"] {
            let rule = Rule::parse(name).unwrap();
            assert!((0..1_000).all(|number| rule.forms().contains(&rule.of(number))), "{name}");
        }
        assert_eq!(Rule::parse("none"), None);
    }
}
