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

/// What a check judges: it gives one result for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Subject {
    #[default]
    Token,
    /// An input file, registers included.
    Source,
}

impl Subject {
    /// Both of them.
    pub const ALL: [Subject; 2] = [Subject::Token, Subject::Source];

    pub fn word(self) -> &'static str {
        match self {
            Subject::Token => "token",
            Subject::Source => "source",
        }
    }

    pub fn parse(word: &str) -> Option<Subject> {
        Subject::ALL.into_iter().find(|subject| subject.word() == word)
    }

    /// The column that names the subject of a row; also the key of the view with one row for each subject, which is called as the
    /// word is.
    pub fn key_column(self) -> &'static str {
        match self {
            Subject::Token => "token_key",
            Subject::Source => "source_key",
        }
    }
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
