//! The tokens of the sample.

use super::surroundings::EVIDENCE_SHEET;
use crate::report::input::TokenTally;

/// A made-up token; which one is decided by its number alone.
#[derive(Debug, Clone)]
pub struct Token {
    pub number: usize,
    /// The source that counts it.
    pub source: &'static str,
    /// Every source that lists it.
    pub sources: String,
    pub provider: String,
    pub account: String,
    pub token_id: String,
    pub name: Option<String>,
    pub owner: Option<String>,
    pub environment: &'static str,
    pub live: bool,
}

struct Family {
    source: &'static str,
    provider: &'static str,
    account: &'static str,
}

const FAMILIES: [Family; 7] = [
    Family { source: "aws-credential-report.csv", provider: "aws", account: "481516234200" },
    Family { source: "aws-secrets.json", provider: "aws", account: "481516234200" },
    Family { source: "github-fine-grained-pats.json", provider: "github", account: "acme-corp" },
    Family { source: "gitlab-tokens.json", provider: "gitlab", account: "gitlab.acme.example" },
    Family { source: "okta-api-tokens.json", provider: "okta", account: "acme.okta.example" },
    Family { source: "cloudflare-tokens.json", provider: "cloudflare", account: "acme-edge" },
    Family { source: EVIDENCE_SHEET, provider: "impact-com", account: "IRAcme" },
];

const OWNERS: [&str; 11] = [
    "ines.okafor@acme.example",
    "platform team",
    "tomas.lind@acme.example",
    "payments team",
    "yuki.tanaka@acme.example",
    "data team",
    "marta.kowalska@acme.example",
    "partner marketing",
    "sam.osei@acme.example",
    "edge team",
    "li.wei@acme.example",
];

const NAMES: [&str; 12] = [
    "nightly invoice export",
    "deploy to production",
    "partner reporting",
    "data warehouse loader",
    "status page",
    "order sync",
    "backup verification",
    "release bot",
    "DNS automation",
    "onboarding script",
    "conversion upload",
    "log shipping",
];

const ENVIRONMENTS: [&str; 5] = ["production", "production", "staging", "development", "production"];

/// The first `count` tokens.
pub fn all(count: usize) -> Vec<Token> {
    (0..count).map(token).collect()
}

fn token(number: usize) -> Token {
    let family = &FAMILIES[number % FAMILIES.len()];
    let also_in_sheet = number.is_multiple_of(3) && family.source != EVIDENCE_SHEET;
    Token {
        number,
        source: family.source,
        sources: if also_in_sheet { format!("{}, {EVIDENCE_SHEET}", family.source) } else { family.source.to_owned() },
        provider: family.provider.to_owned(),
        account: family.account.to_owned(),
        token_id: id(family, number),
        name: (number % 13 != 4).then(|| format!("{} {}", NAMES[number % NAMES.len()], number / NAMES.len() + 1)),
        owner: (number % 12 != 7).then(|| OWNERS[(number * 5 + number / 9) % OWNERS.len()].to_owned()),
        environment: ENVIRONMENTS[number % ENVIRONMENTS.len()],
        live: number % 17 != 11,
    }
}

/// Ids in the shapes of the providers.
fn id(family: &Family, number: usize) -> String {
    match family.source {
        "aws-credential-report.csv" => format!("arn:aws:iam::{}:user/svc-{number:03}/access_key_1", family.account),
        "aws-secrets.json" => format!("arn:aws:secretsmanager:eu-west-1:{}:secret:acme/app-{number:03}", family.account),
        "github-fine-grained-pats.json" => format!("{}", 250_000 + number * 31),
        "gitlab-tokens.json" => format!("project/{}/{}", 40 + number % 9, 9_000 + number),
        "okta-api-tokens.json" => format!("00T{:06}acme", number * 977),
        "cloudflare-tokens.json" => format!("cf-{:08x}", number * 104_729),
        _ => format!("IRAcme-{number:04}"),
    }
}

/// An empty tally for the token's group.
pub fn tally_of(token: &Token) -> TokenTally {
    TokenTally {
        provider: Some(token.provider.clone()),
        account: Some(token.account.clone()),
        owner: token.owner.clone(),
        environment: Some(token.environment.to_owned()),
        ..TokenTally::default()
    }
}
