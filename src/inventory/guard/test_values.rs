//! Values that look like secrets, assembled while a test runs so that none stands in a file.

/// `count` characters that mix both cases and digits, and repeat late.
pub(crate) fn mixed(count: usize) -> String {
    repeat("q7Zw3XeK9rTb1YuP5sAd6FgL2hJ8kM4nVcQoBiWlEtRjGxHm", count)
}

/// Assembles a value from the pieces of a `sample` in patterns.toml.
pub(crate) fn assemble(pieces: &[String]) -> String {
    let joined = pieces.concat();
    let mut result = String::new();
    let mut rest = joined.as_str();
    while let Some((before, (inside, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        result.push_str(before);
        let (kind, count) = inside.split_once(':').unwrap_or(("mixed", inside));
        let count = count.parse().unwrap_or_else(|_| panic!("no count in `{{{inside}}}`"));
        result.push_str(&match kind {
            "mixed" => mixed(count),
            "hex" => repeat("3f9a1c7e5b2d8046", count),
            "lower" => repeat("q7zw3xek9rtb1yup5sad6fgl2hj8km4nvc", count),
            "upper" => repeat("Q7ZW3XEK9RTB1YUP5SAD6FGL2HJ8KM4NVC", count),
            "digit" => repeat("7391846205", count),
            other => panic!("unknown kind `{other}` in a sample"),
        });
        rest = after;
    }
    result.push_str(rest);
    result
}

fn repeat(alphabet: &str, count: usize) -> String {
    alphabet.chars().cycle().take(count).collect()
}
