//! Parameters of a check: what its header declares and what a policy may set.

use crate::store::Parameter as Bound;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A whole number, not negative.
    Number,
    /// The same, or the word `none` for no limit.
    NumberOrNone,
    Word,
    Words,
    Flag,
    /// A calendar date, `YYYY-MM-DD`.
    Date,
}

impl Type {
    /// What a value must look like, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Type::Number => "a whole number, not negative",
            Type::NumberOrNone => "a whole number, not negative, or \"none\"",
            Type::Word => "a text in quotes",
            Type::Words => "a list of texts",
            Type::Flag => "true or false",
            Type::Date => "a date, YYYY-MM-DD",
        }
    }
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterValue {
    Number(i64),
    /// No limit.
    None,
    Word(String),
    Words(Vec<String>),
    Flag(bool),
    Date(String),
}

impl ParameterValue {
    /// As it is bound in SQL: lists as JSON arrays, true and false as 1 and 0.
    pub fn bound(&self) -> Bound {
        match self {
            ParameterValue::Number(number) => Bound::Integer(*number),
            ParameterValue::None => Bound::Null,
            ParameterValue::Flag(flag) => Bound::Integer(i64::from(*flag)),
            ParameterValue::Word(text) | ParameterValue::Date(text) => Bound::Text(text.clone()),
            ParameterValue::Words(_) => Bound::Text(self.json().to_string()),
        }
    }

    /// As JSON.
    pub fn json(&self) -> Json {
        match self {
            ParameterValue::Number(number) => Json::from(*number),
            ParameterValue::None => Json::Null,
            ParameterValue::Word(text) | ParameterValue::Date(text) => Json::from(text.as_str()),
            ParameterValue::Words(words) => Json::from(words.clone()),
            ParameterValue::Flag(flag) => Json::from(*flag),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        match self {
            ParameterValue::Number(number) => number.to_string(),
            ParameterValue::None => "none".to_owned(),
            ParameterValue::Word(text) | ParameterValue::Date(text) => text.clone(),
            ParameterValue::Words(words) if words.is_empty() => "none".to_owned(),
            ParameterValue::Words(words) => words.join(", "),
            ParameterValue::Flag(true) => "yes".to_owned(),
            ParameterValue::Flag(false) => "no".to_owned(),
        }
    }
}

/// Which side of a limit the limit itself is on (catalogue 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// Fails above the limit; the limit itself passes.
    Over,
    /// Fails from the limit on.
    Reached,
}

impl Boundary {
    pub fn word(self) -> &'static str {
        match self {
            Boundary::Over => "over",
            Boundary::Reached => "reached",
        }
    }

    pub fn parse(word: &str) -> Option<Boundary> {
        [Boundary::Over, Boundary::Reached].into_iter().find(|boundary| boundary.word() == word)
    }
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Whole days.
    Days,
    /// Hours, compared in seconds.
    Hours,
}

impl Unit {
    pub fn word(self) -> &'static str {
        match self {
            Unit::Days => "days",
            Unit::Hours => "hours",
        }
    }

    pub fn parse(word: &str) -> Option<Unit> {
        [Unit::Days, Unit::Hours].into_iter().find(|unit| unit.word() == word)
    }

    /// `1 day`, `90 days`.
    pub fn counted(self, number: i64) -> String {
        let word = self.word();
        if number == 1 { format!("1 {}", word.trim_end_matches('s')) } else { format!("{number} {word}") }
    }
}

/// In which direction a value becomes stricter. Of word lists, `Lower` means that fewer words are stricter; of flags, true is higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stricter {
    Lower,
    Higher,
}

/// A value together with the side of the limit that passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: ParameterValue,
    /// Only limits have one.
    pub boundary: Option<Boundary>,
}

/// A parameter as the header of its check declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Also its name in the SQL, with a colon before it, unless it is read per token.
    pub name: String,
    /// One sentence.
    pub help: String,
    pub kind: Type,
    /// Value where no policy sets one.
    pub default: Setting,
    pub unit: Option<Unit>,
    pub stricter: Option<Stricter>,
    /// Overrides may change it from token to token: the SQL reads it from the view `parameter_value`.
    pub per_token: bool,
    /// The shared word list that is its value unless a policy sets another.
    pub list: Option<String>,
    /// The only words allowed; empty: any.
    pub choices: Vec<String>,
}

impl Parameter {
    /// The first number of days, or seconds for a limit in hours, that is a violation; one comparison then serves both boundaries.
    pub fn fails_from(&self, setting: &Setting) -> Option<i64> {
        let ParameterValue::Number(limit) = setting.value else { return None };
        let (scale, step) = match self.unit {
            Some(Unit::Hours) => (3600, 1),
            Some(Unit::Days) | None => (1, 1),
        };
        Some(limit.saturating_mul(scale).saturating_add(if setting.boundary == Some(Boundary::Over) { step } else { 0 }))
    }

