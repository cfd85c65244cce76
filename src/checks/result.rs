//! The words of results and severities (catalogue, section 1).

/// How bad a violation is (catalogue, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
}

/// The word of one result (catalogue, section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResultWord {
    Fail,
    Error,
    Unknown,
    Waived,
    Pass,
    NotApplicable,
}

impl Severity {
    /// All of them, critical first.
    pub const ALL: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

    pub fn word(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
        }
    }

    /// A mark that is told apart without colour; in every font we embed.
    pub fn mark(self) -> &'static str {
        match self {
            Severity::Critical => "◆",
            Severity::High => "▲",
            Severity::Medium => "●",
            Severity::Low => "○",
        }
    }

    /// Weights of the weighted compliance (catalogue 1.3).
    pub fn weight(self) -> u64 {
        match self {
            Severity::Critical => 8,
            Severity::High => 4,
            Severity::Medium => 2,
            Severity::Low => 1,
        }
    }

    pub fn parse(word: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.word() == word)
    }
}

impl ResultWord {
    /// Every word, strongest first (catalogue 1.1).
    pub const ALL: [ResultWord; 6] = [
        ResultWord::Fail,
        ResultWord::Error,
        ResultWord::Unknown,
        ResultWord::Waived,
        ResultWord::Pass,
        ResultWord::NotApplicable,
    ];

    pub fn word(self) -> &'static str {
        match self {
            ResultWord::Fail => "fail",
            ResultWord::Error => "error",
            ResultWord::Unknown => "unknown",
            ResultWord::Waived => "waived",
            ResultWord::Pass => "pass",
            ResultWord::NotApplicable => "not-applicable",
        }
    }

    pub fn parse(word: &str) -> Option<ResultWord> {
        ResultWord::ALL.into_iter().find(|result| result.word() == word)
    }
}
