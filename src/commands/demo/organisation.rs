//! The invented organisation of `demo`: which token is which, decided by its number and the seed alone.

/// The instant that the inventory is meant to be judged at: 2026-10-01T00:00:00Z, the end of 2026-Q3.
pub const AS_OF: i64 = 1_790_812_800;
/// When the files were exported: two hours before.
pub const EXPORTED_AT: i64 = AS_OF - 7200;

const DAY: i64 = 86_400;

const FIRST: &[&str] = &[
    "Ada", "Bashir", "Carmen", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ines", "Jonas", "Keiko", "Lars", "Mina", "Nadia",
    "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tomas", "Uma", "Viktor", "Wanda", "Ximena", "Yusuf", "Zofia",
];
const LAST: &[&str] = &[
    "Adler",
    "Brandt",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Ferrari",
    "Garcia",
    "Hansen",
    "Ivanov",
    "Jensen",
    "Kowalski",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
    "Quist",
    "Rossi",
    "Schmidt",
    "Tanaka",
    "Ulrich",
    "Varga",
    "Weber",
    "Yilmaz",
    "Zhang",
];
const APPLICATIONS: &[&str] = &[
    "billing",
    "checkout",
    "crm-sync",
    "data-lake",
    "deploy",
    "docs-site",
    "fraud-guard",
    "inventory",
    "mailer",
    "mobile-api",
    "monitoring",
    "partner-hub",
    "payroll",
    "reports",
    "search",
    "support-desk",
    "warehouse",
    "web-shop",
];
const TASKS: &[(&str, &str)] = &[
    ("sync", "Nightly sync"),
    ("reader", "Weekly figures"),
    ("publisher", "Publishing releases"),
    ("webhook", "Receiving events"),
    ("backup", "Backup of settings"),
    ("monitor", "Health checks"),
    ("importer", "Hourly order import"),
    ("cleaner", "Retention clean-up"),
];

/// Who issued a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    Gitlab,
    Cloudflare,
    Stripe,
    ImpactCom,
    InternalGateway,
}

impl Provider {
    pub fn name(self) -> &'static str {
        match self {
            Provider::Gitlab => "gitlab",
            Provider::Cloudflare => "cloudflare",
            Provider::Stripe => "stripe",
            Provider::ImpactCom => "impact.com",
            Provider::InternalGateway => "gateway",
        }
    }

    pub fn account(self) -> &'static str {
        match self {
            Provider::Gitlab => "gitlab-1",
            Provider::Cloudflare => "zones",
            Provider::Stripe => "eu",
            Provider::ImpactCom => "eu",
            Provider::InternalGateway => "hq",
        }
    }

    pub fn kind(self) -> &'static str {
        match self {
            Provider::Gitlab => "personal-access-token",
            Provider::Cloudflare => "api-token",
            Provider::Stripe => "restricted-key",
            Provider::ImpactCom => "access-token",
            Provider::InternalGateway => "api-key",
        }
    }

    /// Whether people keep the facts by hand, to the day, or have an export that states seconds.
    pub fn is_hand_kept(self) -> bool {
        !matches!(self, Provider::Gitlab | Provider::Cloudflare)
    }

    /// Scopes from harmless to far-reaching.
    fn scopes(self) -> &'static [&'static str] {
        match self {
            Provider::Gitlab => &["read_user", "read_api", "read_repository", "write_repository", "api"],
            Provider::Cloudflare => &["Zone Read", "DNS Read", "Analytics Read", "DNS Write", "API Tokens Write"],
            Provider::Stripe => &["charges:read", "balance:read", "customers:read", "refunds:write", "admin"],
            Provider::ImpactCom => &["reports:read", "actions:read", "catalog:read", "conversions:write", "full_access"],
            Provider::InternalGateway => &["orders:read", "stock:read", "prices:read", "orders:write", "*"],
        }
    }
}

/// One person of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub number: u64,
    pub first: &'static str,
    pub last: &'static str,
    pub email: String,
    /// UTC seconds, at midnight, for those who have left.
    pub left_at: Option<i64>,
}