    /// Names, without a colon, under which the SQL may read a parameter that is the same for every subject. Of a limit, `NAME` is the
    /// plain number, `NAME_fails_from` what [`Parameter::fails_from`] makes of it, and `NAME_origin` where it comes from.
    pub fn bound_names(&self) -> Vec<String> {
        let limit = self.default.boundary.is_some();
        let names =
            [Some(self.name.clone()), limit.then(|| self.deciding_name()), limit.then(|| format!("{}_origin", self.name))];
        names.into_iter().flatten().collect()
    }

    /// The one of [`Parameter::bound_names`] that the SQL must read, so that a policy never sets a value without effect.
    pub fn deciding_name(&self) -> String {
        if self.default.boundary.is_some() { format!("{}_fails_from", self.name) } else { self.name.clone() }
    }

    /// Whether `left` asks for more than `right`. Values without a known direction never do.
    pub fn is_stricter(&self, left: &Setting, right: &Setting) -> bool {
        self.more(left, right).unwrap_or(false)
    }

    /// Whether `left` asks for less than `right`, or is not comparable with it and differs.
    pub fn is_relaxed(&self, left: &Setting, right: &Setting) -> bool {
        left != right && self.more(left, right) != Some(true)
    }

    /// Some(true) if `left` is at least as strict as `right` and not equal to it; None where no direction is known.
    fn more(&self, left: &Setting, right: &Setting) -> Option<bool> {
        use ParameterValue::{Flag, Number, Word, Words};
        let higher = self.stricter? == Stricter::Higher;
        Some(match (&left.value, &right.value) {
            (Number(_), Number(_)) => {
                let (left, right) = (self.fails_from(left)?, self.fails_from(right)?);
                if higher { left > right } else { left < right }
            }
            // no limit is the loosest upper limit and the strictest lower one
            (Number(_), ParameterValue::None) => !higher,
            (ParameterValue::None, Number(_)) => higher,
            (Flag(left), Flag(right)) => left != right && *left == higher,
            // the choices stand in the header from the weakest to the strongest
            (Word(left), Word(right)) => {
                let place = |word: &String| self.choices.iter().position(|choice| choice == word);
                let (left, right) = (place(left)?, place(right)?);
                if higher { left > right } else { left < right }
            }
            (Words(left), Words(right)) => {
                let (left, right): (BTreeSet<_>, BTreeSet<_>) = (left.iter().collect(), right.iter().collect());
                left != right && if higher { left.is_superset(&right) } else { left.is_subset(&right) }
            }
            _ => return None,
        })
    }

    /// `90 days, over`.
    pub fn text(&self, setting: &Setting) -> String {
        let value = match (&setting.value, self.unit) {
            (ParameterValue::Number(number), Some(unit)) => unit.counted(*number),
            (value, _) => value.text(),
        };
        match setting.boundary {
            Some(boundary) => format!("{value}, {}", boundary.word()),
            None => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(unit: Option<Unit>) -> Parameter {
        Parameter {
            name: "limit".to_owned(),
            help: String::new(),
            kind: Type::Number,
            default: number(90, Boundary::Over),
            unit,
            stricter: Some(Stricter::Lower),
            per_token: true,
            list: None,
            choices: Vec::new(),
        }
    }

    fn number(value: i64, boundary: Boundary) -> Setting {
        Setting { value: ParameterValue::Number(value), boundary: Some(boundary) }
    }

    #[test]
    fn the_boundary_decides_which_age_fails_first() {
        let days = limit(Some(Unit::Days));
        assert_eq!(days.fails_from(&number(90, Boundary::Over)), Some(91));
        assert_eq!(days.fails_from(&number(90, Boundary::Reached)), Some(90));
        let hours = limit(Some(Unit::Hours));
        assert_eq!(hours.fails_from(&number(72, Boundary::Over)), Some(72 * 3600 + 1));
        assert_eq!(hours.fails_from(&number(0, Boundary::Reached)), Some(0));
    }

    #[test]
    fn reaching_a_limit_is_stricter_than_passing_over_it() {
        let days = limit(Some(Unit::Days));
        assert!(days.is_stricter(&number(90, Boundary::Reached), &number(90, Boundary::Over)));
        assert!(!days.is_stricter(&number(91, Boundary::Reached), &number(90, Boundary::Over)));
        assert!(days.is_relaxed(&number(91, Boundary::Over), &number(90, Boundary::Over)));
        assert!(!days.is_relaxed(&number(90, Boundary::Over), &number(90, Boundary::Over)));
    }

    #[test]
    fn lists_are_compared_as_sets() {
        let list = |words: &[&str]| Setting {
            value: ParameterValue::Words(words.iter().map(|word| (*word).to_owned()).collect()),
            boundary: None,
        };
        let fewer = Parameter { kind: Type::Words, stricter: Some(Stricter::Lower), ..limit(None) };
        assert!(fewer.is_stricter(&list(&["a"]), &list(&["a", "b"])));
        assert!(fewer.is_relaxed(&list(&["a", "c"]), &list(&["a", "b"])));
        assert!(!fewer.is_relaxed(&list(&["b", "a"]), &list(&["b", "a"])));
    }
}