/// A token as every file tells it. Instants are UTC seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub number: u64,
    pub provider: Provider,
    pub token_id: String,
    pub name: String,
    pub environment: &'static str,
    pub sensitivity: &'static str,
    /// In the provider's own word.
    pub state: &'static str,
    pub purpose: &'static str,
    /// Number of a person on the roster.
    pub owner: Option<u64>,
    pub created_at: i64,
    pub rotated_at: i64,
    /// At midnight, which every provider can say.
    pub expires_at: Option<i64>,
    pub last_used_at: Option<i64>,
    pub granted: Vec<&'static str>,
    pub required: Vec<&'static str>,
    pub store: Store,
    pub application: &'static str,
    pub endpoint_is_plain: bool,
    pub updated_at: i64,
    pub contact: Option<String>,
    pub contact_verified_at: i64,
    pub suspected_at: Option<i64>,
    /// Whether the provider's own export lists it.
    pub in_export: bool,
    pub in_sheet: bool,
    /// What went wrong when people kept the sheet.
    pub slip: Option<Slip>,
}

/// A mistake in the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// The date of creation was not filled in.
    NoCreation,
    /// The date of creation has the wrong century.
    WrongCentury,
    /// The row was pasted twice.
    Twice,
    /// The token goes by another name than at its provider.
    OtherName,
    /// The provider is called what nobody knows.
    OtherProvider,
}

/// Where a secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Store {
    pub kind: &'static str,
    pub encrypted: &'static str,
}

/// How many tokens there are, and which of all possible organisations this is.
#[derive(Debug, Clone, Copy)]
pub struct Organisation {
    pub tokens: u64,
    pub seed: u64,
}

impl Organisation {
    pub fn new(tokens: u64, seed: u64) -> Organisation {
        Organisation { tokens, seed }
    }

    /// One person for every forty tokens, within reason.
    pub fn people(&self) -> u64 {
        (self.tokens / 40).clamp(12, 5000)
    }

    /// The person of a number.
    pub fn person(&self, number: u64) -> Person {
        let mut dice = Dice::new(self.seed ^ 0x70656f706c65, number);
        let (first, last) = (dice.pick(FIRST), dice.pick(LAST));
        let left_at = dice.percent(6).then(|| AS_OF - dice.days(5, 300) * DAY);
        let email = format!("{}{number}@demo.example", last.to_lowercase());
        Person { number, first, last, email, left_at }
    }

    /// GitLab's number of a token's user; one without an owner on the roster belongs to nobody there.
    pub fn gitlab_user(&self, owner: Option<u64>) -> u64 {
        1 + owner.unwrap_or_else(|| self.people())
    }

    /// The token of a number, counted from 0.
    pub fn token(&self, number: u64) -> Token {
        let mut dice = Dice::new(self.seed, number);
        let provider = match number % 10 {
            0 | 5 => Provider::Gitlab,
            2 | 7 => Provider::Cloudflare,
            1 | 4 | 8 => Provider::InternalGateway,
            3 | 6 => Provider::Stripe,
            _ => Provider::ImpactCom,
        };
        let application = dice.pick(APPLICATIONS);
        let (task, purpose) = dice.pick_pair(TASKS);
        let environment = dice.weighted(&[(60, "production"), (20, "staging"), (20, "development")]);
        let created_at = AS_OF - dice.days(3, 900) * DAY - dice.seconds();
        // most secrets were changed within the last quarter; GitLab's are as old as the token
        let age = if dice.percent(78) { dice.days(1, 85) } else { dice.days(92, 600) };
        let changed_at = (AS_OF - age * DAY - dice.seconds()).max(created_at);
        let (created_at, rotated_at) =
            if provider == Provider::Gitlab { (changed_at, changed_at) } else { (created_at, changed_at) };
        let all = provider.scopes();
        let most = if dice.percent(6) { all.len() } else { all.len() - 1 };
        let granted: Vec<&str> = all.iter().take(most).filter(|_| dice.percent(40)).copied().collect();
        let granted = if granted.is_empty() { all.iter().take(1).copied().collect() } else { granted };
        let required = if dice.percent(10) { all.iter().take(1).copied().collect() } else { granted.clone() };
        let store = dice.weighted(&[
            (700, Store { kind: "secret-manager", encrypted: "yes" }),
            (150, Store { kind: "ci-secret-store", encrypted: "yes" }),
            (70, Store { kind: "encrypted-vault-file", encrypted: "yes" }),
            (40, Store { kind: "config-file", encrypted: "no" }),
            (20, Store { kind: "environment-variable", encrypted: "unknown" }),
            (20, Store { kind: "chat", encrypted: "no" }),
        ]);
        let owner = dice.between(0, self.people());
        let expires_at = dice.percent(70).then(|| {
            let days = if dice.percent(94) { dice.days(5, 300) } else { -dice.days(1, 60) };
            (AS_OF + days * DAY).max(created_at - created_at % DAY + DAY)
        });
        let state = match (provider, dice.percent(94)) {
            (Provider::Gitlab, false) => "revoked",
            (_, false) => "disabled",
            // these two switch a token to expired by themselves; what people keep by hand stays enabled
            (Provider::Gitlab | Provider::Cloudflare, true) if expires_at.is_some_and(|at| at <= AS_OF) => "expired",
            (_, true) => "enabled",
        };
        let slip = match dice.between(0, 1000) {
            number @ 0..35 if provider.is_hand_kept() => Some(match number {
                0..10 => Slip::NoCreation,
                10..20 => Slip::WrongCentury,
                20..30 => Slip::Twice,
                _ => Slip::OtherProvider,
            }),
            0..10 => Some(Slip::OtherName),
            _ => None,
        };
        let contact = dice.pick(APPLICATIONS);
        let updated_at =
            if dice.percent(92) { rotated_at + dice.seconds() % 7200 } else { (rotated_at - 30 * DAY).max(created_at) };
        let listed = dice.between(0, 100);
        Token {
            number,
            provider,
            token_id: token_id(provider, number),
            name: format!("{application} {task} {}", number % 97),
            environment,
            sensitivity: dice.weighted(&[(25, "high"), (50, "medium"), (25, "low")]),
            state,
            purpose: if number % 50 == 49 { "tbd" } else { purpose },
            owner: dice.percent(98).then_some(owner),
            created_at,
            rotated_at,
            expires_at,
            last_used_at: dice.percent(96).then(|| {
                let days = if dice.percent(90) { dice.days(0, 25) } else { dice.days(46, 400) };
                (AS_OF - days * DAY - dice.seconds()).max(created_at + 60).min(EXPORTED_AT)
            }),
            granted,
            required,
            store,
            application,
            endpoint_is_plain: dice.percent(4),
            updated_at: updated_at.min(EXPORTED_AT),
            contact: dice.percent(96).then(|| format!("{contact}@demo.example")),
            contact_verified_at: AS_OF - if dice.percent(91) { dice.days(1, 170) } else { dice.days(370, 900) } * DAY,
            suspected_at: dice.permille(4).then(|| rotated_at + if dice.percent(50) { -DAY } else { DAY / 2 }),
            in_export: listed != 0,
            in_sheet: listed != 1 || provider.is_hand_kept(),
            slip,
        }
    }
}

/// Ids in the form of each provider; none has the form of a secret.
fn token_id(provider: Provider, number: u64) -> String {
    match provider {
        Provider::Gitlab => (100_000 + number).to_string(),
        Provider::Cloudflare => format!("{:032x}", 0xc10d_0000_0000_u64 + number),
        Provider::Stripe => format!("mk-{number:08}"),
        Provider::ImpactCom => format!("it-{number:08}"),
        Provider::InternalGateway => format!("gw-{number:08}"),
    }
}

/// A row of numbers decided by a seed and a place in it (splitmix64).
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64, number: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03));
        dice.roll();
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least `low`, below `high`.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low).max(1)
    }

    pub fn days(&mut self, low: u64, high: u64) -> i64 {
        self.between(low, high).cast_signed()
    }

    /// A time of day.
    fn seconds(&mut self) -> i64 {
        self.between(0, 86_400).cast_signed()
    }

    pub fn percent(&mut self, percent: u64) -> bool {
        self.roll() % 100 < percent
    }

    fn permille(&mut self, permille: u64) -> bool {
        self.roll() % 1000 < permille
    }

    fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let index = self.roll() % words.len().max(1) as u64;
        words.get(index as usize).copied().unwrap_or_default()
    }

    fn pick_pair(&mut self, pairs: &[(&'static str, &'static str)]) -> (&'static str, &'static str) {
        let index = self.roll() % pairs.len().max(1) as u64;
        pairs.get(index as usize).copied().unwrap_or_default()
    }

    /// One of the choices, by weight; the last one takes what is left.
    pub fn weighted<T: Copy + Default>(&mut self, choices: &[(u64, T)]) -> T {
        let total: u64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.between(0, total);
        for (weight, choice) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        T::default()
    }
}

impl Default for Store {
    fn default() -> Store {
        Store { kind: "secret-manager", encrypted: "yes" }
    }
}
